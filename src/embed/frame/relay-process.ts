import type { Process } from "../../client/index.js";
import { INITIAL_CREDIT } from "../../machine/agent-protocol.js";
import type { FromProcess } from "../../machine/process-messages.js";
import { isCount, isObject } from "../protocol.js";

const MOST_CREDIT = 16 * 2 ** 20;
const LAST_SIGNAL = 64;
const MOST_CELLS = 4096;

/**
 * Starts a process and relays between it and `port`, as `process-messages.ts` has it. Resolves when it has ended. A page that says
 * anything else, or sends more than it was granted, loses its process.
 */
export async function relayProcess(start: (signal: AbortSignal) => Promise<Process>, port: MessagePort): Promise<void> {
  const abort = new AbortController();
  const post = (message: FromProcess): void => port.postMessage(message);
  try {
    const process = await start(abort.signal);
    const output = [new Output(1, process.stdout, post), new Output(2, process.stderr, post)] as const;
    const input = new Input(process.stdin, post);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!receive(data, process, input, output)) abort.abort();
    };
    post({ type: "started", pid: process.pid });
    const [exit] = await Promise.all([process.exit, ...output.map((one) => one.ended)]);
    post({ type: "exit", status: exit.signal ?? exit.exitCode << 8 });
  } finally {
    port.close();
  }
}

/** False where it is not what a page may say. */
function receive(data: unknown, process: Process, input: Input, output: readonly [Output, Output]): boolean {
  if (!isObject(data)) return false;
  const { type, bytes, stream, signal, columns, rows } = data;
  switch (type) {
    case "input":
      return bytes instanceof Uint8Array && input.write(bytes);
    case "end":
      input.end();
      return true;
    case "credit":
      return isCount(bytes) && (stream === 1 || stream === 2) && output[stream - 1]!.grant(bytes);
    case "signal":
      if (!isCount(signal) || signal > LAST_SIGNAL) return false;
      process.kill(signal);
      return true;
    case "resize":
      if (![columns, rows].every((cells) => isCount(cells) && cells > 0 && cells <= MOST_CELLS)) return false;
      process.resize(columns as number, rows as number);
      return true;
    default:
      return false;
  }
}

class Output {
  /** Resolves when all of it has been posted. */
  readonly ended: Promise<void>;
  #credit = INITIAL_CREDIT;
  #wake: (() => void) | undefined;

  constructor(
    private readonly stream: 1 | 2,
    readable: ReadableStream<Uint8Array>,
    private readonly post: (message: FromProcess) => void,
  ) {
    this.ended = this.#relay(readable.getReader());
  }

  grant(bytes: number): boolean {
    this.#credit += bytes;
    this.#wake?.();
    return this.#credit <= MOST_CREDIT;
  }

  async #relay(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (let at = 0; at < value.length;) {
        while (this.#credit <= 0) await new Promise<void>((wake) => (this.#wake = wake));
        const bytes = value.slice(at, at + this.#credit);
        at += bytes.length;
        this.#credit -= bytes.length;
        this.post({ type: "output", stream: this.stream, bytes });
      }
    }
  }
}

class Input {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #granted = INITIAL_CREDIT;
  #ended = false;

  constructor(
    writable: WritableStream<Uint8Array>,
    private readonly post: (message: FromProcess) => void,
  ) {
    this.#writer = writable.getWriter();
  }

  /** False where it is more than was granted, or comes after the end. */
  write(bytes: Uint8Array): boolean {
    this.#granted -= bytes.length;
    if (this.#granted < 0 || this.#ended) return false;
    this.#writer.write(bytes).then(
      () => {
        this.#granted += bytes.length;
        this.post({ type: "credit", bytes: bytes.length });
      },
      () => undefined, // It has ended before it has read all.
    );
    return true;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#writer.close().catch(() => undefined); // likewise
  }
}
