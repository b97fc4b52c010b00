import { defineConfig } from "playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results/stores",
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
});
