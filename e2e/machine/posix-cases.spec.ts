import { readFile } from "node:fs/promises";
import { failedCases, installFrom, PROGRAM } from "../../guest/posix/run-in-guest.js";
import { expect, test } from "./fixtures.js";

test("a folder of OPFS keeps what Linux promises of a file system", async ({ linux, page }) => {
  test.setTimeout(600_000);
  const program = await readFile("guest/posix/posix-cases", "base64");
  await page.evaluate(async (base64) => {
    const files = { "posix-cases": Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) };
    await globalThis.vm!.share({ files }, { tag: "tools" });
    await globalThis.vm!.share({ opfs: "posix-cases" }, { tag: "work" });
  }, program);
  await linux.run(installFrom("tools"));
  const { stdout, stderr } = await page.evaluate((program) => globalThis.vm!.exec([program, "/mnt/work"]), PROGRAM);
  expect(stderr).toBe("");
  expect(failedCases(stdout)).toEqual([]);
});
