import * as Comlink from "comlink";
import { type Command, DEFAULT_MEMORY, type MachineEvent, type MachineOptions } from "../machine/machine-api.js";
import { MachineError } from "../machine/machine-error.js";
import { ConsoleConnection } from "./console.js";
import { complete } from "./exec.js";
import type { Leftover } from "./leftover.js";
import { machineFiles } from "./machine-files.js";
import { connectProcess } from "./process.js";
import { Share } from "./share.js";
import { describeSource } from "./sources.js";
import type {
  Console,
  ExecOptions,
  ExecResult,
  MachineStatus,
  Process,
  ShareOptions,
  ShareSource,
  ShareStatistics,
  ShareState,
  SpawnOptions,
  StartOptions,
} from "./types.js";
import { updateShares } from "./update-shares.js";
import { WorkerConnection } from "./worker-connection.js";

const LOGIN = ["/bin/sh", "-l"];
/** As login(1) does: what the root's passwd says of its root. */
const LOGIN_BY_PASSWD = [
  "/bin/sh",
  "-c",
  `while IFS=: read -r name _ _ _ _ home shell; do [ "$name" != root ] || break; done </etc/passwd
   export HOME="\${home:-/}" SHELL="\${shell:-/bin/sh}"
   cd 2>/dev/null
   exec "$SHELL" -l`,
];

/**
 * A Linux machine in a Worker of this page.
 *
 * Events: `status` ({@link StatusEvent}) when {@link status} changes; `shares` when a share was added or removed or reports
 * something else than before. Every call rejects with a {@link MachineError}; none is left waiting when the Worker dies.
 */
export class VirtualMachine extends EventTarget {
  /** @internal */
  readonly worker: WorkerConnection;
  readonly #shares = new Map<string, Share>();
  /** @internal */
  readonly shells: ConsoleConnection;
  #status: MachineStatus = "starting";

