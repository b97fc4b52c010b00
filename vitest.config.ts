import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (entry: string) => fileURLToPath(new URL(`src/${entry}/index.ts`, import.meta.url));

export default defineConfig({
  // As in tsconfig.json: examples import what a user imports.
  resolve: { alias: { "v86-virtiofs/device": source("device"), "v86-virtiofs/storage": source("storage") } },
  test: {
    include: ["src/**/*.test.ts", "guest/**/*.test.ts", "docs/**/*.test.ts", "scripts/**/*.test.ts"],
    // Some boot whole machines, one on each core: what takes a second alone takes several beside another.
    testTimeout: 30_000,
  },
});
