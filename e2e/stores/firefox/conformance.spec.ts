import { expect } from "playwright/test";
import puppeteer from "puppeteer-core";
import type { Page } from "puppeteer-core";
import { findFirefox } from "../../../scripts/find-firefox.mjs";
import { test as base } from "../lab.js";

/** `firefoxPage` is the lab's page in an installed Firefox, driven by WebDriver BiDi. */
const test = base.extend<{ firefoxPage: Page }>({
  firefoxPage: async ({ baseURL }, use) => {
    const executablePath = findFirefox();
    if (!executablePath) return base.skip(true, "no Firefox on this machine");
    const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
    try {
      const page = await browser.newPage();
      await page.goto(baseURL!);
      await page.waitForFunction(() => globalThis.lab !== undefined);
      await use(page);
    } finally {
      await browser.close();
    }
  },
});

test("OpfsStore does what every store does, in Firefox", async ({ firefoxPage: page }) => {
  test.setTimeout(180_000);
  const names = await page.evaluate(() => globalThis.lab.caseNames());
  for (const [index, name] of names.entries()) {
    await test.step(name, async () => {
      const failure = await page.evaluate(
        async (place, which) => {
          const root = await navigator.storage.getDirectory();
          return globalThis.lab.runCase("opfs", root, place, which).then(() => "", String);
        },
        `case ${index}`,
        name,
      );
      expect.soft(failure, name).toBe("");
    });
  }
});
