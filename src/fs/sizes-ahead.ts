import { type Awaitable, isPromise } from "../posix/awaitable.js";
import type { DirectoryNode, FsNode } from "./node.js";

/** Files of a directory that the store must have been asked about before others' turn comes without a question. */
const ENOUGH = 3;
/** So many files ahead at first, and at most: it doubles each time. */
const FIRST_WINDOW = 16;
const WINDOW = 128;
/** Questions under way that nobody has asked yet. */
const AT_ONCE = 128;
/** So many more may be expected, and so many of a directory at a time: as many as two requests of Linux list. */
const EXPECTED = 4096;
const OF_DIRECTORY = 512;

export interface SizesAheadOptions {
  /** Brings a node's size and times up to date. */
  readonly measure: (node: FsNode) => Awaitable<void>;
  /** Something else is to be done with the node first. */
  readonly isBusy: (node: FsNode) => boolean;
  /** An answer came about a file of the directory that the guest had not asked for. */
  readonly answered: (directory: DirectoryNode) => void;
}

/**
 * Asks the store for the sizes and times of files before the guest does, where it asks for those of a directory one by one, as
 * `git status` and `[ -f NAME ]` do, or goes through a tree: each wait for a browser's storage costs a slice of the emulator,
 * and these share it. Of a hundred questions at once each costs the browser half of what it costs alone (Chromium 156).
 */
export class SizesAhead {
  /** What is asked already, by whoever. */
  readonly #asked = new Map<FsNode, Promise<void>>();
  /** Those whose turn comes when others have been answered. */
  readonly #expected = new Set<FsNode>();
  #directory: DirectoryNode | undefined;
  #misses = 0;
  #window = FIRST_WINDOW;
  #underWay = 0;

  constructor(private readonly options: SizesAheadOptions) {}

  /** The guest asks for files of a directory one by one. */
  get isFollowing(): boolean {
    return this.#misses >= ENOUGH || this.#window > FIRST_WINDOW;
  }

  /** Ends when the node's attributes are known, and not too old. */
  measured(node: FsNode): Awaitable<void> {
    const measuring = this.asked(node);
    const directory = node.stored?.parent;
    if (isPromise(measuring) && directory !== undefined) this.#missed(directory, node);
    return measuring;
  }

  /** As `measured`, for somebody else than the guest. */
  asked(node: FsNode): Awaitable<void> {
    return this.#asked.get(node) ?? this.#ask(node);
  }

  /** The guest will want to know about these entries of a directory, in this order. */
  expect(nodes: Iterable<FsNode>): void {
    let count = 0;
    for (const node of nodes) {
      if (++count > OF_DIRECTORY || this.#expected.size >= EXPECTED) break;
      if (isUnknown(node)) this.#expected.add(node);
    }
    this.#askExpected();
  }

  clear(): void {
    this.#expected.clear();
  }

  /** The store was asked about a name of the directory. */
  looked(directory: DirectoryNode, name: string): void {
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
    this.#askBehind(directory, node, this.#window);
    this.#window = Math.min(2 * this.#window, WINDOW);
  }

  /** Those that are listed behind the node. */
  #askBehind(directory: DirectoryNode, node: FsNode, count: number): void {
    let isBehind = false;
    for (const [, next] of directory.children?.entries() ?? []) {
      if (isBehind && this.#begin(next) && --count === 0) return;
      isBehind ||= next === node;
    }
  }

  #askExpected(): void {
    for (const node of this.#expected) {
      if (this.#underWay >= AT_ONCE) return;
      this.#expected.delete(node);
      if (isUnknown(node)) this.#begin(node);
    }
  }

  /** False: there is nothing to ask. */
  #begin(node: FsNode): boolean {
    const directory = node.stored?.parent;
    if (node.kind !== "file" || directory === undefined || this.#asked.has(node) || this.options.isBusy(node))
      return false;
    let measuring: Awaitable<void>;
    try {
      measuring = this.#ask(node);
    } catch {
      return false; // whoever needs it is told
    }
    if (!isPromise(measuring)) return false;
    this.#underWay++;
    const ended = (): void => {
      this.#underWay--;
      this.options.answered(directory);
      this.#askExpected();
    };
    measuring.then(ended, ended);
    return true;
  }

  #ask(node: FsNode): Awaitable<void> {
    const measuring = this.options.measure(node);
    if (!isPromise(measuring)) return;
    const asked = measuring.finally(() => this.#asked.delete(node));
    this.#asked.set(node, asked);
    return asked;
  }
}

function isUnknown(node: FsNode): boolean {
  return node.kind === "file" && node.size === undefined;
}
