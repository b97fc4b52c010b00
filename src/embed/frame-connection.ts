import { MachineError } from "../machine/machine-error.js";
import { type FrameCalls, type FromFrame, isCount, isObject, isText } from "./protocol.js";

/** What a frame tells unasked in a second, at most. */
const MOST_A_SECOND = 1000;
const MOST_SHARES = 64;

interface Waiting {
  resolve(value: never): void;
  reject(error: MachineError): void;
}

/**
 * Calls of the frame over its port. Every call settles: by its answer, or when the frame is removed, navigated, silent for too
 * long, or says what no frame says.
 */
export class FrameConnection {
  /** Rejects when the frame has ended, for whatever reason. */
  readonly dead: Promise<never>;
  /** What it tells unasked. */
  onMessage: (message: FromFrame) => void = () => {};
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = 0;
  #heard = Date.now();
  /** Since when what is told is counted, and how much that is. */
  #since = 0;
  #told = 0;
  #ended: MachineError | undefined;
  #die!: (error: MachineError) => void;

  constructor(iframe: HTMLIFrameElement, port: MessagePort, timeout: number) {
    this.dead = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    this.dead.catch(() => undefined);
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<unknown>) => this.#received(data);
    const gone = (): void => this.end(new MachineError("stopped", "The frame was removed, or shows another page."));
    // Chromium 122. Elsewhere the frame says so itself, or is silent.
    port.addEventListener("close", gone);
    this.#timer = setInterval(() => {
      if (!iframe.isConnected) return gone();
      if (Date.now() - this.#heard > timeout) {
        this.end(new MachineError("stopped", `The frame has not answered in ${timeout / 1000} seconds.`));
      } else {
        port.postMessage({ type: "ping" });
      }
    }, timeout / 3);
  }

  call<K extends keyof FrameCalls>(
    call: K,
    parameters: Parameters<FrameCalls[K]>,
    transfer: Transferable[] = [],
  ): Promise<ReturnType<FrameCalls[K]>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#port.postMessage({ type: "call", id, call, parameters }, transfer);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  end(reason: MachineError): void {
    if (this.#ended) return;
    this.#ended = reason;
    clearInterval(this.#timer);
    this.#port.close();
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
    this.#die(reason);
  }

  #received(data: unknown): void {
    // What was on its way when the frame was given up.
    if (this.#ended) return;
    this.#heard = Date.now();
    try {
      const message = data as FromFrame;
      if (message.type === "result" || message.type === "error") this.#settle(message);
      else {
        this.#count();
        this.onMessage(message);
      }
    } catch (error) {
      this.end(new MachineError("not-allowed", `The frame says what no frame says: ${(error as Error).message}.`));
    }
  }

  #count(): void {
    if (this.#heard - this.#since > 1000) [this.#since, this.#told] = [this.#heard, 0];
    if (++this.#told > MOST_A_SECOND) throw new TypeError("too much at once");
  }

  #settle(message: Extract<FromFrame, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    // An answer to nothing, or a second one: nothing that it says is to be believed.
    if (!waiting) throw new TypeError("an answer that nobody waits for");
    if (message.type === "error" && !(isText(message.code) && isText(message.message)))
      throw new TypeError("an error without words");
    this.#waiting.delete(message.id);
    if (message.type === "result") waiting.resolve(message.value as never);
    else waiting.reject(new MachineError(message.code, message.message));
  }
}

/** Throws "not-allowed" unless `value` is a list of what shares report. */
export function checkShares(value: unknown): void {
  if (!Array.isArray(value) || value.length > MOST_SHARES || !value.every(isShareState))
    throw new MachineError("not-allowed", "The frame tells of shares what no frame tells.");
}

export function checkProgress(value: unknown): void {
  if (
    !isObject(value) ||
    !isText(value["phase"]) ||
    !["loaded", "total"].every((key) => typeof value[key] === "number")
  )
    throw new TypeError("a progress of nothing");
}

function isShareState(value: unknown): boolean {
  return (
    isObject(value) &&
    ["tag", "mountPoint", "access", "kind", "name", "status"].every((key) => isText(value[key])) &&
    ["folder", "problem"].every((key) => value[key] === undefined || isText(value[key])) &&
    isCount(value["changeCount"] ?? 0) &&
    isCount(value["unsavedBytes"]) &&
    isCount(value["unsavedFiles"])
  );
}
