import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/programs/**/*.test.ts"],
    testTimeout: 240_000,
    // Makes a Debian root, once: fetches 100 MB of packages and installs them.
    hookTimeout: 600_000,
  },
});
