import { createHash } from "node:crypto";
import { expect, test as base } from "playwright/test";
import type { ViteDevServer } from "vite";
import { serve } from "../fixtures/dev-server.js";

const test = base.extend<object, { deviceServer: ViteDevServer }>({
  deviceServer: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const server = await serve(import.meta.dirname, "device", ["v86"]);
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ deviceServer }, use) => use(deviceServer.resolvedUrls?.local[0]),
});

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const NUMBERS = Array.from({ length: 10_000 }, (_, i) => `${i + 1}\n`).join("");
const LISTED = [
  ["from-guest.txt", "hello host\n"],
  ["from-host.txt", "hello guest\n"],
  ["sub/numbers", NUMBERS],
]
  .map(([name, text]) => `${md5(text!)}  ./${name}\n`)
  .join("");

test.beforeEach(async ({ page }) => {
  await page.goto("/");
  await page.waitForFunction(() => globalThis.tryOpfs !== undefined);
});

test("in a page, over files in memory", async ({ page }) => {
  const { read, listed, requests } = await page.evaluate(() => tryMemory());
  expect(read).toBe("hello guest\n");
  expect(listed).toBe(LISTED);
  expect(requests).toMatchObject({ INIT: 1, MKDIR: 1 });
});

test("in a Worker, over a directory of OPFS, which is free again afterwards", async ({ page }) => {
  const { read, listed, written, isFree } = await page.evaluate(() => tryOpfs());
  expect(read).toBe("hello guest\n");
  expect(listed).toBe(LISTED);
  expect(written).toBe("hello host\n");
  expect(isFree).toBe(true);
});
