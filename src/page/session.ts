import { MachineError, VirtualMachine } from "../client/index.js";
import type {
  Progress,
  Share,
  ShareOptions,
  ShareSource,
  ShareState,
  StartOptions,
  StatusEvent,
} from "../client/index.js";

/** A source and how it is shared: what a new machine gets again after the old one ended. */
export type SharedSource = ShareOptions & { readonly source: ShareSource };

export interface SessionObserver {
  starting(): void;
  progress(progress: Progress): void;
  ready(machine: VirtualMachine): void;
  notStarted(error: unknown): void;
  /** `shares` as they were last heard of. */
  ended(status: "stopped" | "failed", error: unknown, shares: readonly ShareState[]): void;
  shares(shares: readonly Share[]): void;
  /** A share of the machine before could not be mounted again, or the first could not be mounted at all. */
  notShared(name: string, error: unknown): void;
}

/** The page's machine, and the next one after it ended: holds what the visitor shared, so that a new machine has it too. */
export class Session {
  readonly #options: Pick<StartOptions, "root" | "memory">;
  readonly #observer: SessionObserver;
  readonly #sharings = new Map<string, SharedSource>();
  #machine: Promise<VirtualMachine> | undefined;
  #previous: VirtualMachine | undefined;

  /** `firstShares` need a tag each. */
  constructor(
    options: Pick<StartOptions, "root" | "memory">,
    firstShares: readonly (SharedSource & { readonly tag: string })[],
    observer: SessionObserver,
  ) {
    this.#options = options;
    this.#observer = observer;
    for (const sharing of firstShares) this.#sharings.set(sharing.tag, sharing);
  }

  /** Starts a machine with every share there was. Resolves when it is ready or has failed: the observer knows which. */
  async start(): Promise<void> {
    this.#observer.starting();
    this.#observer.shares([]);
    const starting = (this.#machine = this.#startMachine());
    try {
      const machine = await starting;
      if (this.#machine !== starting) return; // It ended while its shares were mounted, and the observer knows.
      this.#observer.shares(machine.shares);
      this.#observer.ready(machine);
    } catch (error) {
      this.#machine = undefined;
      this.#observer.notStarted(error);
    }
  }

  /** Mounts it in the machine, waiting for one that is starting. */
  async share(source: ShareSource, options: ShareOptions): Promise<Share> {
    if (!this.#machine) throw new MachineError("stopped", "Linux is not running: start it first");
    const share = await (await this.#machine).share(source, options);
    this.#sharings.set(share.tag, { ...options, tag: share.tag, source });
    return share;
  }

  async remove(share: Share): Promise<void> {
    await share.remove();
    this.#sharings.delete(share.tag);
  }

  /** The share that a folder is mounted as already. */
  async shareOf(source: ShareSource): Promise<Share | undefined> {
    if (!("kind" in source)) return undefined;
    for (const share of (await this.#machine)?.shares ?? []) {
      const shared = this.sourceOf(share.tag);
      if (shared && "kind" in shared && (await shared.isSameEntry(source))) return share;
    }
    return undefined;
  }

  sourceOf(tag: string): ShareSource | undefined {
    return this.#sharings.get(tag)?.source;
  }

  async #startMachine(): Promise<VirtualMachine> {
    // Lets go of the locks on its directories.
    await this.#previous?.stop().catch((error: unknown) => console.debug("The machine before:", error));
    const machine = await VirtualMachine.start({
      ...this.#options,
      onProgress: (progress) => this.#observer.progress(progress),
    });
    this.#previous = machine;
    this.#observe(machine);
    for (const [tag, { source, ...options }] of this.#sharings) {
      // One after the other, so that the list keeps its order. Not an option of `start`: Linux runs also where one fails.
      await machine.share(source, { ...options, tag }).catch((error: unknown) => {
        if (machine.status === "ready") this.#observer.notShared(tag, error);
      });
    }
    return machine;
  }

  #observe(machine: VirtualMachine): void {
    machine.addEventListener("shares", () => {
      if (machine.status === "ready") this.#observer.shares(machine.shares);
    });
    machine.addEventListener("status", (event) => {
      const { status, error } = (event as StatusEvent).detail;
      if (status !== "stopped" && status !== "failed") return;
      this.#machine = undefined;
      this.#observer.ended(status, error, machine.shares);
    });
  }
}
