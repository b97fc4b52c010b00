import type { CDPSession, Page, Worker } from "playwright/test";

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

/** The Worker that holds the page's machine. */
export function machineWorker(page: Page): Worker {
  const worker = page.workers().find((worker) => worker.url().includes("worker"));
  if (!worker) throw new Error("The page has no machine.");
  return worker;
}
