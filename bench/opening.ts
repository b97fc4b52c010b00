// npm run bench:opening: milliseconds from navigation to a usable shell, in Chromium, of the build in dist served on localhost.
// "boot": Linux boots, as for another size of memory; "snapshot": a first visit; "second": a visit after that one. Each first visit
// has a profile of its own, in a browser that has done with its own start. Medians of ROUNDS (7), and the best: other programs on the machine count in.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright";
import { preview } from "vite";
import { findChromium } from "../scripts/find-chromium.mjs";
import { settled } from "./processor-time.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 7);
/** Another size than the snapshot's, or nearly the same. */
const BOOT = "?memory=129";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

const server = await preview({ preview: { port: 0 }, logLevel: "error" });
const address = server.resolvedUrls!.local[0]!;
const times = { boot: [] as number[], snapshot: [] as number[], second: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  await withProfile(async (context) => times.boot.push(await opened(context, address + BOOT)));
  await withProfile(async (context) => {
    times.snapshot.push(await opened(context, address));
    times.second.push(await opened(context, address));
  });
}
await server.close();
for (const [name, each] of Object.entries(times)) {
  each.sort((a, b) => a - b);
  console.log(`${name.padEnd(9)} median ${each[ROUNDS >> 1]!.toFixed(0)} ms, best ${each[0]!.toFixed(0)} ms`);
}

async function withProfile(use: (context: BrowserContext) => Promise<unknown>): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), "opening-"));
  const executablePath = findChromium();
  const context = await chromium.launchPersistentContext(profile, {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ARGUMENTS,
  });
  await use(context);
  await context.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

/** Milliseconds from the navigation to "ready". */
async function opened(context: BrowserContext, url: string): Promise<number> {
  await settled(context);
  const page = await context.newPage();
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const status = document.querySelector('[role="status"]')!;
      new MutationObserver(() => {
        if (status.textContent === "ready") performance.mark("ready");
      }).observe(status, { childList: true, characterData: true, subtree: true });
    });
  });
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName("ready").length > 0);
  const milliseconds = await page.evaluate(() => performance.getEntriesByName("ready")[0]!.startTime);
  await page.close();
  return milliseconds;
}
