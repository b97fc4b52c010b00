import { readFile } from "node:fs/promises";
import { failedCases, installFrom, PROGRAM } from "../../guest/posix/run-in-guest.js";
import { expect, test } from "../machine/fixtures.js";

/** What a folder of the disk cannot do, whatever we do: README's table says why. */
const IMPOSSIBLE = [
  /^directory: a tree deeper than PATH_MAX /,
  /^name-length: 255 (colons|dots|spaces|control characters) /,
  /^name-length: 255 bytes (ff|of private use characters|of surrogates|that end in a cut-off sequence) /,
  /^rename2: RENAME_EXCHANGE /,
  /^xattr-life: RENAME_EXCHANGE /,
];

test("a folder of the disk keeps what Linux promises, but for what no browser can do", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  test.setTimeout(900_000);
  const program = await readFile("guest/posix/posix-cases", "base64");
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");
  await page.evaluate(async (base64) => {
    const files = { "posix-cases": Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) };
    await globalThis.vm!.share({ files }, { tag: "tools" });
  }, program);
  await linux.run(installFrom("tools"));
  // Chromium's close() reads a file of 5 GiB once more, holes too, which takes up to 50 s: the usual limit of a case is 60.
  const env = { POSIX_CASES_TIME_LIMIT: "180" };
  const { stdout, stderr } = await page.evaluate(
    ({ program, env }) => globalThis.vm!.exec([program, "/mnt/folder"], { env }),
    { program: PROGRAM, env },
  );
  expect(stderr).toBe("");
  const failed = failedCases(stdout);
  expect(failed.filter((line) => !IMPOSSIBLE.some((pattern) => pattern.test(line)))).toEqual([]);
  for (const pattern of IMPOSSIBLE)
    expect(
      failed.some((line) => pattern.test(line)),
      String(pattern),
    ).toBe(true);
});
