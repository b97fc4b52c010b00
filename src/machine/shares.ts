import type { Access, ShareState } from "../client/types.js";
import { FuseServer } from "../fuse/server.js";
import { ShareFileSystem } from "../fs/share-file-system.js";
import { FsError } from "../posix/fs-error.js";
import type { Store } from "../storage/store.js";
import { VirtioFs } from "../virtio/virtio-fs.js";
import type { AgentConnection } from "./agent.js";
import { exitCode, runInGuest } from "./guest-command.js";
import type { ShareRequest } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import { checkTag, makeTag } from "./tag.js";

/** A store with what the visitor knows it by. */
export interface OpenedSource {
  readonly store: Store;
  readonly kind: ShareState["kind"];
  readonly name: string;
  readonly access: Access;
  /** Told to the visitor from the start. */
  readonly problem?: string;
  /** Lets go of what `store` does not: locks. Called after the store was closed. */
  release?(): void;
}

/** Plugs a device into the running machine; the result pulls it out again. */
export type PlugDevice = (device: VirtioFs) => { remove(): void };

/** Opens a store; `report` takes later what is wrong with it, or undefined when all is well again. */
export type OpenSource = (report: (problem: string | undefined) => void) => Promise<OpenedSource>;

/** Exit status of the guest's `share remove` when a process keeps the mount busy. */
const BUSY = 16;

interface ActiveShare {
  readonly source: OpenedSource;
  readonly fileSystem: ShareFileSystem;
  readonly slot: { remove(): void };
  state: ShareState;
}

/** The shares of one machine: each a store, a file system, a FUSE server and a device of its own. */
export class Shares {
  readonly #active = new Map<string, ActiveShare>();
  /** Tags being added, so that two calls at once do not pick the same. */
  readonly #reserved = new Set<string>();

  constructor(
    private readonly agent: AgentConnection,
    private readonly plug: PlugDevice,
    private readonly changed: () => void,
  ) {}

  states(): ShareState[] {
    return [...this.#active.values()].map((share) => share.state);
  }

  /** Adds `open()`'s store under the tag asked for, or one made from `name`, and mounts it. */
  async add(name: string, request: ShareRequest, open: OpenSource): Promise<ShareState> {
    const taken = new Set([...this.#active.keys(), ...this.#reserved]);
    const tag = request.tag === undefined ? makeTag(name, taken) : checkTag(request.tag, taken);
    this.#reserved.add(tag);
    try {
      const source = await open((problem) => this.#report(tag, { problem }));
      return await this.#mount(tag, request.mountPoint ?? `/mnt/${tag}`, source);
    } finally {
      this.#reserved.delete(tag);
    }
  }

  /** Resolves when the store has everything that the guest wrote. */
  async flush(tag: string): Promise<void> {
    const share = this.#find(tag);
    // What the guest's page cache holds dirty (shared mappings) is the guest's to write first.
    await runInGuest(this.agent, ["sync", "-f", share.state.mountPoint]);
    await saved(share);
  }

  async remove(tag: string): Promise<void> {
    const share = this.#find(tag);
    const result = await runInGuest(this.agent, ["share", "remove", tag, share.state.mountPoint]);
    if (exitCode(result.status) === BUSY) {
      throw new MachineError(
        "busy",
        `${share.state.mountPoint} is in use by: ${lines(result.stderr)}. End that, or leave the folder with cd.`,
      );
    }
    if (result.status !== 0) {
      throw new MachineError(
        "mount-failed",
        `${share.state.mountPoint} could not be unmounted: ${lines(result.stderr)}.`,
      );
    }
    await saved(share);
    share.slot.remove();
    this.#active.delete(tag);
    this.changed();
    await closed(share);
  }

  /** Saves everything and lets go of every store; the machine has stopped, or is about to. Throws what could not be saved. */
  async close(): Promise<void> {
    const shares = [...this.#active.values()];
    const results = await Promise.allSettled(shares.map(saved));
    for (const share of shares) await closed(share);
    this.#active.clear();
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
  }

  async #mount(tag: string, mountPoint: string, source: OpenedSource): Promise<ShareState> {
    const fileSystem = new ShareFileSystem(source.store, {
      onChange: () =>
        this.#report(tag, { unsavedBytes: fileSystem.unsavedBytes(), unsavedFiles: fileSystem.unsavedFiles() }),
      onError: ({ path, error }) => this.#report(tag, { problem: `${path} could not be saved: ${error.message}.` }),
    });
    const server = new FuseServer(fileSystem, {
      readOnly: source.access === "read-only",
      timers,
      onBug: (error, operation) => console.error(`FUSE ${operation} on ${tag}:`, error),
      onTimeout: ({ operation }) =>
        this.#report(tag, { problem: `The folder did not answer in time (${operation}); Linux was told of an error.` }),
    });
    const slot = this.plug(new VirtioFs({ tag, handler: server, reset: () => server.reset() }));
    const { kind, name, access, problem } = source;
    const share: ActiveShare = {
      source,
      fileSystem,
      slot,
      state: { tag, mountPoint, access, kind, name, unsavedBytes: 0, unsavedFiles: 0, problem },
    };
    this.#active.set(tag, share);
    // Linux then refuses to open a file for writing; without it the device still refuses the write.
    const mode = access === "read-only" ? "ro" : "rw";
    const result = await runInGuest(this.agent, ["share", "add", tag, mountPoint, mode]);
    if (result.status !== 0) {
      this.#active.delete(tag);
      await runInGuest(this.agent, ["share", "remove", tag, mountPoint]);
      slot.remove();
      await closed(share);
      throw new MachineError("mount-failed", `${name} could not be mounted at ${mountPoint}: ${lines(result.stderr)}.`);
    }
    this.changed();
    return share.state;
  }

  #report(tag: string, change: Partial<ShareState>): void {
    const share = this.#active.get(tag);
    if (!share) return;
    share.state = { ...share.state, ...change };
    this.changed();
  }

  #find(tag: string): ActiveShare {
    const share = this.#active.get(tag);
    if (!share) throw new MachineError("bad-tag", `There is no share with the tag “${tag}”.`);
    return share;
  }
}

async function saved(share: ActiveShare): Promise<void> {
  try {
    await share.fileSystem.save();
  } catch (error) {
    const why = error instanceof FsError ? error.message : String(error);
    throw new MachineError("not-saved", `Not everything in ${share.state.name} could be saved: ${why}.`, {
      cause: error,
    });
  }
}

/** Lets go of the store; what it could not save has been told. */
async function closed({ fileSystem, source }: ActiveShare): Promise<void> {
  try {
    await fileSystem[Symbol.asyncDispose]();
  } catch (error) {
    console.error(`${source.name}:`, error);
  } finally {
    source.release?.();
  }
}

const timers = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds),
  clearTimeout: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Messages of a command, on one line and without its full stop. */
function lines(text: string): string {
  return text.trim().split("\n").join(", ") || "no reason given";
}
