import { expect } from "playwright/test";
import type { Page } from "playwright/test";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("shows where to drop while something is dragged over the page", async ({ page }) => {
  const overlay = page.locator("#drop-overlay");
  await expect(overlay).toBeHidden();
  await drag(page, "dragenter", "body");
  await expect(overlay).toBeVisible();
  await expect(page.getByText("Share a copy, read-only", { exact: true })).toBeHidden();
  await drag(page, "dragover", target("read-only"));
  await expect(page.locator(target("read-only"))).toHaveClass(/over/);
  await drag(page, "dragleave", "html");
  await expect(overlay).toBeHidden();
});

for (const [access, shown] of [
  ["read-write", "read and write"],
  ["read-only", "read-only"],
  ["copy-on-write", "copy-on-write · no changes"],
] as const) {
  test(`shares a folder ${access} where it was dropped so`, async ({ terminalPage, page }) => {
    await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("project", { create: true });
      Object.assign(DataTransferItem.prototype, { getAsFileSystemHandle: async () => folder });
    });
    await drag(page, "dragenter", "body");
    await drag(page, "drop", target(access));
    await expect(terminalPage.share("project").access).toHaveText(shown);
    await expect(page.locator("#drop-overlay")).toBeHidden();
  });
}

test("shares loose files together, read-only", async ({ terminalPage, page }) => {
  await drag(page, "drop", target("read-write"));
  await expect(terminalPage.share("files").access).toHaveText("read-only");
  await expect(terminalPage.share("files").item).toContainText("files as they were when shared");
});

test("says that it looks at what was dropped, and where that is nothing to share", async ({ page }) => {
  await page.evaluate(() => {
    const item = {
      kind: "file",
      getAsFile: () => null,
      webkitGetAsEntry: () => null,
      getAsFileSystemHandle: () => new Promise((resolve) => Object.assign(globalThis, { answer: resolve })),
    };
    const event = new Event("drop", { bubbles: true, cancelable: true });
    document.body.dispatchEvent(Object.assign(event, { dataTransfer: { types: ["Files"], items: [item] } }));
  });
  const news = page.locator("#share-news");
  await expect(news).toHaveText("Looking at what you dropped…");
  await page.evaluate(() => (globalThis as unknown as { answer: (handle: null) => void }).answer(null));
  await expect(news).toHaveText("That is no folder and no file.");
});

test("leaves dragged text alone", async ({ page }) => {
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/plain", "words");
    document.body.dispatchEvent(new DragEvent("dragenter", { bubbles: true, cancelable: true, dataTransfer }));
  });
  await expect(page.locator("#drop-overlay")).toBeHidden();
});

function target(access: string): string {
  return `#drop-overlay [data-access="${access}"]`;
}

/** A drag with a file. Folders and the real thing: the specs with a real machine. */
async function drag(page: Page, type: string, selector: string): Promise<void> {
  await page.locator(selector).evaluate((element, eventType) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["one"], "one.txt"));
    element.dispatchEvent(new DragEvent(eventType, { bubbles: true, cancelable: true, dataTransfer }));
  }, type);
}
