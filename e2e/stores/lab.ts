import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type * as Comlink from "comlink";
import type { Page } from "playwright/test";
import type { ViteDevServer } from "vite";
import { unspellPath } from "../../src/storage/spelling.js";
import { serve } from "../fixtures/dev-server.js";
import { test as base } from "../fixtures/real-folder.js";
import { printable } from "./snapshot.js";
import type { Lab, StoreKind } from "./worker.js";

/** The lab of a page: its methods are called in that page's worker. */
export type RemoteLab = Comlink.Remote<Lab>;

interface Fixtures {
  lab: RemoteLab;
  /** Starts a store over the folder on the disk, or over a directory of OPFS. */
  start: (kind: StoreKind, options?: { readOnly?: boolean }) => Promise<void>;
}

/** `test` with a page whose worker holds a store. */
export const test = base.extend<Fixtures, { server: ViteDevServer }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const server = await serve(import.meta.dirname, "stores");
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.resolvedUrls?.local[0]),

  lab: async ({ page }, use) => {
    await page.waitForFunction(() => globalThis.lab !== undefined);
    await use(labOf(page));
  },

  start: async ({ page, lab, drop, folder }, use) => {
    await use(async (kind, { readOnly = false } = {}) => {
      void lab;
      if (kind === "picked") await drop([folder]);
      await page.evaluate(
        async ([store, access]) => {
          const opfs = () => navigator.storage.getDirectory();
          const handle =
            store === "opfs" ? await (await opfs()).getDirectoryHandle("share", { create: true }) : await dropped;
          await globalThis.lab.start(store, handle as FileSystemDirectoryHandle, access === "read-only");
        },
        [kind, readOnly ? "read-only" : "read-write"] as const,
      );
    });
  },
});

type Calls = Record<string, (...args: unknown[]) => unknown>;

/** Calls of the lab in the page's worker, by name. */
export function labOf(page: Page): RemoteLab {
  const call = (name: string, args: unknown[]): Promise<unknown> =>
    page.evaluate(([method, given]) => (globalThis.lab as unknown as Calls)[method]!(...given), [name, args] as const);
  return new Proxy({} as RemoteLab, {
    get: (_, name) => (name === "then" ? undefined : (...args: unknown[]) => call(name as string, args)),
  });
}

/** What is on the disk, by the guest's names, as `snapshotOf` shows a store. */
export async function diskSnapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = unspellPath(path.slice(folder.length + 1));
    found[printable(name)] = entry.isDirectory() ? "directory" : (await readFile(path)).toString("hex");
  }
  return found;
}
