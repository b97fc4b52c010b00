import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test("names what to do without WebAssembly", async ({ terminalPage, page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  await terminalPage.open();
  await expect(terminalPage.messages).toContainText("this browser has no WebAssembly");
  await expect(terminalPage.status).toHaveText("failed");
  await expect(terminalPage.shareButton).toBeDisabled();
});

test("starts without /mnt/home in a private window", async ({ terminalPage, page }) => {
  await page.addInitScript(() => {
    navigator.storage.getDirectory = () => Promise.reject(new DOMException("Security error", "SecurityError"));
  });
  await terminalPage.open();
  await terminalPage.waitForReady();
  await expect(terminalPage.messages).toContainText("Linux starts without /mnt/home");
  await expect(terminalPage.shareNames).toHaveCount(0);
  expect(await terminalPage.text()).not.toContain("/mnt/home");
});

test.describe("without a folder picker", () => {
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => {
      Reflect.deleteProperty(window, "showDirectoryPicker");
      Reflect.deleteProperty(DataTransferItem.prototype, "getAsFileSystemHandle");
    });
  });

  test("names the browsers that have one and shares a copy", async ({ terminalPage, page }) => {
    await terminalPage.open();
    await terminalPage.waitForReady();
    await expect(page.getByText("Chrome, Edge or Opera on a computer do")).toBeVisible();
    await expect(page.getByRole("radio", { name: "read and write" })).toBeHidden();
    await terminalPage.chooseAccess("read-only");
    const choosing = page.waitForEvent("filechooser");
    await terminalPage.shareButton.click();
    await (await choosing).setFiles("e2e/page/fake");
    const share = terminalPage.share("files");
    await expect(share.access).toHaveText("read-only");
    await expect(share.item).toContainText("files as they were when shared");
  });
});
