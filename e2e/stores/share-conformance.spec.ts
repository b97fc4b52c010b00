import { appendFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import { test } from "./lab.js";

/** A picked file is saved whole: this one is 4 GiB of zeros on the disk, 100 s. */
const TOO_SLOW_ON_DISK = "offsets past 4 GiB";

for (const [kind, store] of [
  ["opfs", "OpfsStore"],
  ["overlay", "OverlayStore"],
] as const) {
  test(`a share over ${store} does what every share does`, async ({ page, lab }) => {
    test.setTimeout(180_000);
    for (const [index, name] of (await lab.shareCaseNames(kind)).entries()) {
      await test.step(name, async () => {
        const failure = await page.evaluate(
          async ([kind, place, which]) => {
            const root = await navigator.storage.getDirectory();
            return globalThis.lab.runShareCase(kind, root, place, which).then(
              () => undefined,
              (error: Error) => error.stack,
            );
          },
          [kind, `${kind} ${index}`, name] as const,
        );
        expect.soft(failure, name).toBeUndefined();
      });
    }
  });
}

test("a share over PickedStore does what every share does", async ({ page, lab, drop, folder }) => {
  test.setTimeout(180_000);
  await drop([folder]);
  await page.exposeFunction("onDisk", async (action: string, path: string, text = "") => {
    const place = join(folder, path);
    if (action === "write") return writeFile(place, text);
    if (action === "append") return appendFile(place, text);
    if (action === "read") return readFile(place, "utf8");
    if (action === "list") return readdir(place);
    if (action === "makeDirectory") return mkdir(place);
    return rm(place, { recursive: true });
  });
  for (const [index, name] of (await lab.shareCaseNames("picked")).entries()) {
    if (name === TOO_SLOW_ON_DISK) continue;
    await test.step(name, async () => {
      const failure = await page.evaluate(
        async ([place, which]) => {
          const root = (await dropped) as FileSystemDirectoryHandle;
          const outside = diskSideIn(place);
          return globalThis.lab.runShareCase("picked", root, place, which, outside).then(
            () => undefined,
            (error: Error) => error.stack,
          );
        },
        [`case ${index}`, name] as const,
      );
      expect.soft(failure, name).toBeUndefined();
    });
  }
});
