import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VirtualMachine } from "../../client/index.js";
import type { Frame } from "./frame.js";
import { handOver } from "./hand-over.js";
import {
  ANSWER,
  ASK,
  ASK_INTERVAL_MS,
  type FromFrame,
  type FromTab,
  KEY,
  MOST_SILENCE_MS,
} from "./hand-over-messages.js";
import { TakeOver } from "./take-over.js";

const ORIGIN = "https://site.example";
const NOTHING = new ArrayBuffer(0);
const SILENT =
  "The machine of the frame did not come along: the page that has it does not answer. Start Linux to go on without it.";

/** This window's listeners for messages. */
let messages: EventTarget;

beforeEach(() => {
  // Ports deliver in real time.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  messages = new EventTarget();
  vi.stubGlobal("location", { origin: ORIGIN });
  vi.stubGlobal("addEventListener", messages.addEventListener.bind(messages));
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The other window: what is posted to it, and what it posts to this one. */
class OtherWindow {
  closed = false;
  asked = 0;
  port: MessagePort | undefined;
  readonly #received: unknown[] = [];
  #awaited: (() => void) | undefined;
  /** Answers as the frame does; undefined: it is silent. */
  answers: ((first: boolean) => readonly MessagePort[]) | undefined;

  postMessage(said: Record<string, unknown>, _origin: string, ports: readonly MessagePort[] = []): void {
    if (said[KEY] === ASK) {
      this.asked++;
      if (this.answers) this.post(ANSWER, this.answers(this.asked === 1));
    }
    if (ports[0]) this.listen(ports[0]);
  }

  post(said: string, ports: readonly MessagePort[] = []): void {
    const event = new Event("message");
    messages.dispatchEvent(Object.assign(event, { source: this, origin: ORIGIN, data: { [KEY]: said }, ports }));
  }

  listen(port: MessagePort): void {
    this.port = port;
    port.onmessage = ({ data }) => {
      this.#received.push(data);
      this.#awaited?.();
    };
  }

  /** What came by the port, once `count` messages have. */
  async received(count: number): Promise<unknown[]> {
    while (this.#received.length < count) await new Promise<void>((resolve) => (this.#awaited = resolve));
    return this.#received;
  }

  get window(): Window {
    return this as unknown as Window;
  }
}

/** Time passes in steps as long as those of the questions. */
async function pass(ms: number, eachStep = (): void => {}): Promise<void> {
  for (let left = ms; left > 0; left -= ASK_INTERVAL_MS) {
    eachStep();
    await vi.advanceTimersByTimeAsync(Math.min(left, ASK_INTERVAL_MS));
  }
}

describe("a tab that takes a machine over", () => {
  let frame: OtherWindow;
  let tab: TakeOver;
  let tabEnd: MessagePort;

  beforeEach(() => {
    frame = new OtherWindow();
    const { port1, port2 } = new MessageChannel();
    frame.listen(port1);
    tabEnd = port2;
    frame.answers = (first) => (first ? [port2] : []);
    tab = new TakeOver(frame.window, () => {});
  });
  afterEach(() => tabEnd.close());

  const say = (message: FromFrame): void => frame.port!.postMessage(message);
  const machine = { type: "machine", state: { emulator: { computer: NOTHING } }, screen: {} } as FromFrame;

  async function givenMachine() {
    const given = tab.given();
    say(machine);
    const found = await given;
    if (!("state" in found)) throw new Error("no machine");
    return found;
  }

  it("waits for one that answers, however long, and not for one that is silent", async () => {
    const ended = vi.fn();
    const given = tab.given().catch(ended);
    await pass(10 * MOST_SILENCE_MS);
    frame.answers = undefined;
    await pass(MOST_SILENCE_MS);
    expect(ended).not.toHaveBeenCalled();
    await pass(ASK_INTERVAL_MS);
    await given;
    expect(ended).toHaveBeenCalledExactlyOnceWith(new Error(SILENT));
    const { asked } = frame;
    await pass(MOST_SILENCE_MS);
    expect(frame.asked).toBe(asked);
  });

  it("does not go on with the machine of one that fell silent meanwhile, and says nothing to it", async () => {
    const { runs } = await givenMachine();
    frame.answers = undefined;
    await pass(MOST_SILENCE_MS + ASK_INTERVAL_MS);
    await expect(runs()).rejects.toThrow(SILENT);
    tabEnd.postMessage("the end");
    expect(await frame.received(1)).toEqual(["the end"]);
  });

  it("does not get the files of one that fell silent meanwhile", async () => {
    const { failed } = await givenMachine();
    frame.answers = undefined;
    await pass(MOST_SILENCE_MS + ASK_INTERVAL_MS);
    await expect(failed("It does not fit.")).rejects.toThrow(SILENT);
  });

  it("does not wait for ever to hear that the machine is its own", async () => {
    const running = (await givenMachine()).runs();
    running.catch(() => {});
    expect(await frame.received(1)).toEqual([{ type: "runs" }]);
    frame.answers = undefined;
    await pass(MOST_SILENCE_MS + ASK_INTERVAL_MS);
    await expect(running).rejects.toThrow(SILENT);
  });

  it("goes on with the machine of one that was closed: nobody else has it", async () => {
    const { runs } = await givenMachine();
    frame.closed = true;
    await pass(ASK_INTERVAL_MS);
    await runs();
  });
});

describe("a frame that hands its machine over", () => {
  let tab: OtherWindow;
  const news: string[] = [];
  const calls: string[] = [];
  const options = { disableStdin: false };

  beforeEach(() => {
    tab = new OtherWindow();
    news.length = 0;
    calls.length = 0;
    const buffer = { length: 0, cursorX: 0, cursorY: 0 };
    const terminal = {
      options,
      modes: {},
      buffer: { normal: buffer, alternate: buffer, active: buffer },
      write: (_: string, parsed: () => void) => parsed(),
    };
    vi.stubGlobal("embedded", { terminal });
  });
  afterEach(() => tab.port?.close());

  function begin(): Promise<void> {
    const api = {
      suspend: () => (calls.push("suspend"), { emulator: { computer: NOTHING } }),
      goOn: () => calls.push("go on"),
    };
    const machine = {
      worker: { call: (call: (api: unknown) => unknown) => call({ movable: () => Promise.resolve(api) }) },
      shells: { pid: 1 },
      shares: [],
      stop: () => calls.push("stop"),
    } as unknown as VirtualMachine;
    const frame = {
      machine: Promise.resolve(machine),
      tell: (text: string) => news.push(text),
      endedAs: () => {},
    } as unknown as Frame;
    return handOver(frame, tab.window);
  }

  const ask = (): void => tab.post(ASK);
  const say = (message: FromTab): void => tab.port!.postMessage(message);

  it("goes on where the tab falls silent", async () => {
    const ended = begin();
    await pass(6 * MOST_SILENCE_MS); // The tab loads.
    ask();
    expect(await tab.received(1)).toMatchObject([{ type: "machine" }]);
    expect(options.disableStdin).toBe(true);
    await pass(6 * MOST_SILENCE_MS, ask);
    expect(calls).toEqual(["suspend"]);
    await pass(MOST_SILENCE_MS + ASK_INTERVAL_MS);
    await ended;
    expect(calls).toEqual(["suspend", "go on"]);
    expect(options.disableStdin).toBe(false);
    expect(news).toEqual(["Linux goes on here: The new tab does not answer. The new tab gets the files."]);
  });

  it("goes on where the tab is closed before it asks", async () => {
    const ended = begin();
    tab.closed = true;
    await pass(ASK_INTERVAL_MS);
    await ended;
    expect(calls).toEqual([]);
    expect(news).toEqual(["Linux goes on here: The new tab was closed."]);
  });

  it("ends its machine where the tab has it", async () => {
    const ended = begin();
    ask();
    await tab.received(1);
    say({ type: "runs" });
    await ended;
    expect(calls).toEqual(["suspend", "stop"]);
    expect(await tab.received(2)).toMatchObject([{ type: "machine" }, { type: "yours" }]);
  });
});
