import { defineConfig } from "playwright/test";
import { findChromium } from "./scripts/find-chromium.mjs";

const executablePath = findChromium();

const PACKAGE = ["**/package/**/*.spec.ts", "**/firefox/package.spec.ts"];
const ALONE = "**/scale/**/*.spec.ts";
const LONG = "**/long/**/*.spec.ts";
const APART = [...PACKAGE, ALONE, LONG];

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  // Not test-results itself: Playwright empties it, and Vitest's report lies there.
  outputDir: "test-results/e2e",
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  // One machine keeps one core busy.
  workers: 2,
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
    { name: "chromium", testIgnore: ["**/firefox/**", ...APART] },
    // Driven through puppeteer-core by e2e/firefox/fixtures.ts: Playwright drives no Firefox but its own build.
    { name: "firefox", testMatch: "**/firefox/**/*.spec.ts", testIgnore: APART },
    // Builds the package into `lib`: one after the other.
    { name: "package", testMatch: PACKAGE, workers: 1 },
    // What measures times and memory: `npm run e2e:alone`.
    ...(process.env["ALONE"] === undefined ? [] : [{ name: "alone", testMatch: ALONE, workers: 1 }]),
    // Minutes each: `npm run e2e:long`.
    ...(process.env["LONG"] === undefined ? [] : [{ name: "long", testMatch: LONG, workers: 1 }]),
  ],
});
