import type { ShareState } from "../client/types.js";
import type { PluggedDevice } from "../emulator/emulator.js";
import type { VirtioDevice } from "../virtio/device.js";
import { ActiveShare, type OpenedSource, type StoreAccess } from "./active-share.js";
import type { ChangeSource } from "./change-source.js";
import { exitCode, type RunOwnProgram } from "./guest-command.js";
import type { ShareRequest } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import { checkTag, makeTag } from "./tag.js";

/** Plugs a device into the running machine; the result pulls it out again. */
export type PlugDevice = (device: VirtioDevice, slot?: number) => PluggedDevice;

/** Opens a store; `report` takes later what is wrong with it, or undefined when all is well again. */
export type OpenSource = (report: ReportProblem) => Promise<OpenedSource>;
export type ReportProblem = (problem: string | undefined, access?: StoreAccess) => void;

/** Of the share that is the root: as in `root=TAG` on the kernel's command line. */
export const ROOT_TAG = "root";
const ROOT_DIRECTORY = "/";
/** Exit status of the guest's `share remove` when a process keeps the mount busy. */
const BUSY = 16;
/** The page is told of changes at most that often: one write changes what is unsaved. */
const REPORT_INTERVAL_MS = 100;

/** The shares of one machine. */
export class Shares {
  readonly #active = new Map<string, ActiveShare>();
  /** Tags being added, so that two calls at once do not pick the same. */
  readonly #reserved = new Set<string>();
  #reportTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly run: RunOwnProgram,
    private readonly plug: PlugDevice,
    private readonly report: (states: readonly ShareState[]) => void,
  ) {}

  get active(): readonly ActiveShare[] {
    return [...this.#active.values()];
  }

  /** Plugs in a share that Linux is to find when it runs: its root, or what it has mounted already. */
  plugIn(source: OpenedSource, tag = ROOT_TAG, mountPoint = ROOT_DIRECTORY, slot?: number): ActiveShare {
    const share = new ActiveShare(tag, mountPoint, source, this.#changed);
    this.#plugIn(share, slot);
    this.#reportNow();
    return share;
  }

  /** Adds `open()`'s store under the tag asked for, or one made from `name`, and mounts it. */
  async add(name: string, request: ShareRequest, open: OpenSource): Promise<ShareState> {
    const taken = new Set([...this.#active.keys(), ...this.#reserved]);
    const tag = request.tag === undefined ? makeTag(name, taken) : checkTag(request.tag, taken);
    this.#reserved.add(tag);
    try {
      let told: Parameters<ReportProblem> | undefined;
      const source = await open((...problem) => {
        told = problem;
        this.setProblem(tag, ...problem);
      });
      const share = new ActiveShare(tag, request.mountPoint ?? `/mnt/${tag}`, source, this.#changed);
      if (told?.[0]) share.setStoreProblem(...told);
      return await this.#mount(share);
    } finally {
      this.#reserved.delete(tag);
    }
  }

  /** Throws "bad-tag" where there is none. */
  find(tag: string): ActiveShare {
    const found = this.#active.get(tag);
    if (!found) throw new MachineError("bad-tag", `There is no share with the tag “${tag}”.`);
    return found;
  }

  /** Resolves when the store has everything that the guest wrote. */
  async flush(tag: string): Promise<void> {
    const share = this.find(tag);
    // What the guest's page cache holds dirty (shared mappings) is the guest's to write first.
    await this.run("sync", "-f", share.mountPoint);
    await share.save();
  }

  /** The time that the guest does not need is the stores'. What it waits for comes first. */
  guestIsIdle(): void {
    const shares = this.active;
    if (shares.some(({ served }) => served.server.pending > 0)) return;
    for (const { fileSystem } of shares) fileSystem.guestIsIdle();
  }

  /** What the guest changed in a copy-on-write share. */
  changesOf(tag: string): ChangeSource {
    const { source } = this.find(tag);
    if (source.changes) return source.changes;
    throw new MachineError("bad-source", `“${source.name}” is not shared as copy-on-write.`);
  }

  /** Does something with the changes, everything that the guest wrote included. */
  async withChanges<T>(tag: string, use: (changes: ChangeSource) => Promise<T>): Promise<T> {
    const changes = this.changesOf(tag);
    await this.flush(tag);
    try {
      return await use(changes);
    } finally {
      this.#changed();
    }
  }

  /** Resolves with what was known of it. */
  async remove(tag: string): Promise<ShareState> {
    const share = this.find(tag);
    const { mountPoint, state } = share;
    if (mountPoint === ROOT_DIRECTORY) {
      throw new MachineError(
        "busy",
        `${share.source.name} is the root of this machine: stop the machine to let go of it.`,
      );
    }
    const result = await this.run("share", "remove", tag, mountPoint);
    const said = lines(result.stderr);
    if (exitCode(result.status) === BUSY) {
      throw new MachineError("busy", `${mountPoint} is in use by: ${said}. End that, or leave the folder with cd.`);
    }
    if (result.status !== 0) throw new MachineError("mount-failed", `${mountPoint} could not be unmounted: ${said}.`);
    await share.save();
    share.slot.remove();
    this.#active.delete(tag);
    this.#reportNow();
    await share.close();
    return state;
  }

  /** Saves everything and lets go of every store; the machine has stopped, or is about to. Throws what could not be saved. */
  async close(): Promise<void> {
    const shares = this.active;
    const results = await Promise.allSettled(shares.map((share) => share.save()));
    for (const share of shares) await share.close();
    this.#active.clear();
    clearTimeout(this.#reportTimer);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
  }

  async #mount(share: ActiveShare): Promise<ShareState> {
    const { tag, mountPoint, source } = share;
    this.#plugIn(share);
    // Linux then refuses to open a file for writing; without it the device still refuses the write.
    const mode = source.access === "read-only" ? "ro" : "rw";
    const result = await this.run("share", "add", tag, mountPoint, mode);
    if (result.status !== 0) {
      await this.run("share", "remove", tag, mountPoint);
      share.slot.remove();
      this.#active.delete(tag);
      await share.close();
      const why = lines(result.stderr);
      throw new MachineError("mount-failed", `${source.name} could not be mounted at ${mountPoint}: ${why}.`);
    }
    this.#reportNow();
    return share.state;
  }

  /** What is wrong with the share's store, or undefined when all is well again. */
  setProblem(tag: string, problem: string | undefined, access?: StoreAccess): void {
    const active = this.#active.get(tag);
    if (!active) return;
    active.setStoreProblem(problem, access);
    this.#changed();
  }

  readonly #changed = (): void => {
    this.#reportTimer ??= setTimeout(() => this.#reportNow(), REPORT_INTERVAL_MS);
  };

  #reportNow(): void {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.report(this.active.map((share) => share.state));
  }

  #plugIn(share: ActiveShare, slot?: number): void {
    share.slot = this.plug(share.served.device, slot);
    this.#active.set(share.tag, share);
  }
}

/** Messages of a command, on one line. */
function lines(text: string): string {
  return text.trim().split("\n").join(", ") || "no reason given";
}
