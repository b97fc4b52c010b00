import { fileURLToPath } from "node:url";
import { test as base } from "playwright/test";
import { createServer } from "vite";
import { TerminalPage } from "../fixtures/terminal-page.js";
import type { FakeBehaviour, VirtualMachine } from "./fake/fake-client.js";

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
      const server = await createServer({ configFile, logLevel: "error", server: { port: 0, hmr: false } });
      await server.listen();
      await use(server.resolvedUrls!.local[0]!);
      await server.close();
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

/** In the page: `globalThis.vm` is the pretended machine. */
export function fakeMachine(): VirtualMachine {
  return globalThis.vm as unknown as VirtualMachine;
}
