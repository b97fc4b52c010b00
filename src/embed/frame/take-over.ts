import type { Progress } from "../../client/index.js";
import type { MachineState } from "../../machine/machine-state.js";
import { isObject } from "../protocol.js";
import {
  ANSWER,
  ASK,
  ASK_INTERVAL_MS,
  type Files,
  type FromFrame,
  type FromTab,
  KEY,
  MOST_SILENCE_MS,
} from "./hand-over-messages.js";
import type { Screen } from "./screen.js";

/** What the frame that opened this tab gives it. */
export type Given = GivenMachine | GivenFiles;

export interface GivenFiles {
  readonly files: Files;
  /** Why the machine did not come along. */
  readonly why: string;
}

/** A machine that stands still in the frame. */
export interface GivenMachine {
  readonly state: MachineState;
  readonly screen: Screen;
  /** It goes on here, also where the frame was closed meanwhile. Rejects where the frame does not answer: it goes on there. */
  runs(): Promise<void>;
  /** It does not: it goes on there. */
  failed(why: string): Promise<GivenFiles>;
}

/** Asks until it has them: an opener that is closed, or does not answer any more, rejects. */
export class TakeOver {
  readonly #from: Window;
  /** Aborted with an error where the frame has gone: what is asked of it later rejects with that. */
  readonly #ended = new AbortController();
  readonly #onProgress: (progress: Progress) => void;
  readonly #parts: ArrayBuffer[] = [];
  #heard = Date.now();
  #loaded = 0;
  #port: MessagePort | undefined;
  #next: { resolve(message: FromFrame): void; reject(error: Error): void } | undefined;

  constructor(from: Window, onProgress: (progress: Progress) => void) {
    this.#from = from;
    this.#onProgress = onProgress;
    const { signal } = this.#ended;
    addEventListener("message", this.#receive, { signal });
    const timer = setInterval(() => this.#ask(), ASK_INTERVAL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  async given(): Promise<Given> {
    const first = this.#message();
    this.#ask();
    const message = await first;
    if (message.type === "machine") return this.#machine(message);
    return this.#files(message);
  }

  #machine({ state, screen }: FromFrame & { type: "machine" }): GivenMachine {
    const computer = new Uint8Array(this.#loaded);
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      computer.set(new Uint8Array(part), at);
      at += part.byteLength;
    }
    return {
      state: { ...state, emulator: { ...state.emulator, computer: computer.buffer } },
      screen,
      runs: async () => {
        const answer = await this.#answerTo({ type: "runs" }).catch((error: unknown) => {
          if (!this.#from.closed) throw error;
        });
        this.#ended.abort();
        if (answer && answer.type !== "yours") throw this.#error("the machine goes on where it was");
      },
      failed: async (why) => this.#files(await this.#answerTo({ type: "failed", why })),
    };
  }

  #files(message: FromFrame): GivenFiles {
    this.#ended.abort();
    if (message.type === "files") return { files: message.files, why: message.why };
    throw this.#error(message.type === "failed" ? message.why : "the page that has it says something else");
  }

  async #answerTo(message: FromTab): Promise<FromFrame> {
    // A frame that was given up is told nothing more: it goes on with the machine.
    this.#ended.signal.throwIfAborted();
    const answer = this.#message();
    this.#port?.postMessage(message);
    return answer;
  }

  #message(): Promise<FromFrame> {
    return new Promise((resolve, reject) => (this.#next = { resolve, reject }));
  }

  #ask(): void {
    if (this.#from.closed) return this.#fail("the page that has it was closed");
    if (Date.now() - this.#heard > MOST_SILENCE_MS) return this.#fail("the page that has it does not answer");
    this.#from.postMessage({ [KEY]: ASK }, location.origin);
  }

  #fail(why: string): void {
    const error = this.#error(why);
    this.#ended.abort(error);
    this.#next?.reject(error);
  }

  #error(why: string): Error {
    return new Error(`The machine of the frame did not come along: ${why}. Start Linux to go on without it.`);
  }

  readonly #receive = ({ source, origin, data, ports: [port] }: MessageEvent<unknown>): void => {
    if (source !== this.#from || origin !== location.origin || !isObject(data) || data[KEY] !== ANSWER) return;
    this.#heard = Date.now();
    if (!port || this.#port) return;
    this.#port = port;
    port.onmessage = ({ data: message }: MessageEvent<FromFrame>) => this.#received(message);
  };

  #received(message: FromFrame): void {
    if (message.type !== "part") return this.#next?.resolve(message);
    this.#parts.push(message.bytes);
    this.#loaded += message.bytes.byteLength;
    this.#onProgress({ phase: "Taking Linux over", loaded: this.#loaded, total: message.total });
  }
}
