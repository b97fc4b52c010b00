import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "playwright/test";
import { build, preview } from "vite";
import { TerminalPage } from "../fixtures/terminal-page.js";
import type { FakeBehaviour } from "./fake/fake-client.js";

interface PageFixtures {
  /** How the pretended machine behaves: `test.use({ behaviour: … })`. */
  behaviour: FakeBehaviour;
  terminalPage: TerminalPage;
}

/** The page with a pretended machine: what needs no Linux is tested in seconds. */
export const test = base.extend<PageFixtures, { fakeServer: string }>({
  fakeServer: [
    // Playwright reads the fixtures' names from the parameter.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const configFile = fileURLToPath(new URL("fake/vite.config.ts", import.meta.url));
      const outDir = await mkdtemp(join(tmpdir(), "fake-page-"));
      await build({ configFile, logLevel: "error", build: { outDir, target: "es2023", minify: false } });
      const server = await preview({ configFile, logLevel: "error", build: { outDir }, preview: { port: 0 } });
      await use(server.resolvedUrls!.local[0]!);
      await server.close();
      await rm(outDir, { recursive: true });
    },
    { scope: "worker" },
  ],
  baseURL: async ({ fakeServer }, use) => use(fakeServer),
  behaviour: [{}, { option: true }],
  terminalPage: async ({ page, behaviour }, use) => {
    await page.addInitScript((given) => {
      globalThis.fakeBehaviour = given;
    }, behaviour);
    await use(new TerminalPage(page));
  },
});
