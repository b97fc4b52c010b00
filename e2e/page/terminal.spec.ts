import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("tells the console its size, and again when it changes", async ({ page }) => {
  const sizes = () => page.evaluate(() => ({ ...fakeMachine.console.size, shown: [terminal.cols, terminal.rows] }));
  const before = await sizes();
  expect([before.columns, before.rows]).toEqual(before.shown);
  await page.setViewportSize({ width: 900, height: 500 });
  await expect.poll(async () => (await sizes()).columns).toBeLessThan(before.columns);
  const after = await sizes();
  expect([after.columns, after.rows]).toEqual(after.shown);
});

test("reads no faster than it shows, and takes Ctrl-C meanwhile", async ({ terminalPage, page }) => {
  const waiting = () => page.evaluate(() => fakeMachine.console.waitingChunks);
  await terminalPage.terminal.focus();
  await page.evaluate(() => {
    const lines = "0123456789abcdef\r\n".repeat(4096);
    for (let chunk = 0; chunk < 300; chunk++) fakeMachine.console.print(lines);
  });
  await page.keyboard.press("Control+C");
  await expect.poll(() => page.evaluate(() => fakeMachine.console.typed), { intervals: [10] }).toBe("\x03");
  expect(await waiting()).toBeGreaterThan(100);
  await expect.poll(waiting).toBe(0);
});
