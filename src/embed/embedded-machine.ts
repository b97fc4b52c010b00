import { ConsoleConnection } from "../client/console.js";
import { Share } from "../client/share.js";
import type {
  Console,
  ExecOptions,
  ExecResult,
  MachineStatus,
  Process,
  Progress,
  ShareOptions,
  ShareState,
  ShareStatistics,
  SpawnOptions,
} from "../client/types.js";
import { updateShares } from "../client/update-shares.js";
import { MachineError } from "../machine/machine-error.js";
import type { EmbeddedFiles } from "./embedded-files.js";
import { type FrameConnection, checkProgress, checkShares } from "./frame-connection.js";
import { type FromFrame, isText } from "./protocol.js";

/** What a page can share with a machine in its frame. */
export type EmbedSource =
  /** Stays here: this page serves it, live, as long as it is shared. */
  | FileSystemDirectoryHandle
  /** A directory of the frame's own private file system, which browsers keep for this site and that frame together. */
  | { readonly opfs: string }
  | { readonly files: FileList | Readonly<Record<string, string | Uint8Array | Blob>> };

const LOGIN = ["/bin/sh", "-l"];
const NOTHING: () => Promise<void> = () => Promise.resolve();

/** The machine of a frame: what `VirtualMachine` is for one of this page, with the same events. */
export class EmbeddedMachine extends EventTarget {
  readonly #frame: FrameConnection;
  readonly #shares = new Map<string, Share>();
  /** Folders that this page serves, by tag. */
  readonly #served = new Map<string, () => Promise<void>>();
  readonly #console: ConsoleConnection;
  #status: MachineStatus = "starting";
  #stopping = false;

  /** @internal */
  static async start(frame: FrameConnection, onProgress: (progress: Progress) => void): Promise<EmbeddedMachine> {
    const machine = new EmbeddedMachine(frame, onProgress);
    const states = await frame.call("start", []);
    checkShares(states);
    machine.#update(states);
    machine.#change("ready");
    return machine;
  }

  private constructor(frame: FrameConnection, onProgress: (progress: Progress) => void) {
    super();
    this.#frame = frame;
    this.#console = new ConsoleConnection((terminal) => this.spawn(LOGIN, { terminal }));
    frame.onMessage = (message) => this.#received(message, onProgress);
    frame.dead.catch((error: MachineError) => {
      this.#change("failed", error);
      // What the machine wrote before is saved in the folders.
      for (const end of this.#served.values()) end().catch((error: unknown) => console.error(error));
      this.#served.clear();
    });
  }

  /** As that of `VirtualMachine`; "failed" also where the frame is gone or answers no more. */
  get status(): MachineStatus {
    return this.#status;
  }

  /** In the order in which they were added; those that the frame had already come first. */
  get shares(): readonly Share[] {
    return [...this.#shares.values()];
  }

  /** The terminal of a login shell beside the one that the frame shows; the shell starts when it is first read or written. */
  get console(): Console {
    return this.#console;
  }

  /** Mounts `source` at `/mnt/TAG`. A folder is read and written by this page, for the machine in the frame. */
  async share(source: EmbedSource, options: ShareOptions = {}): Promise<Share> {
    const { describeSource } = await import("./describe-source.js");
    const { description, end } = await describeSource(source, options);
    try {
      const transfer = "port" in description ? [description.port] : [];
      const state = await this.#frame.call("share", [description, options], transfer);
      checkShares([state]);
      this.#served.set(state.tag, end);
      return this.#shares.get(state.tag) ?? this.#add(state);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** What the device of each share has done so far. */
  statistics(): Promise<readonly ShareStatistics[]> {
    return Promise.all(this.shares.map((share) => share.statistics()));
  }

  /** Starts a process: a shell command line, or a program and its arguments. */
  async spawn(command: string | readonly string[], options: SpawnOptions = {}): Promise<Process> {
    options.signal?.throwIfAborted();
    const { signal, ...rest } = options;
    const processes = import("./frame-process.js");
    const { port1, port2 } = new MessageChannel();
    const { connectFrameProcess } = await processes;
    const process = connectFrameProcess(port1, this.#frame, { ...rest, ...(signal && { signal }) });
    const ran = this.#frame.call("spawn", [command, rest, port2], [port2]);
    // `spawn` settles when the process has ended; before that it only fails where the process cannot be had.
    return Promise.race([process, ran.then(() => process)]);
  }

  /** Runs a command to its end. A stream is not held in memory: give `stdout` for what may be large. */
  async exec(command: string | readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { stdin: _, stdout: __, stderr: ___, ...rest } = options;
    const process = await this.spawn(command, rest);
    return (await import("./frame-process.js")).complete(process, options);
  }

  /** Saves every share and ends the machine; the frame offers to start another. */
  async stop(): Promise<void> {
    if (this.#status === "stopped" || this.#status === "failed") return;
    this.#stopping = true;
    try {
      await this.#frame.call("stop", []);
    } finally {
      this.#change("stopped");
      this.#frame.end(new MachineError("stopped", "The machine was stopped."));
    }
  }

  #received(message: FromFrame, onProgress: (progress: Progress) => void): void {
    switch (message.type) {
      case "progress":
        checkProgress(message.progress);
        if (this.#status === "starting") onProgress(message.progress);
        return;
      case "shares":
        checkShares(message.shares);
        return this.#update(message.shares);
      case "status": {
        const { status, message: why } = message;
        if (!isText(why)) break;
        if (this.#stopping) return; // `stop` has its own answer.
        if (status === "stopped") this.#change(status);
        if (status === "stopped" || status === "failed") this.#frame.end(new MachineError("stopped", why));
        return;
      }
      case "pong":
      case "accepted":
        return;
      case "result":
      case "error":
        break;
    }
    throw new TypeError("a message of no known type");
  }

  #update(states: readonly ShareState[]): void {
    updateShares(this.#shares, states, (state) => this.#add(state));
    this.dispatchEvent(new Event("shares"));
  }

  #add(state: ShareState): Share {
    const { tag } = state;
    const frame = this.#frame;
    const files = async (): Promise<EmbeddedFiles> =>
      new (await import("./embedded-files.js")).EmbeddedFiles(frame, tag);
    const share = new Share(state, {
      flush: () => frame.call("flush", [tag]),
      remove: async () => {
        await frame.call("remove", [tag]);
        await (this.#served.get(tag) ?? NOTHING)();
        this.#served.delete(tag);
      },
      files,
      changes: async () => (await files()).changes(),
      readChange: async (...part) => (await files()).readChange(...part),
      apply: async (paths) => (await files()).apply(paths),
      discard: (paths) => frame.call("discard", [tag, paths]),
    });
    this.#shares.set(tag, share);
    return share;
  }

  #change(status: MachineStatus, error?: MachineError): void {
    if (this.#status === status || this.#status === "stopped" || this.#status === "failed") return;
    this.#status = status;
    this.dispatchEvent(new CustomEvent("status", { detail: { status, ...(error && { error }) } }));
  }
}
