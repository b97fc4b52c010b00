import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ViteDevServer } from "vite";
import { serve } from "../fixtures/dev-server.js";
import { test as base } from "../fixtures/real-folder.js";

/** `test` with a page that has a guest without a machine: `folderLab`. */
export const test = base.extend<object, { folderServer: ViteDevServer }>({
  folderServer: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const server = await serve(import.meta.dirname, "folder");
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ folderServer }, use) => use(folderServer.resolvedUrls?.local[0]),
});

/** The files of a directory of the disk, by name. */
export async function filesOf(directory: string): Promise<Map<string, string>> {
  const names = await readdir(directory);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), "utf8")] as const)),
  );
}
