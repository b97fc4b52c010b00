import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { BrowserContext, Page, Response } from "playwright/test";
import { build, preview } from "vite";
import { launchPersistent } from "../e2e/fixtures/real-folder.js";
import { Heap } from "../e2e/scale/heap.js";
import { processorTimeOf, settled } from "./processor-time.js";
import { median } from "./report.js";

/** What the page is to a visitor. */
export interface PageFigures {
  /** Milliseconds from navigation to a shell that can be typed into, in a new profile: median, and each. */
  readonly firstVisit: readonly number[];
  /** The same in a new tab of a profile that has been there. */
  readonly nextVisit: readonly number[];
  /** Bytes over the wire until then, with text, JavaScript and WebAssembly compressed by gzip as static hosts do. */
  readonly download: number;
  /** JavaScript heap of the machine's Worker at rest, in bytes; the guest's RAM is not in it. */
  readonly workerHeap: number;
  /** What a machine idle for a while takes of one core, in per cent, all of Chromium's processes together. */
  readonly idle: number;
}

interface Visit {
  readonly first: number;
  readonly next: number;
  readonly workerHeap: number;
  readonly idle: number;
}

/** What a browser does for itself after a start, and what our service worker fetches, is over then. */
const SETTLED_SECONDS = 15;
const IDLE_SECONDS = 20;

/** Visits the built page. */
export async function measurePage(rounds: number): Promise<PageFigures> {
  const temporary = await mkdtemp(join(tmpdir(), "bench-page-"));
  const common = { configFile: resolve("vite.config.ts"), logLevel: "error" } as const;
  const outDir = join(temporary, "site");
  await build({ ...common, build: { outDir, emptyOutDir: true } });
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0 } });
  const address = server.resolvedUrls!.local[0]!;
  const withProfile = async <T>(name: string, use: (context: BrowserContext) => Promise<T>): Promise<T> => {
    const context = await launchPersistent(join(temporary, name));
    const result = await use(context);
    await context.close();
    return result;
  };
  const visits: Visit[] = [];
  for (let round = 0; round < rounds; round++) {
    visits.push(await withProfile(`profile-${round}`, (context) => visit(context, address)));
  }
  const download = await withProfile("download", (context) => downloaded(context.pages()[0]!, address));
  await server.close();
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  const of = (figure: keyof Visit): number => median(visits.map((each) => each[figure]))!;
  return {
    firstVisit: visits.map(({ first }) => first),
    nextVisit: visits.map(({ next }) => next),
    download,
    workerHeap: of("workerHeap"),
    idle: of("idle"),
  };
}

async function visit(context: BrowserContext, address: string): Promise<Visit> {
  const page = context.pages()[0]!;
  await settled(context);
  const first = await untilShell(page, address);
  await settled(context);
  await page.close();
  const again = await context.newPage();
  const next = await untilShell(again, address);
  const idle = await idleLoad(context);
  const workerHeap = await (await Heap.of(again)).used();
  return { first, next, workerHeap, idle };
}

/** Not in a visit that is timed: the bodies go through the browser's debugger. */
async function downloaded(page: Page, address: string): Promise<number> {
  const sizes: Promise<number>[] = [];
  const received = (response: Response): void =>
    void sizes.push(response.body().then((body) => onTheWire(response.url(), body)));
  page.on("response", received);
  await untilShell(page, address);
  page.off("response", received);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function untilShell(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: "commit" });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.getElementById("status")?.textContent === "ready") resolve(performance.now());
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
        look();
      }),
  );
}

async function idleLoad(context: BrowserContext): Promise<number> {
  const processorTime = await processorTimeOf(context);
  await sleep(SETTLED_SECONDS * 1000);
  const before = await processorTime();
  await sleep(IDLE_SECONDS * 1000);
  return (((await processorTime()) - before) / (IDLE_SECONDS * 1000)) * 100;
}

function onTheWire(url: string, body: Buffer): number {
  return /\.(js|css|wasm|json|svg|html)$|\/$/.test(new URL(url).pathname) ? gzipSync(body).length : body.length;
}
