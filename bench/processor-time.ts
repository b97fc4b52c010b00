import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext } from "playwright";

/** Milliseconds that all of the browser's processes have worked so far. */
export type ProcessorTime = () => Promise<number>;

export async function processorTimeOf(context: BrowserContext): Promise<ProcessorTime> {
  const browser = await context.browser()!.newBrowserCDPSession();
  return async () => {
    const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
  };
}

/** Of a second, with nothing to do. */
const QUIET_MS = 20;

/** Ends when the browser is done with what it does for itself after its start. A visitor's has run for a while. */
export async function settled(context: BrowserContext): Promise<void> {
  const processorTime = await processorTimeOf(context);
  for (let before = await processorTime(), worked = Infinity; worked > QUIET_MS;) {
    await sleep(1000);
    const now = await processorTime();
    worked = now - before;
    before = now;
  }
}
