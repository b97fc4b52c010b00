import { join } from "node:path";
import { expect } from "playwright/test";
import { diskSnapshot, test } from "./lab.js";

test("OpfsStore does what every store does", async ({ page, lab }) => {
  for (const [index, name] of (await lab.caseNames()).entries()) {
    await test.step(name, async () => {
      const failure = await page.evaluate(
        async ([place, which]) => {
          const root = await navigator.storage.getDirectory();
          return globalThis.lab.runCase("opfs", root, place, which).then(() => undefined, String);
        },
        [`case ${index}`, name] as const,
      );
      expect.soft(failure, name).toBeUndefined();
    });
  }
});

test("OverlayStore does what every store does, and the disk stays empty", async ({ page, lab, drop, folder }) => {
  await drop([folder]);
  for (const [index, name] of (await lab.caseNames()).entries()) {
    await test.step(name, async () => {
      const directory = `case ${index}`;
      const failure = await page.evaluate(
        async ([place, which]) => {
          const root = (await dropped) as FileSystemDirectoryHandle;
          return globalThis.lab.runCase("overlay", root, place, which).then(() => undefined, String);
        },
        [directory, name] as const,
      );
      expect.soft(failure, name).toBeUndefined();
      expect.soft(await diskSnapshot(join(folder, directory)), name).toEqual({});
    });
  }
});

test("PickedStore does what every store does, on the disk", async ({ page, lab, drop, folder }) => {
  await drop([folder]);
  for (const [index, name] of (await lab.caseNames()).entries()) {
    await test.step(name, async () => {
      const directory = `case ${index}`;
      const result = await page.evaluate(
        async ([place, which]) => {
          const root = (await dropped) as FileSystemDirectoryHandle;
          return globalThis.lab.runCase("picked", root, place, which).catch(String);
        },
        [directory, name] as const,
      );
      expect.soft(result, name).toEqual(await diskSnapshot(join(folder, directory)));
    });
  }
});
