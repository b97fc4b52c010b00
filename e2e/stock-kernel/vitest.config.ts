import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/stock-kernel/**/*.test.ts"],
    testTimeout: 60_000,
    // Fetches a package of 52 MB, once, and boots a kernel that takes ten times as long as ours.
    hookTimeout: 600_000,
  },
});
