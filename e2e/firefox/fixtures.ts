import { test as base } from "playwright/test";
import puppeteer from "puppeteer-core";
import type { Page } from "puppeteer-core";
import { findFirefox } from "../../scripts/find-firefox.mjs";

/** `firefoxPage` is a page of an installed Firefox, driven by WebDriver BiDi, that shows the built page. */
export const test = base.extend<{ firefoxPage: Page }>({
  firefoxPage: async ({ baseURL }, use) => {
    const executablePath = findFirefox();
    if (!executablePath) return base.skip(true, "no Firefox on this machine");
    const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
    try {
      const page = await browser.newPage();
      await page.goto(baseURL!);
      await use(page);
    } finally {
      await browser.close();
    }
  },
});
