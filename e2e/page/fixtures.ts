import { fileURLToPath } from "node:url";
import { test as base } from "playwright/test";
import { withBuiltPage } from "../fixtures/built-page.js";
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
      await withBuiltPage({ configFile }, use);
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
