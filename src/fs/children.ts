import type { DirectoryNode, FsNode } from "./node.js";

/** Cookies of "." and "..". */
export const DOT_COOKIE = 1;
export const DOT_DOT_COOKIE = 2;

interface Slot {
  readonly cookie: number;
  /** Undefined: the entry has gone. */
  node: FsNode | undefined;
}

/**
 * The entries of one directory. Each has a slot with a number that is never used again and serves as its cookie: a listing
 * resumes after any cookie, with no state kept for the stream. An entry renamed within the directory keeps its slot, so that a
 * program which renames what it lists sees each entry once.
 */
export class Children {
  readonly #slots = new Map<string, Slot>();
  /** Ascending, with slots of entries that have gone. */
  #order: Slot[] = [];
  #next = DOT_DOT_COOKIE + 1;
  #directories = 0;
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

  *nodes(): Generator<FsNode> {
    for (const slot of this.#slots.values()) if (slot.node !== undefined) yield slot.node;
  }

  /** Adds an entry whose name is free. */
  add(node: FsNode): void {
    const slot = { cookie: this.#next++, node };
    this.#slots.set(node.name, slot);
    this.#order.push(slot);
    if (node.kind === "directory") this.#directories++;
  }

  remove(node: FsNode): void {
    const slot = this.#slots.get(node.name);
    if (slot?.node !== node) return;
    this.#slots.delete(node.name);
    slot.node = undefined;
    if (node.kind === "directory") this.#directories--;
    if (this.#order.length > 2 * this.#slots.size + 64)
      this.#order = this.#order.filter((slot) => slot.node !== undefined);
  }

  /** Gives an entry another name, which is free. */
  rename(node: FsNode, name: string): void {
    const slot = this.#slots.get(node.name);
    if (slot === undefined) return;
    this.#slots.delete(node.name);
    node.name = name;
    this.#slots.set(name, slot);
  }

  /** A listing begins: it shows what is here now. */
  rewind(): void {
    this.#end = this.#next;
  }

  /** Up to `count` entries after the cookie. */
  after(cookie: number, count: number): { cookie: number; node: FsNode }[] {
    const found: { cookie: number; node: FsNode }[] = [];
    for (let at = this.#indexAfter(cookie); at < this.#order.length && found.length < count; at++) {
      const { cookie, node } = this.#order[at]!;
      if (cookie >= this.#end) break;
      if (node !== undefined) found.push({ cookie, node });
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
