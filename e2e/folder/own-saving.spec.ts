import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { expect } from "playwright/test";
import { Random } from "../../src/fs/testing/random.js";
import { test } from "./fixtures.js";

const ROUNDS = 24;
/** Within which a change made outside is seen, less the second that Linux keeps what it was told. */
const SEEN = { timeout: 1000, intervals: [20] };

// The browser tells of the guest's saving as of the visitor's.
test("what the visitor saves right after the guest is seen, by its name and by what is in it", async ({
  page,
  drop,
  folder,
}) => {
  await mkdir(join(folder, "d"));
  await drop([folder]);
  await page.evaluate(async () => folderLab.mount((await dropped) as FileSystemDirectoryHandle));
  const random = new Random(1);
  for (let round = 0; round < ROUNDS; round++) {
    const [ours, theirs] = ["guest".padEnd(20 + round, "."), "visitor".padEnd(60 + round, ".")];
    await page.evaluate((text) => playing([{ do: "write", file: "d/file", text }], () => {}), ours);
    await page.evaluate(() => folderLab.save());
    await after(random.below(20)); // before, among and after the messages of the browser
    if (round % 2 === 0) await writeFile(join(folder, "d/file"), theirs);
    else {
      await writeFile(join(folder, "beside"), theirs);
      await rename(join(folder, "beside"), join(folder, "d/file"));
    }
    await expect.poll(() => page.evaluate(() => folderLab.size("d/file")), SEEN).toBe(theirs.length);
    expect(await page.evaluate(() => folderLab.text("d/file"))).toBe(theirs);
  }
  expect(await page.evaluate(() => folderLab.events())).toEqual([]);
});
