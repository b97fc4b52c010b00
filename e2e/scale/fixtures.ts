import type { Page } from "playwright/test";
import { expect, test as machine } from "../machine/fixtures.js";
import { Heap, machineWorker } from "./heap.js";

export { expect };

/** The built page with a machine, and what its two threads are up to. */
export const test = machine.extend<{ pauses: Pauses; heap: Heap }>({
  pauses: async ({ linux, page }, use) => {
    await linux.waitForReady();
    await use(new Pauses(page));
  },
  heap: async ({ linux, page }, use) => {
    await linux.waitForReady();
    await use(await Heap.of(page));
  },
});

/** Milliseconds for which a thread did nothing else. */
export interface LongestPause {
  /** Of the page, tasks as the browser counts them: from 50 ms on. */
  readonly page: number;
  /** Of the Worker that holds the machine, between two turns of its timer. */
  readonly worker: number;
}

/** The pauses of the page and of the machine's Worker. */
export class Pauses {
  constructor(private readonly page: Page) {}

  async longestDuring(work: () => Promise<void>): Promise<LongestPause> {
    const worker = machineWorker(this.page);
    await this.page.evaluate(() => {
      const tasks: number[] = [];
      const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)));
      observer.observe({ entryTypes: ["longtask"] });
      Object.assign(globalThis, { endWatch: () => [...tasks, ...observer.takeRecords().map((task) => task.duration)] });
    });
    await worker.evaluate(() => {
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      }, 5);
      Object.assign(globalThis, {
        endWatch: () => {
          clearInterval(timer);
          return longest;
        },
      });
    });
    await work();
    const tasks = await this.page.evaluate(() => (globalThis as unknown as Watched<number[]>).endWatch());
    const turn = await worker.evaluate(() => (globalThis as unknown as Watched<number>).endWatch());
    return { page: Math.max(0, ...tasks), worker: turn };
  }
}

interface Watched<T> {
  endWatch(): T;
}
