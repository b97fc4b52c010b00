import { expect } from "playwright/test";
import type { Page } from "playwright/test";
import { lowContrast } from "./contrast.js";
import { test } from "./fixtures.js";

const LEFT = { folder: "project", size: 1234, lastWrite: Date.UTC(2026, 10, 22, 12) } as const;

/** What an earlier visit left: a folder, here of OPFS, and what the browser says when the page asks for it. */
async function remember(page: Page, permission: PermissionState, access = "read-only"): Promise<void> {
  await page.addInitScript((given) => {
    let state = given;
    Object.assign(FileSystemHandle.prototype, {
      queryPermission: async () => state,
      requestPermission: async () => (state = navigator.userActivation.isActive ? "granted" : state),
    });
  }, permission);
  await page.evaluate(async (access) => {
    const folder = "project";
    const root = await navigator.storage.getDirectory();
    const handle = await root.getDirectoryHandle(folder, { create: true });
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open("v86-virtiofs", 1);
      opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("folders", { keyPath: "id" }));
      opening.addEventListener("error", reject);
      opening.addEventListener("success", () => {
        const transaction = opening.result.transaction("folders", "readwrite");
        const entry = { id: folder, handle, tag: "tools", access, lastShared: Date.now() };
        transaction.objectStore("folders").put(entry);
        transaction.addEventListener("complete", resolve);
        opening.result.close();
      });
    });
  }, access);
  await page.reload();
}

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("a folder comes back with one click where the browser asks first", async ({ terminalPage, page }) => {
  await remember(page, "prompt");
  const earlier = page.getByRole("list", { name: "Folders of earlier visits" });
  await expect(earlier.getByRole("listitem")).toHaveText(/^projectread-only, /);
  await expect(terminalPage.shareNames).toHaveText(["home"]);
  await earlier.getByRole("button", { name: "Reconnect project" }).click();
  await expect(terminalPage.share("project").mountPoint).toHaveText("/mnt/tools");
  await expect(terminalPage.share("project").access).toHaveText("read-only");
  await expect(earlier).toBeHidden();
  await terminalPage.share("project").removeButton.click();
  await expect(earlier).toBeVisible();
});

test("a folder comes back by itself where the browser kept the permission", async ({ terminalPage, page }) => {
  await remember(page, "granted");
  await expect(terminalPage.share("project").mountPoint).toHaveText("/mnt/tools");
  await expect(page.getByRole("list", { name: "Folders of earlier visits" })).toBeHidden();
});

test("a folder that is gone is told of in its row, and comes back when it is there again", async ({
  terminalPage,
  page,
}) => {
  const inOpfs = (action: "getDirectoryHandle" | "removeEntry") =>
    page.evaluate(async (call) => {
      const root = await navigator.storage.getDirectory();
      await (call === "removeEntry"
        ? root.removeEntry("project")
        : root.getDirectoryHandle("project", { create: true }));
    }, action);
  await remember(page, "granted");
  await expect(terminalPage.share("project").mountPoint).toBeVisible();
  await inOpfs("removeEntry");
  await page.reload();
  const row = page.getByRole("list", { name: "Folders of earlier visits" }).getByRole("listitem");
  await expect(row).toHaveText(/^projectgone from the disk · read-only, /);
  await row.getByRole("button", { name: "Reconnect project" }).click();
  await expect(page.getByText("“project” is not there")).toBeVisible();
  await expect(terminalPage.messages).toHaveCount(0);
  await inOpfs("getDirectoryHandle");
  await row.getByRole("button", { name: "Reconnect project" }).click();
  await expect(terminalPage.share("project").mountPoint).toHaveText("/mnt/tools");
  await expect(row).toHaveCount(0);
});

test("a folder is forgotten when the visitor says so twice", async ({ page }) => {
  await remember(page, "prompt");
  const forget = page.getByRole("button", { name: "Forget project" });
  page.once("dialog", (dialog) => void dialog.dismiss());
  await forget.click();
  await expect(forget).toBeVisible();
  page.once("dialog", (dialog) => void dialog.accept());
  await forget.click();
  await expect(forget).toBeHidden();
  await expect(page.getByText("“project” is forgotten.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Share a folder/ })).toBeFocused();
  await page.reload();
  await expect(page.getByRole("status")).toHaveText("ready");
  await expect(forget).toBeHidden();
});

test("a folder whose changes were kept says so, also before they are thrown away with it", async ({ page }) => {
  await remember(page, "prompt", "copy-on-write");
  const row = page.getByRole("list", { name: "Folders of earlier visits" }).getByRole("listitem");
  await expect(row).toHaveText(/^projectchanges kept in this browser, /);
  const asked = page.waitForEvent("dialog");
  const pressed = row.getByRole("button", { name: "Forget project" }).click();
  const dialog = await asked;
  expect(dialog.message()).toContain("all that Linux changed in it and you did not apply");
  await dialog.dismiss();
  await pressed;
  await page.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry("project"));
  await row.getByRole("button", { name: "Reconnect project" }).click();
  await expect(page.getByText("“project” is not there")).toContainText("kept here until it is back in its old one");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`files that were not saved, ${colorScheme}, on a phone`, () => {
    test.use({
      colorScheme,
      viewport: { width: 360, height: 740 },
      behaviour: {
        leftovers: [
          { ...LEFT, path: "src/main.c", reach: "available", changed: true },
          { ...LEFT, path: `${"long/".repeat(30)}name`, reach: "unknown" },
        ],
      },
    });

    test("are decided about by keyboard, one by one", async ({ terminalPage, page }) => {
      await expect(terminalPage.messages).toContainText("2 files of earlier visits were not saved in the folder");
      await page.getByRole("button", { name: "Look at them…" }).press("Enter");
      const panel = page.getByRole("dialog", { name: "Files that were not saved" });
      await expect(panel.getByRole("button", { name: "Finish saving: src/main.c" })).toBeFocused();
      expect(await page.evaluate(lowContrast)).toEqual([]);
      expect(await panel.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await page.keyboard.press("Enter");
      await expect(panel).toContainText("src/main.c is saved.");
      await expect(panel.getByRole("listitem")).toHaveCount(1);
      await expect(panel.getByRole("button", { name: /^Download/ })).toBeFocused();
      await page.keyboard.press("Escape");
      await expect(panel).toBeHidden();
      await expect(terminalPage.messages).toContainText("1 file of an earlier visit was not saved");
    });
  });
}
