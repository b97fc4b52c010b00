import { defineConfig } from "playwright/test";

// eslint-disable-next-line import/no-default-export -- what Playwright loads
export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results/stores",
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
});
