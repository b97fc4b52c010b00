import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test("a tab whose files do not come says so, and starts without them", async ({ show, page, context, site }) => {
  const [vm] = await show(["load=now&file:a=1"]);
  await vm!.waitForText("~ #");
  // The listing never ends: what the tab waits for when its opener is closed.
  await vm!.frame.locator("body").evaluate(() => {
    globalThis.embedded!.machine.shares[0]!.list = () => new Promise(() => {});
  });
  const opened = context.waitForEvent("page");
  await vm!.frame.getByRole("button", { name: "Open in its own tab" }).click();
  const tab = await opened;
  await expect(tab.getByRole("button", { name: "Share a folder…" })).toBeVisible();
  site.put("/other", "<!doctype html><title>Another</title>");
  await page.goto(`${site.origin}/other`); // The frame is gone, and with it the opener.
  const alert = tab.getByRole("alert");
  await expect(alert).toContainText("The files of the frame did not come along: the page that has them was closed.", {
    timeout: 45_000,
  });
  await tab.getByRole("button", { name: "Start Linux" }).click();
  await tab.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  // As the address has it.
  const { stdout } = await tab.evaluate(() => globalThis.embedded!.machine.exec("cat /mnt/files/a"));
  expect(stdout).toBe("1");
});

test("a tab that nobody opened says that its files are gone", async ({ page, frameUrl }) => {
  await page.goto(`${frameUrl}?files=opener#load=click&file:a=1`);
  await expect(page.getByText("The page that has the files was closed.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start Linux" })).toBeVisible();
});
