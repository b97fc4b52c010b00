import { appendFile, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { expect } from "playwright/test";
import { Random } from "../../src/fs/testing/random.js";
import { filesOf, test } from "./fixtures.js";

const FILES = ["a", "b", "c"];
const SECONDS = Number(process.env["BOTH_SIDES_SECONDS"] ?? 15);
const SEED = Number(process.env["BOTH_SIDES_SEED"] ?? 1);
/** Milliseconds between the edits of a side, at most: some commits take place undisturbed. */
const PAUSE = 1500;
const CONFLICT = /\.conflict-[-\d]+$/;

test(`the visitor and the guest append to the same files for ${SECONDS} s: every line is kept, every conflict told`, async ({
  page,
  drop,
  folder,
}) => {
  test.setTimeout((SECONDS + 60) * 1000);
  for (const file of FILES) await writeFile(join(folder, file), "begin\n");
  await page.waitForFunction(() => globalThis.folderLab !== undefined);
  await drop([folder]);
  await page.evaluate(async () => folderLab.mount((await dropped) as FileSystemDirectoryHandle));
  const end = Date.now() + SECONDS * 1000;
  const written: string[] = [];

  const onDisk = async (): Promise<void> => {
    const random = new Random(SEED);
    for (let count = 0; Date.now() < end; count++) {
      const file = random.pick(FILES);
      // While the browser swaps a new version in, an edit may be lost: it has no way to ask that nothing changed meanwhile.
      if (!(await readdir(folder)).includes(`${file}.crswap`)) {
        const line = `visitor ${count}\n`;
        await appendFile(join(folder, file), line);
        written.push(line);
      }
      await after(random.below(PAUSE));
    }
  };
  const inGuest = async (): Promise<void> => {
    const random = new Random(-SEED);
    for (let count = 0; Date.now() < end; count++) {
      const line = `guest ${count}\n`;
      await page.evaluate(([file, line]) => folderLab.append(file, line), [random.pick(FILES), line] as const);
      written.push(line);
      await after(random.below(PAUSE));
    }
  };
  await Promise.all([onDisk(), inGuest()]);
  await page.evaluate(() => folderLab.save());

  const disk = await filesOf(folder);
  const all = [...disk.values()].join("");
  for (const line of written) expect(all).toContain(line);
  const events = await page.evaluate(() => folderLab.events());
  const told = events.flatMap((event) => (event.kind === "conflict" ? [event.conflictName] : []));
  const conflicts = [...disk.keys()].filter((name) => CONFLICT.test(name));
  expect(new Set(told)).toEqual(new Set(conflicts));
  expect([...disk.keys()].filter((name) => !CONFLICT.test(name)).toSorted()).toEqual(FILES);
  expect(conflicts.length).toBeGreaterThan(0);
  for (const file of FILES) expect(await readFile(join(folder, file), "utf8")).toMatch(/^begin\n/);
});
