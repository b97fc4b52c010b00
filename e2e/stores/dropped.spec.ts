import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import { Errno } from "../../src/posix/errno.js";
import { diskSnapshot, test } from "./lab.js";

test("a dropped directory has the names that were given in the guest", async ({ page, lab, start, drop, folder }) => {
  await start("picked");
  const names = ["a:b", "con", "end.", "x.lnk", "\\", "tab\t", "plain"];
  for (const name of names) {
    await lab.mkdir(name);
    await lab.create(`${name}/file?`);
    await lab.close(`${name}/file?`);
  }
  await page.reload();
  await page.waitForFunction(() => globalThis.lab !== undefined);
  await drop([folder]);
  await page.evaluate(() => startDropped());
  expect(await lab.list("folder")).toEqual(names.toSorted());
  expect(await lab.list("folder/con")).toEqual(["file?"]);
});

test("a dropped directory is read as it is on the disk", async ({ page, lab, drop, folder }) => {
  await mkdir(join(folder, "empty"));
  await mkdir(join(folder, "src"));
  for (let i = 0; i < 150; i++) await writeFile(join(folder, "src", `file ${i}`), `content ${i}`);
  await writeFile(join(folder, "README"), "read me");
  await drop([folder]);
  await page.evaluate(() => startDropped());
  const disk = Object.entries(await diskSnapshot(folder)).map(
    ([path, content]) => [`folder/${path}`, content] as const,
  );
  expect(await lab.snapshot()).toEqual({ folder: "directory", ...Object.fromEntries(disk) });
  expect(await lab.errnoOf("create", "new")).toBe(Errno.EROFS);
});
