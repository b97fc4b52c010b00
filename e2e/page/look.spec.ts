import { expect } from "playwright/test";
import { test } from "./fixtures.js";
import { lowContrast } from "./contrast.js";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("every text has AA contrast", async ({ terminalPage, page }) => {
      await terminalPage.open();
      await terminalPage.waitForReady();
      await page.evaluate(() => fakeMachine.shares[0]!.update({ problem: "The disk is full.", unsavedBytes: 7 }));
      await expect(terminalPage.messages).toHaveCount(1);
      expect(await page.evaluate(lowContrast)).toEqual([]);
    });

    test("the terminal has the scheme's colours", async ({ terminalPage, page }) => {
      await terminalPage.open();
      await terminalPage.waitForReady();
      const background = () => page.evaluate(() => globalThis.terminal.options.theme?.background);
      expect(await background()).toBe({ light: "#ffffff", dark: "#101416" }[colorScheme]);
      await page.emulateMedia({ colorScheme: colorScheme === "light" ? "dark" : "light" });
      await expect.poll(background).toBe({ light: "#101416", dark: "#ffffff" }[colorScheme]);
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test.beforeEach(async ({ terminalPage }) => {
    await terminalPage.open();
    await terminalPage.waitForReady();
  });

  test("nothing sticks out at the side", async ({ terminalPage, page }) => {
    await expect(page.getByRole("heading", { name: "Shared folders" })).toBeInViewport();
    const long = { name: "a".repeat(120), mountPoint: `/mnt/${"a".repeat(36)}`, problem: `/${"b".repeat(200)}` };
    await page.evaluate((change) => fakeMachine.shares[0]!.update(change), long);
    await expect(terminalPage.messages).toHaveCount(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test("the key row sends what touch keyboards lack", async ({ page }) => {
    const keys = page.getByRole("toolbar", { name: "Keys" });
    for (const name of ["Escape", "Tab", "Left", "Up", "Down", "Right"]) {
      await keys.getByRole("button", { name, exact: true }).tap();
    }
    const typed = () => page.evaluate(() => fakeMachine.console.typed);
    await expect.poll(typed).toBe("\x1b\t\x1b[D\x1b[A\x1b[B\x1b[C");
  });

  test("Ctrl goes with the next key only", async ({ terminalPage, page }) => {
    const ctrl = page.getByRole("button", { name: /^Control/ });
    await terminalPage.terminal.focus();
    await ctrl.tap();
    await expect(ctrl).toHaveAttribute("aria-pressed", "true");
    await expect(terminalPage.terminal).toBeFocused();
    await page.keyboard.type("cc");
    await expect(ctrl).toHaveAttribute("aria-pressed", "false");
    await expect.poll(() => page.evaluate(() => fakeMachine.console.typed)).toBe("\x03c");
  });
});

test("shows no key row beside a keyboard", async ({ terminalPage, page }) => {
  await terminalPage.open();
  await expect(page.getByRole("toolbar", { name: "Keys" })).toBeHidden();
});
