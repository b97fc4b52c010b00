import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "playwright/test";
import { build, preview } from "vite";
import { dropOn, launchPersistent } from "../e2e/fixtures/real-folder.js";
import { type Kernel, type Lab, type LabMachine, PLAN_9_MODULES } from "./lab.js";
import { processorTimeOf } from "./processor-time.js";
import { readTools, type Tools } from "./tools.js";

/** Machines in a Worker of Chromium, over a directory of OPFS and a real folder of the disk. */
export async function browserLab(programs: boolean): Promise<Lab> {
  const temporary = await mkdtemp(join(tmpdir(), "bench-"));
  const folder = join(temporary, "folder");
  await mkdir(folder);
  const site = await serve(join(temporary, "site"));
  const context = await launchPersistent(join(temporary, "profile"));
  const page = context.pages()[0]!;
  await page.goto(site.address);
  await dropOn(context, page, [folder]);
  const tools = readTools(programs);
  let boots = 0;
  return {
    shares: ["opfs", "folder"],
    host: `Chromium ${context.browser()!.version()}`,
    boot: async (kernel) => {
      boots++;
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
      if (kernel === "stock") await site.addStockKernel();
      return boot(page, kernel, tools, `bench/${boots}`);
    },
    processorTime: await processorTimeOf(context),
    close: async () => {
      await context.close();
      await site.close();
      await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Site {
  readonly address: string;
  addStockKernel(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the bench's page as the product's is built, and serves it. */
async function serve(outDir: string): Promise<Site> {
  const common = { configFile: resolve("vite.config.ts"), root: resolve("bench/page"), logLevel: "error" } as const;
  await build({ ...common, publicDir: resolve("public"), build: { outDir, emptyOutDir: true } });
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0 } });
  return {
    address: server.resolvedUrls!.local[0]!,
    addStockKernel: async () => {
      const { stockImages } = await import("../e2e/stock-kernel/stock-images.js");
      const { kernel, initramfs } = stockImages(PLAN_9_MODULES);
      await mkdir(join(outDir, "stock"), { recursive: true });
      await writeFile(join(outDir, "stock/kernel"), new Uint8Array(kernel));
      await writeFile(join(outDir, "stock/initramfs"), new Uint8Array(initramfs));
    },
    close: () => server.close(),
  };
}

async function boot(page: Page, kernel: Kernel, tools: Tools, opfs: string): Promise<LabMachine> {
  await page.evaluate(
    async ([kernel, encoded, path]) => {
      newBench();
      const at = (name: string): string => new URL(`stock/${name}`, location.href).href;
      await bench.boot(kernel === "stock" ? { kernel: at("kernel"), initramfs: at("initramfs") } : {});
      // Not by fetch: the page's policy has no data URLs.
      const files = Object.entries(encoded).map(([name, base64]) => {
        return [name, Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))] as const;
      });
      await bench.shareTools(Object.fromEntries(files));
      await bench.share("opfs", { kind: "opfs", path });
      await bench.share("folder", { kind: "directory", handle: (await dropped) as FileSystemDirectoryHandle });
    },
    [kernel, Object.fromEntries(Object.entries(tools).map(([name, bytes]) => [name, toBase64(bytes)])), opfs] as const,
  );
  return {
    run: (commandLine) => page.evaluate((line) => bench.run(line), commandLine),
    statistics: (share) => page.evaluate((tag) => bench.statistics(tag), share),
    stop: () => page.evaluate(() => bench.stop()),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
