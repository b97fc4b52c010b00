import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, expect } from "playwright/test";
import { preview } from "vite";
import { test as base } from "../fixtures/real-folder.js";

/** A static host with the build in a folder of it, to which a new build may be deployed. */
interface Host {
  readonly address: string;
  readonly folder: string;
  /** Nobody answers there any more. */
  stop(): Promise<void>;
}

const test = base.extend<{ host: Host }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  host: async ({}, use) => {
    const outDir = mkdtempSync(join(tmpdir(), "offline-"));
    const folder = join(outDir, "sub", "path");
    mkdirSync(folder, { recursive: true });
    cpSync("dist", folder, { recursive: true });
    const server = await preview({ configFile: false, build: { outDir }, preview: { port: 0 }, logLevel: "error" });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= server.close());
    await use({ address: `${server.resolvedUrls!.local[0]!}sub/path/`, folder, stop });
    await stop();
    rmSync(outDir, { recursive: true, force: true });
  },
});

/** Opens the page and waits until the service worker has everything and serves it. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await isReady(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

async function isReady(page: Page): Promise<void> {
  await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  const { stdout } = await page.evaluate(() => globalThis.vm!.exec("cat /mnt/home/kept 2>/dev/null; echo works"));
  expect(stdout).toMatch(/works\n$/);
}

test("a page that was open once opens without a network, with what it has kept", async ({ page, host }) => {
  await visit(page, host.address);
  await page.evaluate(() => globalThis.vm!.exec("echo kept > /mnt/home/kept; sync"));
  await host.stop();
  await page.reload();
  await isReady(page);
  expect(await page.evaluate(() => globalThis.vm!.exec("cat /mnt/home/kept"))).toMatchObject({ stdout: "kept\n" });
  // What is loaded when it is needed is there, too.
  await page.getByRole("button", { name: /^Files/ }).click();
  await expect(page.getByRole("dialog")).toContainText("kept");
});

test("a new build is taken at the next load, and a page of the one before goes on", async ({ context, page, host }) => {
  await visit(page, host.address);
  // The same code under other names, in place of the old: a lazily loaded file of the open page is gone from the host.
  const later = join(host.folder, "assets/later");
  rmSync(later, { recursive: true });
  const index = join(host.folder, "index.html");
  writeFileSync(index, readFileSync(index, "utf8").replace("<h1>v86-virtiofs", "<h1>The next build"));
  const worker = join(host.folder, "service-worker.js");
  const withoutLater = readFileSync(worker, "utf8").replace(/"version":"\w+"/, '"version":"next"');
  writeFileSync(worker, withoutLater.replaceAll(/,"assets\/later\/[^"]*"/g, ""));
  expect(readdirSync(host.folder)).toContain("index.html");

  const second = await context.newPage();
  await second.goto(host.address);
  await expect(second.getByRole("heading", { level: 1 })).toHaveText("The next build");
  await isReady(second);
  await second.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    await registration.update();
  });
  await expect.poll(() => second.evaluate(() => caches.keys().then((names) => names.length))).toBe(2);
  await page.getByRole("button", { name: /^Files/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();

  // With the last page of the old build its files go: a visit that comes at once may still find them.
  await page.close();
  const versions = async (): Promise<(string | undefined)[]> => {
    await second.goto("about:blank");
    await second.goto(host.address);
    return second.evaluate(() => caches.keys().then((names) => names.map((name) => name.split(" ").at(-1))));
  };
  await expect.poll(versions).toEqual(["next"]);
});
