import { expect } from "vitest";
import type { Awaitable } from "../../posix/awaitable.js";
import { decodeName } from "../../posix/name.js";
import { MemoryStore, type MemoryTree } from "../../storage/memory/memory-store.js";
import { ShareFileSystem } from "../share-file-system.js";
import type { Outside } from "./conformance.js";
import { Guest } from "./guest.js";
import { outsideOf } from "./memory-outside.js";
import { Random } from "./random.js";
import { SlowStore, type StoreCall } from "./slow-store.js";
import { stillTimers } from "./still-timers.js";

/** Files of a directory. */
export const FILES = 200;

/** Names in the order of their numbers, and by name. */
export const nameOf = (i: number): string => `f${String(i).padStart(3, "0")}`;

/** Files whose content is their number. */
export function numberedFiles(): MemoryTree {
  return Object.fromEntries(Array.from({ length: FILES }, (_, i) => [nameOf(i), `${i}`]));
}

/** A guest that reads numbered files of a store which takes its time, and what is read ahead of it meanwhile. */
export class AheadReader {
  /** Content that was read ahead: paths in the order in which that was begun. */
  readonly ahead: string[] = [];
  before: (call: StoreCall) => Awaitable<void> = () => {};
  now = 1_750_000_000_000;
  guest!: Guest;
  share!: AheadShare;

  /** `allAnswered` ends when the store has answered all that was asked: it takes turns of the microtask queue alone. */
  constructor(private readonly allAnswered: () => Promise<void>) {}

  async mount(files: MemoryTree, exclusive = true): Promise<Outside> {
    const memory = new MemoryStore(files, { exclusive });
    const store = new SlowStore(memory, {
      random: new Random(1),
      slowContent: false,
      before: (call) => {
        if (call.operation === "readWhole") this.ahead.push(call.path);
        return this.before(call);
      },
    });
    this.share = new AheadShare(store, { now: () => this.now });
    this.guest = await Guest.mount(this.share, stillTimers);
    return outsideOf(memory);
  }

  /** Reads files one after the other; returns those that were not answered at once. What is read ahead has time to come. */
  async readAll(numbers: readonly number[], directory = "d"): Promise<number[]> {
    const late = [];
    for (const i of numbers) if (!(await this.readsAtOnce(i, directory))) late.push(i);
    return late;
  }

  async readsAtOnce(i: number, directory: string): Promise<boolean> {
    const node = await this.guest.node(`${directory}/${nameOf(i)}`);
    const bytes = await this.guest.kernel.read(node, 0, 0, 4096);
    const { answeredAtOnce } = this.guest.kernel;
    expect(decodeName(bytes)).toBe(`${i}`);
    await this.allAnswered();
    return answeredAtOnce;
  }
}

export class Gate {
  open = (): void => {};
  readonly opened = new Promise<void>((open) => (this.open = open));
}

class AheadShare extends ShareFileSystem {
  get aheadBytes(): number {
    return this.share.ahead.bytes;
  }
}
