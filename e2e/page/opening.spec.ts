import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test("says what it is and is ready", async ({ terminalPage, page }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("v86-virtiofs");
  await expect(page.getByText("A Linux machine in this tab.")).toBeVisible();
  await terminalPage.waitForOutput("/mnt/home is kept in this browser.");
  await expect(terminalPage.shareNames).toHaveText(["home"]);
});

test.describe("while it starts", () => {
  const progress = [
    { phase: "Starting Linux", loaded: 12, total: 0 },
    { phase: "Downloading Linux", loaded: 1_234_567, total: 4_611_222 },
  ];
  test.use({ behaviour: { staysStarting: true, progress } });

  test("shows the phase and the bytes", async ({ terminalPage, page }) => {
    await terminalPage.open();
    await expect(terminalPage.status).toHaveText("starting: Downloading Linux");
    const bar = page.getByRole("progressbar", { name: "Start-up" });
    await expect(bar).toHaveAttribute("max", "4611222");
    expect(await bar.evaluate((element: HTMLProgressElement) => element.value)).toBe(1_234_567);
    await expect(page.getByText("1.2 MB of 4.6 MB")).toBeVisible();
  });
});

test.describe("when it does not start", () => {
  test.use({ behaviour: { startError: "/guest/bzImage could not be loaded: the server answered 404." } });

  test("says why, and starts at the second try", async ({ terminalPage, page }) => {
    await terminalPage.open();
    await expect(terminalPage.messages).toContainText("/guest/bzImage could not be loaded: the server answered 404.");
    await expect(terminalPage.status).toHaveText("failed");
    await page.evaluate(() => (globalThis.fakeBehaviour = {}));
    await terminalPage.restartButton.click();
    await terminalPage.waitForReady();
    await expect(terminalPage.messages).toHaveCount(0);
  });
});
