import { type Awaitable, isPromise } from "../posix/awaitable.js";
import type { DirectoryNode, FsNode } from "./node.js";

/** Files of a directory that the store must have been asked about before others' turn comes without a question. */
const ENOUGH = 3;
/** So many files ahead at first, and at most: it doubles each time. */
const FIRST_WINDOW = 16;
const WINDOW = 128;

/**
 * Asks the store for the sizes and times of files before the guest does, where it asks for those of a directory one by one, as
 * `git status` and `[ -f NAME ]` do: each wait for a browser's storage costs a slice of the emulator, and these share it.
 */
export class SizesAhead {
  #directory: DirectoryNode | undefined;
  #misses = 0;
  #window = FIRST_WINDOW;
  #underWay = 0;

  /** `measure`: brings a node's size and times up to date. */
  constructor(private readonly measure: (node: FsNode) => Awaitable<void>) {}

  /** Ends when the node's attributes are known, and not too old. */
  measured(node: FsNode): Awaitable<void> {
    const measuring = this.measure(node);
    const directory = node.stored?.parent;
    if (isPromise(measuring) && directory !== undefined) this.#missed(directory, node);
    return measuring;
  }

  /** The store was asked about a name of the directory. */
  asked(directory: DirectoryNode, name: string): void {
    const node = directory.children?.get(name);
    if (node !== undefined) this.#missed(directory, node);
  }

  #missed(directory: DirectoryNode, node: FsNode): void {
    if (directory !== this.#directory) {
      this.#directory = directory;
      this.#misses = 0;
      this.#window = FIRST_WINDOW;
    }
    if (++this.#misses < ENOUGH || this.#underWay > 0) return;
    this.#misses = 0;
    this.#ask(directory, node, this.#window);
    this.#window = Math.min(2 * this.#window, WINDOW);
  }

  /** Those that are listed behind the node. */
  #ask(directory: DirectoryNode, node: FsNode, count: number): void {
    let isBehind = false;
    for (const [, next] of directory.children?.entries() ?? []) {
      if (isBehind && this.#begin(next) && --count === 0) return;
      isBehind ||= next === node;
    }
  }

  /** False: there is nothing to ask. */
  #begin(node: FsNode): boolean {
    if (node.kind !== "file") return false;
    let measuring: Awaitable<void>;
    try {
      measuring = this.measure(node);
    } catch {
      return false; // whoever needs it is told
    }
    if (!isPromise(measuring)) return false;
    this.#underWay++;
    const ended = (): void => void this.#underWay--;
    measuring.then(ended, ended);
    return true;
  }
}