  /** Resolves when the shell is ready and the shares are mounted. */
  static async start(options: StartOptions = {}): Promise<VirtualMachine> {
    if (typeof WebAssembly === "undefined") {
      throw new MachineError("unsupported", "This browser does not run WebAssembly.");
    }
    if (!isSecureContext) {
      // No OPFS, no file handles, no Web Locks (Secure Contexts, §1.1).
      throw new MachineError("unsupported", "The browser keeps no files for a page over plain http: open it by https.");
    }
    const { signal } = options;
    signal?.throwIfAborted();
    const machine = new VirtualMachine(options);
    const abort = (): void => machine.worker.terminate(new MachineError("stopped", "The start was aborted."));
    signal?.addEventListener("abort", abort);
    try {
      await machine.#start(options);
    } catch (error) {
      machine.worker.terminate(MachineError.from(error));
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    return machine;
  }

  private constructor({ root, assets }: StartOptions) {
    super();
    this.worker = new WorkerConnection(assets);
    const login = root ? LOGIN_BY_PASSWD : LOGIN;
    this.shells = new ConsoleConnection((terminal) => this.spawn(login, { terminal }));
    this.worker.dead.catch((error: MachineError) => {
      if (this.#status !== "stopped") this.#changeStatus("failed", error);
    });
  }

  /** "stopped" and "failed" are for good. The event `status` tells when it changes. */
  get status(): MachineStatus {
    return this.#status;
  }

  /** In the order in which they were added. */
  get shares(): readonly Share[] {
    return [...this.#shares.values()];
  }

  /** The terminal of a login shell; when the shell ends, another takes its place. */
  get console(): Console {
    return this.shells;
  }

  /** Adds a device for `source` and mounts it at `/mnt/TAG`, while the guest runs. */
  async share(source: ShareSource, options: ShareOptions = {}): Promise<Share> {
    const description = await describeSource(source);
    const state = await this.worker.call((api) => api.share(description, options));
    return this.#shares.get(state.tag) ?? this.#add(state);
  }

  /** What the device of each share has done so far. */
  statistics(): Promise<readonly ShareStatistics[]> {
    return Promise.all(this.shares.map((share) => share.statistics()));
  }

  /** Files of earlier visits that their tabs did not bring to the visitor's folders: to finish, to keep as copies, to discard. */
  async leftovers(): Promise<readonly Leftover[]> {
    const { leftovers } = await import("./leftovers.js");
    return leftovers(this.worker);
  }

  /** Starts a process: a shell command line, or a program and its arguments. */
  async spawn(command: string | readonly string[], options: SpawnOptions = {}): Promise<Process> {
    options.signal?.throwIfAborted();
    const { port1, port2 } = new MessageChannel();
    const request: Command = {
      argv: typeof command === "string" ? ["/bin/sh", "-c", command] : command,
      cwd: options.cwd ?? "/root",
      env: options.env ?? {},
      ...(options.terminal && { terminal: options.terminal }),
    };
    const process = connectProcess(port1, this.worker.dead, options);
    const ran = this.worker.call((api) => api.run(request, Comlink.transfer(port2, [port2])));
    // `run` settles when the process has exited; before that it only fails where the process cannot be asked for.
    return Promise.race([process, ran.then(() => process)]);
  }

  /** Runs a command to its end. A stream is not held in memory: give `stdout` for what may be large. */
  async exec(command: string | readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { cwd, env, signal } = options;
    const process = await this.spawn(command, { ...(cwd && { cwd }), ...(env && { env }), ...(signal && { signal }) });
    return complete(process, options);
  }

  /** Saves every share and ends the machine. Rejects with "not-saved" where something could not be saved; it has ended then too. */
  async stop(): Promise<void> {
    if (this.#status === "stopped" || this.#status === "failed") return;
    try {
      await this.worker.call((api) => api.stop());
    } finally {
      this.#changeStatus("stopped");
      this.worker.terminate(new MachineError("stopped", "The machine was stopped."));
    }
  }

  async #start(options: StartOptions): Promise<void> {
    const machineOptions: MachineOptions = {
      memory: options.memory ?? DEFAULT_MEMORY,
      ...machineFiles(options.assets),
      images: Object.fromEntries(
        Object.entries(options.images ?? {}).map(([name, image]) => [
          name,
          image instanceof Uint8Array ? image : new URL(image, document.baseURI).href,
        ]),
      ),
      commandLine: options.commandLine ?? "",
      ...(options.root && { root: await describeRoot(options.root) }),
      ...(options.movable && { movable: options.movable }),
    };
    const listener = Comlink.proxy((event: MachineEvent) => this.#received(event, options));
    await this.worker.call((api) => api.start(machineOptions, listener));
    for (const { source, ...shareOptions } of options.shares ?? []) await this.share(source, shareOptions);
    await this.shells.connect();
    this.#changeStatus("ready");
  }

  #received(event: MachineEvent, options: StartOptions): void {
    switch (event.type) {
      case "progress":
        // One may still be on its way when the start has failed.
        return this.#status === "starting" ? options.onProgress?.(event.progress) : undefined;
      case "status":
        this.#changeStatus(event.status, event.message ? new MachineError("stopped", event.message) : undefined);
        if (event.status === "stopped")
          this.worker.terminate(new MachineError("stopped", "The machine was powered off."));
        return;
      case "shares":
        updateShares(this.#shares, event.shares, (state) => this.#add(state));
        this.dispatchEvent(new Event("shares"));
    }
  }

  #add(state: ShareState): Share {
    const share = new Share(state, {
      flush: () => this.worker.call((api) => api.flush(state.tag)),
      remove: () => this.worker.call((api) => api.remove(state.tag)),
      files: async () => new (await import("./share-files.js")).ShareFiles(this.worker, state.tag),
      changes: () => this.worker.call((api) => api.changes(state.tag)),
      readChange: (...part) => this.worker.call((api) => api.readChange(state.tag, ...part)),
      apply: (paths, onProgress) =>
        this.worker.call((api) => api.applyChanges(state.tag, paths, onProgress && Comlink.proxy(onProgress))),
      discard: (paths) => this.worker.call((api) => api.discardChanges(state.tag, paths)),
    });
    this.#shares.set(state.tag, share);
    return share;
  }

  #changeStatus(status: MachineStatus, error?: MachineError): void {
    if (this.#status === status || this.#status === "stopped") return;
    this.#status = status;
    this.dispatchEvent(new CustomEvent<StatusDetail>("status", { detail: { status, ...(error && { error }) } }));
  }
}

async function describeRoot(root: NonNullable<StartOptions["root"]>): Promise<NonNullable<MachineOptions["root"]>> {
  const { source, access = "read-write" } = "source" in root ? root : { source: root };
  return { source: await describeSource(source), access };
}

/** What the event `status` tells. */
export interface StatusDetail {
  /** The new one. */
  readonly status: MachineStatus;
  /** Why, where it failed. */
  readonly error?: MachineError;
}

/** The event `status` of a {@link VirtualMachine}. */
export type StatusEvent = CustomEvent<StatusDetail>;
