import type { Console, Process } from "./types.js";

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * One pair of streams over a row of login shells: when a shell ends (`exit`, Ctrl-D), the next takes its place. Holds no bytes
 * itself, so a slow reader slows the guest down.
 */
export class ConsoleConnection implements Console {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #spawn: (terminal: Size) => Promise<Process>;
  #size: Size = { columns: 80, rows: 24 };
  #shell: Process | undefined;
  #connecting: Promise<void> | undefined;
  #output: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor(spawn: (terminal: Size) => Promise<Process>) {
    this.#spawn = spawn;
    this.readable = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          for (;;) {
            if (!this.#output) await this.connect();
            const chunk = await this.#output!.read();
            if (!chunk.done) return controller.enqueue(chunk.value);
            this.#output = undefined;
          }
        },
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        if (!this.#input) await this.connect();
        await this.#input!.write(bytes);
      },
    });
  }

  /** Starts a shell, as the first read or write does. Resolves when it runs. */
  connect(): Promise<void> {
    return (this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined)));
  }

  async #connect(): Promise<void> {
    const size = this.#size;
    const shell = await this.#spawn(size);
    this.#shell = shell;
    this.#output = shell.stdout.getReader();
    this.#input = shell.stdin.getWriter();
    if (size !== this.#size) shell.resize(this.#size.columns, this.#size.rows);
  }

  /** Of the shell, in the guest. */
  get pid(): number | undefined {
    return this.#shell?.pid;
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.#shell?.resize(columns, rows);
  }
}
