import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "guest/**/*.test.ts", "scripts/**/*.test.ts"],
    // Some boot whole machines, one on each core: what takes a second alone takes several beside another.
    testTimeout: 30_000,
  },
});
