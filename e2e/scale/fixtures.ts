import type { CDPSession, Page, Worker } from "playwright/test";
import { expect, test as machine } from "../machine/fixtures.js";

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

/** The JavaScript heap of the Worker that holds the machine, through the browser's debugging protocol. */
export class Heap {
  #lastId = 0;

  private constructor(
    private readonly session: CDPSession,
    private readonly sessionId: string,
  ) {}

  static async of(page: Page): Promise<Heap> {
    const session = await page.context().browser()!.newBrowserCDPSession();
    const { targetInfos } = await session.send("Target.getTargets");
    const url = machineWorker(page).url();
    const { targetId } = targetInfos.find((target) => target.type === "worker" && target.url === url)!;
    // Playwright has no sessions of Workers; in this older way their messages come packed.
    const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
    return new Heap(session, sessionId);
  }

  /** Bytes in use after garbage was collected. */
  async used(): Promise<number> {
    await this.#send("HeapProfiler.collectGarbage");
    const { usedSize } = (await this.#send("Runtime.getHeapUsage")) as { usedSize: number };
    return usedSize;
  }

  async #send(method: string): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => {
      const received = ({ sessionId, message }: { sessionId: string; message: string }): void => {
        const reply = JSON.parse(message) as { id?: number; result?: unknown; error?: { message: string } };
        if (sessionId !== this.sessionId || reply.id !== id) return;
        this.session.off("Target.receivedMessageFromTarget", received);
        if (reply.error) reject(new Error(`${method}: ${reply.error.message}`));
        else resolve(reply.result);
      };
      this.session.on("Target.receivedMessageFromTarget", received);
    });
    const message = JSON.stringify({ id, method, params: {} });
    await this.session.send("Target.sendMessageToTarget", { sessionId: this.sessionId, message });
    return answer;
  }
}

interface Watched<T> {
  endWatch(): T;
}

function machineWorker(page: Page): Worker {
  const worker = page.workers().find((worker) => worker.url().includes("worker"));
  if (!worker) throw new Error("The page has no machine.");
  return worker;
}
