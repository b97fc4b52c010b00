import { type DirectoryOnDisk, OpfsDirectoryDouble, newDirectory } from "./opfs-handles.js";

export interface TabOptions {
  /** Which of so many calls under way ends next. Missing: the first. */
  readonly pick?: (count: number) => number;
  /** The tab dies instead of its next change after so many. Missing: it does not. */
  readonly survives?: number;
}

/**
 * The origin private file system of one origin, as a dedicated worker of Chromium 156 has it, with Web Locks: in memory, and
 * one tab at a time. What a tab asks for ends in any order, one call a turn of the event loop.
 */
export class OpfsDouble {
  readonly #root = newDirectory();
  #tab: TabDouble | undefined;

  /** `clock`: now, in milliseconds since 1970. */
  constructor(private clock = Date.now()) {}

  /** The tab before is dead from now on. */
  open(options: TabOptions = {}): TabDouble {
    this.#tab?.kill();
    this.#tab = new TabDouble(this, this.#root, options);
    return this.#tab;
  }

  /** What `Date.now` says; a moment more each time. */
  now(): number {
    return Math.floor((this.clock += 0.3));
  }
}

/** Thrown by what a dead tab still asks for. */
class Killed extends Error {
  override readonly name = "Killed";
}

/** Code of a tab runs on when the tab is dead, but nothing that it does reaches OPFS, and nothing that it waits for comes. */
export class TabDouble {
  readonly storage: Pick<StorageManager, "getDirectory" | "estimate">;
  readonly locks = new LocksDouble();
  /** Ends when the tab is dead. */
  readonly death: Promise<void>;
  /** Of OPFS. */
  changes = 0;
  isDead = false;
  #died!: () => void;
  #isTurning = false;
  readonly #underWay: (() => void)[] = [];
  readonly #pick: (count: number) => number;
  #survives: number;

  constructor(
    readonly opfs: OpfsDouble,
    root: DirectoryOnDisk,
    { pick = () => 0, survives = Number.POSITIVE_INFINITY }: TabOptions,
  ) {
    this.#pick = pick;
    this.#survives = survives;
    this.death = new Promise((resolve) => (this.#died = resolve));
    this.storage = {
      getDirectory: () => this.call(() => new OpfsDirectoryDouble(this, [], root).asDirectory()),
      estimate: () => this.call(() => ({ quota: 2 ** 30, usage: 0 })),
    };
  }

  kill(): void {
    this.isDead = true;
    this.#underWay.length = 0;
    this.#died();
  }

  /** The tab dies instead of its next change after so many more. */
  dieAfter(changes: number): void {
    this.#survives = this.changes + changes;
  }

  /** What the tab asks the browser for. */
  async call<T>(work: () => T): Promise<T> {
    await new Promise<void>((resolve) => {
      if (this.isDead) return;
      this.#underWay.push(resolve);
      this.#turn();
    });
    try {
      return work();
    } catch (error) {
      if (error instanceof Killed) return new Promise(() => undefined);
      throw error;
    }
  }

  /** Ends when so many calls that were under way could have ended. */
  async pass(calls: number): Promise<void> {
    for (let count = 0; count < calls; count++) await this.call(() => undefined);
  }

  /** Before each change of OPFS; throws where it is not made. */
  change(): void {
    if (!this.isDead && this.changes >= this.#survives) this.kill();
    if (this.isDead) throw new Killed("the tab is dead");
    this.changes++;
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const [next] = this.#underWay.splice(this.#pick(this.#underWay.length), 1);
      next?.();
      if (this.#underWay.length > 0) this.#turn();
    });
  }
}

/** The locks of one tab, whose other workers have none. */
class LocksDouble {
  readonly #held = new Map<string, { mode: LockMode; count: number }>();

  /** As with `ifAvailable`. */
  async request<T>(name: string, { mode = "exclusive" }: LockOptions, use: (lock: object | null) => T): Promise<T> {
    const held = this.#held.get(name);
    if (held !== undefined && (held.mode === "exclusive" || mode === "exclusive")) return use(null);
    const lock = held ?? { mode, count: 0 };
    lock.count++;
    this.#held.set(name, lock);
    try {
      return await use(lock);
    } finally {
      if (--lock.count === 0) this.#held.delete(name);
    }
  }
}
