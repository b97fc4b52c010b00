import { chmod, readFile, readdir, rename, rm, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright/test";
import { type Linux, expect, test } from "./fixtures.js";

const FILES = ["file", "d/file"];

test.beforeEach(async ({ linux, drop, folder }) => {
  await mkdir(join(folder, "d"));
  for (const file of FILES) await writeFile(join(folder, file), "on the disk\n");
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
});

/** Appends in Linux to what the disk does not take: it is not saved until its permission bits, or another file there, allow it. */
async function appendUnsaved(linux: Linux, folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await chmod(join(folder, file), 0o444);
  for (const file of files) await linux.run(`(echo "Linux's" >> /mnt/folder/${file}) 2>&1; true`);
  for (const file of files) await expect(linux.share("folder").problem).toContainText(`${file} could not be saved`);
}

/** As editors save: another file takes the name at once. */
async function saveOutside(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Takes the permission back, as the visitor can in the browser's settings. */
async function revoke(context: BrowserContext, page: Page): Promise<void> {
  const settings = await context.newPage();
  await settings.goto("chrome://settings/content/filesystem");
  await settings.evaluate((origin) => {
    const { chrome } = globalThis as unknown as { chrome: { send(message: string, values: readonly string[]): void } };
    chrome.send("revokeFileSystemGrants", [origin]);
  }, new URL(page.url()).origin);
  await page.bringToFront();
}

test("each of two files that were changed on both sides is told of, and both versions are kept", async ({
  linux,
  folder,
}) => {
  await appendUnsaved(linux, folder, FILES);
  for (const file of FILES) await saveOutside(join(folder, file), "the visitor's\n");
  for (const file of FILES) {
    await expect(linux.messages).toContainText(
      `${file} was changed on both sides: the guest's version is saved as file.`,
    );
  }
  await expect(linux.share("folder").unsaved).toHaveText("saved");
  for (const directory of [folder, join(folder, "d")]) {
    const conflict = (await readdir(directory)).find((name) => name.startsWith("file.conflict-"))!;
    expect(await readFile(join(directory, conflict), "utf8")).toBe("on the disk\nLinux's\n");
    expect(await readFile(join(directory, "file"), "utf8")).toBe("the visitor's\n");
  }
});

test("what was written below a directory that is renamed outside is on the disk, where the directory was", async ({
  linux,
  folder,
}) => {
  await appendUnsaved(linux, folder, ["d/file"]);
  await rename(join(folder, "d"), join(folder, "renamed"));
  await expect(linux.messages).toContainText("d/file was changed on both sides");
  await expect(linux.share("folder").unsaved).toHaveText("saved");
  expect(await readFile(join(folder, "renamed/file"), "utf8")).toBe("on the disk\n");
  const names = await readdir(join(folder, "d"));
  expect(names).toEqual([expect.stringMatching(/^file\.conflict-/)]);
  expect(await readFile(join(folder, "d", names[0]!), "utf8")).toBe("on the disk\nLinux's\n");
  await expect.poll(() => linux.run("cd /mnt/folder && ls d renamed")).toBe(`d:\n${names[0]}\n\nrenamed:\nfile\n`);
});

test("a file that could not be saved is no problem any more when Linux removes it", async ({ linux, folder }) => {
  await appendUnsaved(linux, folder, FILES);
  await linux.run("rm -f /mnt/folder/d/file");
  await expect(linux.share("folder").problem).not.toContainText("d/file");
  await linux.run("rm -f /mnt/folder/file");
  await expect(linux.share("folder").problem).toHaveText("");
  await expect(linux.messages).toHaveCount(0);
  await expect(linux.share("folder").unsaved).toHaveText("saved");
});

test("a directory that cannot be renamed, as the browser hides something in it, is told of with what to do", async ({
  linux,
  folder,
}) => {
  await symlink("file", join(folder, "d/link"));
  await linux.run("mv /mnt/folder/d /mnt/folder/e");
  await expect(linux.messages).toContainText(
    "e could not be saved: there is something in it that the browser shows to no",
  );
  await rm(join(folder, "d/link"));
  await linux.saved("folder");
  await expect(linux.share("folder").problem).toHaveText("");
  expect(await readFile(join(folder, "e/file"), "utf8")).toBe("on the disk\n");
});

test("a permission that is withdrawn is told of, and what was not saved is when it is given again", async ({
  linux,
  page,
  context,
  drop,
  folder,
}) => {
  await appendUnsaved(linux, folder, ["file"]);
  await revoke(context, page);
  const share = linux.share("folder");
  await expect(share.unsaved).toHaveText(/^needs permission: 1 file \(20 bytes\) not saved/);
  await expect(linux.messages).toContainText(
    "took back the permission for “folder”. Allow it again, or share it again",
  );
  await expect(share.allowButton).toBeVisible();
  // It is waited for first, as long as README says.
  expect(await linux.run("(cat /mnt/folder/d/file) 2>&1; true")).toContain("Input/output error");
  await chmod(join(folder, "file"), 0o644);
  await drop([folder], linux.dropPoint("read-write"));
  await expect(share.unsaved).toHaveText("saved");
  await expect(share.problem).toHaveText("");
  await expect(share.allowButton).toBeHidden();
  expect(await readFile(join(folder, "file"), "utf8")).toBe("on the disk\nLinux's\n");
  expect(await linux.run("cat /mnt/folder/file /mnt/folder/d/file")).toBe("on the disk\nLinux's\non the disk\n");
});
