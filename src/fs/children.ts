import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { DirectoryNode, FsNode } from "./node.js";

/** Cookies of "." and "..". */
export const DOT_COOKIE = 1;
export const DOT_DOT_COOKIE = 2;

/** One entry, as it is now. */
export interface Slot {
  readonly cookie: number;
  readonly name: string;
  /** Undefined: the entry has gone. */
  readonly node: FsNode | undefined;
}

type MutableSlot = { -readonly [K in keyof Slot]: Slot[K] };

/**
 * The entries of one directory. Each has a slot with a number that is never used again and serves as its cookie: a listing
 * resumes after any cookie, with no state kept for the stream. An entry renamed within the directory keeps its slot, so that a
 * program which renames what it lists sees each entry once.
 */
export class Children {
  readonly #slots = new Map<string, MutableSlot>();
  /** Ascending, with slots of entries that have gone. */
  #order: MutableSlot[] = [];
  #next = DOT_DOT_COOKIE + 1;
  #directories = 0;
  /** Index in `#order` of what `some` found last. */
  #found = 0;
  /** Entries from this cookie on came after the last listing began, and wait for the next: else it might never end. */
  #end = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#slots.size;
  }

  /** How many of them are directories. */
  get directories(): number {
    return this.#directories;
  }

  get(name: string): FsNode | undefined {
    return this.#slots.get(name)?.node;
  }

  /** True when `test` is of any entry. Looks first where it was last: of entries that change one by one each is looked at once. */
  some(test: (node: FsNode) => boolean): boolean {
    const { length } = this.#order;
    for (let i = 0; i < length; i++) {
      const at = (this.#found + i) % length;
      const { node } = this.#order[at]!;
      if (node === undefined || !test(node)) continue;
      this.#found = at;
      return true;
    }
    return false;
  }

  *entries(): Generator<[name: string, node: FsNode]> {
    for (const { name, node } of this.#slots.values()) if (node !== undefined) yield [name, node];
  }

  /** The nodes behind the cookie. */
  *nodes(cookie = 0): Generator<FsNode> {
    for (let at = this.#indexAfter(cookie); at < this.#order.length; at++) {
      const { node } = this.#order[at]!;
      if (node !== undefined) yield node;
    }
  }

  /** Adds an entry whose name is free. */
  add(name: string, node: FsNode): void {
    const slot = { cookie: this.#next++, name, node };
    this.#slots.set(name, slot);
    this.#order.push(slot);
    if (node.kind === "directory") this.#directories++;
  }

  remove(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    if (slot.node?.kind === "directory") this.#directories--;
    this.#slots.delete(name);
    slot.node = undefined;
    if (this.#order.length > 2 * this.#slots.size + 64)
      this.#order = this.#order.filter((slot) => slot.node !== undefined);
  }

  /** Gives an entry another name, which is free. */
  rename(name: string, newName: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    slot.name = newName;
    this.#slots.set(newName, slot);
  }

  /** Puts another node in the place of an entry's. */
  replace(name: string, node: FsNode): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    if (slot.node?.kind === "directory") this.#directories--;
    if (node.kind === "directory") this.#directories++;
    slot.node = node;
  }

  /** A listing begins: it shows what is here now. */
  rewind(): void {
    this.#end = this.#next;
  }

  /** Up to `count` entries after the cookie. */
  after(cookie: number, count: number): Slot[] {
    const found: Slot[] = [];
    for (let at = this.#indexAfter(cookie); at < this.#order.length && found.length < count; at++) {
      const slot = this.#order[at]!;
      if (slot.cookie >= this.#end) break;
      if (slot.node !== undefined) found.push(slot);
    }
    return found;
  }

  #indexAfter(cookie: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle]!.cookie <= cookie) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** True when `node` is `directory` or somewhere below it. */
export function isWithin(node: FsNode, directory: DirectoryNode): boolean {
  for (let at: FsNode | undefined = node; at !== undefined; at = at.parent) if (at === directory) return true;
  return false;
}

/** The entries of a directory that was listed. */
export function childrenOf({ children, name }: DirectoryNode): Children {
  if (children !== undefined) return children;
  throw new FsError(Errno.ENOENT, name);
}
