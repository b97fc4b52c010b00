import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import { test as base } from "../fixtures/real-folder.js";
import { Linux } from "./fixtures.js";

/** A browser without File System Access, as Firefox and Safari are. */
const test = base.extend<{ linux: Linux }>({
  linux: async ({ context, baseURL, folder }, use) => {
    await mkdir(join(folder, "deep/er"), { recursive: true });
    await mkdir(join(folder, "empty"));
    await writeFile(join(folder, "deep/er/file"), "found");
    const page = context.pages()[0]!;
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, "showDirectoryPicker");
      Reflect.deleteProperty(DataTransferItem.prototype, "getAsFileSystemHandle");
    });
    await page.goto(baseURL!);
    const linux = new Linux(page);
    await linux.waitForReady();
    await use(linux);
  },
});

test("a dropped folder is shared read-only, and the page says so", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-only"));
  await expect(linux.share("folder").access).toHaveText("read-only");
  expect(await linux.run("cd /mnt/folder && find | sort && cat deep/er/file")).toBe(
    ".\n./deep\n./deep/er\n./deep/er/file\n./empty\nfound",
  );
  expect(await linux.run("(echo x > /mnt/folder/new) 2>&1; true")).toContain("Read-only file system");
});

test("a folder chosen with a file input is shared read-only", async ({ linux, page, folder }) => {
  await linux.chooseAccess("read-only");
  const choosing = page.waitForEvent("filechooser");
  await linux.shareButton.click();
  await (await choosing).setFiles(folder);
  await expect(linux.share("folder").access).toHaveText("read-only");
  expect(await linux.run("cat /mnt/folder/deep/er/file")).toBe("found");
});

test("a dropped folder is changed in the browser only, where that was chosen", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("read-write")); // the left of two places here
  await expect(linux.share("folder").access).toHaveText("copy-on-write · no changes");
  expect(await linux.run("cd /mnt/folder && echo more >> deep/er/file && mv deep moved && cat moved/er/file")).toBe(
    "foundmore\n",
  );
  const changes = await page.evaluate(() => globalThis.vm!.shares.at(-1)!.changes());
  expect(changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    "deleted deep",
    "deleted deep/er",
    "deleted deep/er/file",
    "added moved",
    "added moved/er",
    "added moved/er/file",
  ]);
  const refused = await page.evaluate(() =>
    globalThis
      .vm!.shares.at(-1)!
      .apply()
      .catch((error) => error.message),
  );
  expect(refused).toContain("download the changes");
  expect(await readFile(join(folder, "deep/er/file"), "utf8")).toBe("found");
});
