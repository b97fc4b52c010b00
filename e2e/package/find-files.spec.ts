import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page, expect } from "playwright/test";
import { createServer } from "vite";
import { PAGE, bundlers } from "./bundlers.js";
import { firstLines, test } from "./fixtures.js";

/** Puts the first lines of docs/npm.md into the project; `options` are what they start the machine with, before theirs. */
async function write(project: string, options = ""): Promise<void> {
  await writeFile(join(project, "index.html"), PAGE);
  await writeFile(join(project, "main.js"), (await firstLines()).replace("start({", `start({ ${options}`));
}

/** What the lines show, from a machine whose Worker yields as it should; no file is missing. */
async function works(page: Page, address: string): Promise<void> {
  const missing: string[] = [];
  page.on("response", (response) => {
    if (!response.ok() && !response.url().endsWith("/favicon.ico")) missing.push(response.url());
  });
  page.on("pageerror", (error) => void page.evaluate((text) => document.body.append(text), String(error)));
  await page.goto(address);
  await expect(page.locator("body")).toHaveText(/./, { timeout: 45_000 });
  await expect(page.locator("body")).toHaveText("hello from the page");
  expect(missing).toEqual([]);
  expect(page.workers()).toHaveLength(1);
  expect(await page.workers()[0]!.evaluate(() => location.href)).toContain("use-scheduling-api");
}

for (const [name, bundle] of Object.entries(bundlers)) {
  test(`${name}: the machine goes on from its snapshot`, async ({ page, project, consumer, host }) => {
    await write(project);
    const { address, requests } = await host(await bundle(project, consumer), { path: "/some/folder/" });
    await works(page, address);
    // The others are for a machine that boots. Bundlers may name files by their content alone.
    expect(requests.filter((file) => /bzImage|initramfs|seabios/.test(file))).toEqual([]);
  });
}

test("Vite's development server, with nothing set", async ({ page, project }) => {
  await write(project);
  const server = await createServer({ root: project, configFile: false, logLevel: "error", server: { port: 0 } });
  await server.listen();
  await works(page, server.resolvedUrls!.local[0]!);
  await server.close();
});

test("a machine that boots has its images from the bundle", async ({ page, project, consumer, host }) => {
  await write(project, "memory: 256 * 2 ** 20,");
  const { address, requests } = await host(await bundlers.Vite(project, consumer));
  await works(page, address);
  expect(requests.filter((file) => /bzImage|initramfs|seabios/.test(file))).toHaveLength(3);
});

test("all files from a base URL of another origin", async ({ page, project, consumer, host }) => {
  const files = await host(join(consumer.installed, "lib"), { path: "/v86-virtiofs@1/", cors: true });
  await write(project, `assets: "${files.address}machine",`);
  const { address, requests } = await host(await bundlers.Vite(project, consumer));
  await works(page, address);
  expect(files.requests).toEqual(expect.arrayContaining(["worker.js", "v86.wasm", "snapshot.bin"]));
  expect(requests.filter((file) => /worker|wasm|snapshot/.test(file))).toEqual([]);
});

test("the package from a CDN", async ({ page, project, consumer, host }) => {
  const cdn = await host(join(consumer.installed, "lib"), { cors: true });
  await writeFile(join(project, "index.html"), PAGE);
  await writeFile(join(project, "main.js"), (await firstLines()).replace('"v86-virtiofs"', `"${cdn.address}index.js"`));
  const { address } = await host(project);
  await works(page, address);
  expect(cdn.requests).toEqual(expect.arrayContaining(["index.js", "worker.js", "v86.wasm", "snapshot.bin"]));
});

test("a Worker that is not there is told of", async ({ page, project, consumer, host }) => {
  await writeFile(join(project, "index.html"), PAGE);
  await writeFile(
    join(project, "main.js"),
    `import { MachineError, VirtualMachine } from "v86-virtiofs";
     const error = await VirtualMachine.start({ assets: "nowhere/" }).catch((error) => error);
     document.body.append(error instanceof MachineError, " ", error.code);`,
  );
  const { address } = await host(await bundlers.Vite(project, consumer));
  await page.goto(address);
  await expect(page.locator("body")).toHaveText("true stopped");
});
