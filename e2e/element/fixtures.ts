import { fileURLToPath } from "node:url";
import { type Locator, expect } from "playwright/test";
import { withBuiltPage } from "../fixtures/built-page.js";
import { test as base } from "../fixtures/real-folder.js";

export { expect };

/** The pages of this folder, built. */
export const test = base.extend<{ vm: LinuxVm }, { elementServer: string }>({
  elementServer: [
    // Playwright reads the fixtures' names from the parameter.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await withBuiltPage({ configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)) }, use);
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ elementServer }, use) => use(elementServer),
  vm: async ({ page }, use) => use(new LinuxVm(page.locator("linux-vm"))),
});

/** A `<linux-vm>` as a visitor meets it. */
export class LinuxVm {
  readonly status: Locator;
  readonly startButton: Locator;
  readonly terminal: Locator;
  readonly rows: Locator;
  readonly error: Locator;

  constructor(readonly host: Locator) {
    this.status = host.getByRole("status");
    this.startButton = host.getByRole("button", { name: /^Start Linux/ });
    this.terminal = host.getByRole("textbox", { name: /terminal input$/i });
    this.rows = host.locator(".xterm-rows");
    this.error = host.getByRole("alert");
  }

  async waitForReady(): Promise<void> {
    await expect(this.status).toHaveText("ready", { timeout: 45_000 });
  }
}
