import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Page, test as base, expect } from "playwright/test";
import { createServer } from "vite";
import { root } from "../../scripts/npm.mjs";
import { pages } from "../../scripts/docs/pages.mjs";
import { axeViolations } from "../fixtures/axe.js";
import { LinuxVm } from "../element/fixtures.js";

/** What the browser complained of: requests that failed, errors, what the policy forbade. */
const test = base.extend<{ complaints: string[] }>({
  complaints: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("requestfailed", (request) => {
      // The icon of a page that is left: its request does not keep the page from being loaded.
      if (request.failure()?.errorText === "net::ERR_ABORTED" && request.url().endsWith("/icon.svg")) return;
      complaints.push(`failed: ${request.url()}`);
    });
    page.on("response", (response) => {
      if (!response.ok()) complaints.push(`${response.status()} ${response.url()}`);
    });
    await use(complaints);
    expect(complaints).toEqual([]);
  },
});

const texts = pages.filter(({ source }) => !source.endsWith(".html"));

for (const { title, file } of texts) {
  test(`${title}: opens, and axe finds nothing, light and dark`, async ({ page, complaints }) => {
    await page.goto(`/docs/${file}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(page.getByRole("navigation").getByRole("link", { name: title, exact: true })).toHaveAttribute(
      "aria-current",
      "page",
    );
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(complaints).toEqual([]);
  });
}

test("the page leads to the documentation, and that back", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Documentation" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Start here");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the text" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.getByRole("link", { name: "v86-virtiofs", exact: true }).first().click();
  await expect(page.getByRole("heading", { level: 2, name: "Shared folders" })).toBeVisible();
});

test("the lesson is live", async ({ page, complaints }) => {
  await page.goto("/docs/");
  await page.getByRole("link", { name: "A lesson, live" }).click();
  await page.getByRole("button", { name: "Run head" }).click();
  await expect(page.getByRole("status", { name: "Output of head" })).toHaveText("Mercury\nVenus\n", {
    timeout: 45_000,
  });
  await new LinuxVm(page.locator("linux-vm")).waitForReady();
  expect(complaints).toEqual([]);
});

test("the page's service worker keeps none of it", async ({ request }) => {
  const worker = await (await request.get("/service-worker.js")).text();
  expect(worker).toContain("assets/page-");
  expect(worker).not.toContain("docs/");
});

test("the development server has the same", async () => {
  const server = await createServer({ root, logLevel: "error", server: { port: 0, hmr: false, watch: null } });
  await server.listen();
  const get = async (path: string) => (await fetch(new URL(path, server.resolvedUrls!.local[0]))).text();
  expect(await get("/docs/")).toContain('<h1 id="start-here">');
  expect(await get("/docs/api/index.html")).toContain("VirtualMachine");
  expect(await get("/docs/examples/tutorial/index.html")).toContain('<linux-vm assets="../../../guest/"');
  await server.close();
});

test("a block of code is copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/docs/npm.html");
  await page.getByRole("button", { name: "Copy" }).first().click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("npm install v86-virtiofs");
});

for (const { file, number, code } of await runnableBlocks()) {
  test(`block ${number} of ${file} runs in the page's console`, async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
    const logged = page.waitForEvent("console", (message) => message.type() === "log");
    await run(page, code);
    const said = /console\.log\(stdout\); \/\/ (.*)/.exec(code)?.[1];
    if (said !== undefined) expect((await logged).text().trim()).toBe(said);
    else await logged;
  });
}

async function run(page: Page, code: string): Promise<void> {
  await page.evaluate(`(async () => {${code}})()`);
}

/** The blocks of docs that say that they can be run as they are. */
async function runnableBlocks(): Promise<{ file: string; number: number; code: string }[]> {
  const files = (await readdir(join(root, "docs"))).filter((file) => file.endsWith(".md"));
  const blocks = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(root, "docs", file), "utf8");
      return [...text.matchAll(/^```js runnable\n(.*?)^```/gms)].map(([, code], at) => ({
        file,
        number: at + 1,
        code: code!,
      }));
    }),
  );
  return blocks.flat();
}
