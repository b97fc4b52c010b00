import { INITIAL_CREDIT } from "../machine/agent-protocol.js";
import { Deferred } from "../machine/deferred.js";
import { MachineError } from "../machine/machine-error.js";
import type { FromProcess, ToProcess } from "../machine/process-messages.js";
import type { Exit, Process, SpawnOptions } from "./types.js";

const SIGTERM = 15;
const SIGKILL = 9;
/**
 * Bytes of output that may be on their way or wait for their reader. A grant takes one turn of the emulator (about 15 ms) to
 * reach the guest, so that this bounds the throughput. A terminal gets less: what is ahead of Ctrl-C is shown before it acts.
 */
const OUTPUT_WINDOW = 1024 * 1024;
const TERMINAL_WINDOW = INITIAL_CREDIT;

/** How long an aborted process has to end by itself. */
const ABORT_GRACE_MS = 2_000;

/**
 * The page's end of a guest process, over its MessagePort. Resolves when it runs; rejects when it cannot start, when its signal
 * says so, and when `dead` rejects (the Worker is gone).
 */
export function connectProcess(port: MessagePort, dead: Promise<never>, options: SpawnOptions = {}): Promise<Process> {
  const post = (message: ToProcess, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
  const window = options.terminal ? TERMINAL_WINDOW : OUTPUT_WINDOW;
  const stdout = new OutputStream(window, (bytes) => post({ type: "credit", stream: 1, bytes }));
  const stderr = new OutputStream(window, (bytes) => post({ type: "credit", stream: 2, bytes }));
  const stdin = new InputStream(post);
  const started = new Deferred<Process>();
  const exit = new Deferred<Exit>();
  const kill = (signal = SIGTERM): void => post({ type: "signal", signal });
  const stopListening = onAbort(options.signal, kill, exit.promise);

  const end = (): void => {
    stopListening();
    port.close();
    stdin.closed();
  };
  const fail = (error: Error): void => {
    end();
    stdout.fail(error);
    stderr.fail(error);
    started.reject(error);
    exit.reject(error);
  };
  dead.catch((error: unknown) => fail(error as Error));

  port.onmessage = ({ data: message }: MessageEvent<FromProcess>) => {
    switch (message.type) {
      case "started":
        return started.resolve({
          pid: message.pid,
          stdin: stdin.writable,
          stdout: stdout.readable,
          stderr: stderr.readable,
          exit: exit.promise,
          kill,
          resize: (columns, rows) => post({ type: "resize", columns, rows }),
        });
      case "output":
        return (message.stream === 1 ? stdout : stderr).receive(message.bytes);
      case "credit":
        return stdin.grant(message.bytes);
      case "exit":
        if (message.status < 0) {
          // The list of names is loaded when one is needed: the page is there sooner.
          void import("../posix/errno.js").then(({ errnoName }) => {
            const errno = errnoName(-message.status);
            fail(new MachineError("start-failed", `The command could not be started: ${errno}.`));
          }, fail);
          return;
        }
        end();
        stdout.end();
        stderr.end();
        return exit.resolve(exitOf(message.status));
    }
  };
  return started.promise;
}

/** wait(2)'s status as a shell says it. */
function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0 ? { exitCode: (status >> 8) & 0xff } : { exitCode: 128 + signal, signal };
}

function onAbort(abort: AbortSignal | undefined, kill: (signal: number) => void, ended: Promise<Exit>): () => void {
  if (!abort) return () => undefined;
  const stop = (): void => {
    kill(SIGTERM);
    const timer = setTimeout(() => kill(SIGKILL), ABORT_GRACE_MS);
    const clear = (): void => clearTimeout(timer);
    void ended.then(clear, clear);
  };
  if (abort.aborted) stop();
  else abort.addEventListener("abort", stop, { once: true });
  return () => abort.removeEventListener("abort", stop);
}

/** One output stream: what its reader took is granted again, so that at most `window` bytes wait here. */
class OutputStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #grant: (bytes: number) => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #received = 0;
  #granted = 0;
  #open = true;

  constructor(window: number, grant: (bytes: number) => void) {
    this.#grant = grant;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          if (window > INITIAL_CREDIT) grant(window - INITIAL_CREDIT);
        },
        pull: () => {
          const waiting = window - (this.#controller.desiredSize ?? 0);
          const taken = this.#received - waiting - this.#granted;
          if (taken <= 0) return;
          this.#granted += taken;
          grant(taken);
        },
        cancel: () => {
          // Nobody reads on. The process may go on all the same: `receive` grants what it drops.
          this.#open = false;
          grant(this.#received - this.#granted);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: window }),
    );
  }

  receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#open) this.#controller.enqueue(bytes);
    else this.#grant(bytes.length);
  }

  end(): void {
    if (this.#open) this.#controller.close();
    this.#open = false;
  }

  fail(error: Error): void {
    if (this.#open) this.#controller.error(error);
    this.#open = false;
  }
}

/** Standard input: waits for credit, and swallows what is written after the process has ended. */
class InputStream {
  readonly writable: WritableStream<Uint8Array>;
  #credit = INITIAL_CREDIT;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(post: (message: ToProcess, transfer?: Transferable[]) => void) {
    this.writable = new WritableStream<Uint8Array>({
      write: async (chunk) => {
        for (let at = 0; at < chunk.length;) {
          while (this.#credit === 0 && !this.#ended) await new Promise<void>((wake) => (this.#wake = wake));
          if (this.#ended) return;
          const bytes = chunk.slice(at, at + this.#credit);
          at += bytes.length;
          this.#credit -= bytes.length;
          post({ type: "input", bytes }, [bytes.buffer]);
        }
      },
      close: () => {
        if (!this.#ended) post({ type: "end" });
      },
      abort: () => {
        if (!this.#ended) post({ type: "end" });
      },
    });
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  closed(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
