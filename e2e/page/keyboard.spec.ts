import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("the terminal has the focus, keeps Tab, and lets go with Ctrl+Shift+L", async ({ terminalPage, page }) => {
  await expect(terminalPage.terminal).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(terminalPage.terminal).toBeFocused();
  await expect.poll(() => page.evaluate(() => fakeMachine.console.typed)).toBe("\t");
  await page.keyboard.press("Control+Shift+L");
  await expect(page.getByRole("complementary", { name: "Shared folders" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("radio", { name: "read and write" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(terminalPage.shareButton).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(terminalPage.share("home").removeButton).toBeFocused();
});

test("the skip link leads back to the terminal", async ({ terminalPage, page }) => {
  const skip = page.getByRole("link", { name: "Skip to the terminal" });
  await skip.focus();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(terminalPage.terminal).toBeFocused();
});

test("has its landmarks", async ({ page }) => {
  for (const role of ["banner", "main", "complementary"] as const) await expect(page.getByRole(role)).toHaveCount(1);
  await expect(page.getByRole("main", { name: "Terminal" })).toBeVisible();
});

test("makes the terminal readable for screen readers and remembers it", async ({ terminalPage, page }) => {
  const choice = page.getByRole("checkbox", { name: "Screen reader support" });
  await expect(choice).not.toBeChecked();
  await choice.check();
  await expect(page.getByRole("list").filter({ hasText: "This is Linux" })).toBeAttached();
  await page.reload();
  await terminalPage.waitForReady();
  await expect(choice).toBeChecked();
});
