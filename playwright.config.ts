import { defineConfig } from "playwright/test";
import { findChromium } from "./scripts/find-chromium.mjs";

const executablePath = findChromium();

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  // Not test-results itself: Playwright empties it, and Vitest's report lies there.
  outputDir: "test-results/e2e",
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  // One machine keeps one core busy; the tests shall measure it, not each other.
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  globalTimeout: 40 * 60_000,
  expect: { timeout: 15_000 },
  webServer: {
    command: "vite build && vite preview --port 0",
    // Colour codes would stand within the address.
    env: { NO_COLOR: "1", FORCE_COLOR: "0" },
    wait: { stdout: /Local: +(?<preview_url>http:\S+)/ },
  },
  use: {
    baseURL: process.env.PREVIEW_URL,
    screenshot: "only-on-failure",
    launchOptions: executablePath ? { executablePath } : {},
  },
  projects: [
    { name: "chromium", testIgnore: ["**/firefox/**", "**/long/**"] },
    // Driven through puppeteer-core by e2e/firefox/fixtures.ts: Playwright drives no Firefox but its own build.
    { name: "firefox", testMatch: "**/firefox/**/*.spec.ts" },
    // Minutes each: `npm run e2e:long`.
    ...(process.env["LONG"] === undefined ? [] : [{ name: "long", testMatch: "**/long/**/*.spec.ts" }]),
  ],
});
