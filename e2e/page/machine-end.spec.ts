import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("offers to start again after poweroff", async ({ terminalPage, page }) => {
  await page.evaluate(() => fakeMachine.end("stopped"));
  await expect(terminalPage.status).toHaveText("stopped");
  await expect(terminalPage.messages).toHaveCount(0);
  await expect(terminalPage.shareNames).toHaveCount(0);
  await expect(terminalPage.restartButton).toBeFocused();
  await page.keyboard.press("Enter");
  await terminalPage.waitForReady();
  await expect(terminalPage.shareNames).toHaveText(["home"]);
  await terminalPage.type("echo again");
  await terminalPage.waitForOutput("~ #");
});

test("names what was not saved when the Worker dies", async ({ terminalPage, page }) => {
  await page.evaluate(() => {
    fakeMachine.shares[0]!.update({ unsavedBytes: 12_345, unsavedFiles: 2 });
    fakeMachine.end("failed", "The machine's Worker has ended unexpectedly.");
  });
  await expect(terminalPage.messages).toContainText(
    "The machine's Worker has ended unexpectedly. “home”: 12 kB in 2 files not saved yet.",
  );
  await terminalPage.restartButton.click();
  await terminalPage.waitForReady();
  await expect(terminalPage.messages).toHaveCount(0);
});
