import { type Awaitable, isPromise } from "../posix/awaitable.js";
import type { Children } from "./children.js";
import type { DirectoryNode, FsNode } from "./node.js";
import type { SizesAhead } from "./sizes-ahead.js";

/** Directories that must be used in order before the next one is expected. */
const ENOUGH = 2;
/** So many directories ahead, unless they have so many entries. */
const DIRECTORIES = 8;
const ENTRIES = 2048;
/** So many are looked at to find them. */
const LOOKED_AT = 64;
/** A directory of more is not put in order. */
const LARGEST_DIRECTORY = 4096;
/** Directories whose order is remembered: the way up from where the guest is, and a few such. */
const ORDERS_KEPT = 16;
/** Directories that are listed and wait for the guest. */
const UNUSED = 32;

/** As the directories are listed, and by their names. */
const ORDERS = ["listed", "sorted"] as const;
type Order = (typeof ORDERS)[number];

/** The directories in one, in each order; a place is an index. */
interface Siblings {
  readonly of: Children;
  readonly order: Readonly<Record<Order, readonly DirectoryNode[]>>;
  readonly places: Readonly<Record<Order, ReadonlyMap<DirectoryNode, number>>>;
}

export interface WalkAheadOptions {
  readonly sizes: SizesAhead;
  /** Brings the names of a directory into memory. */
  readonly list: (directory: DirectoryNode) => Awaitable<Children>;
  /** Lets go of the names of a directory that nobody needs. */
  readonly prune: (directory: DirectoryNode) => void;
  /** Something else is to be done with the node first. */
  readonly isBusy: (node: FsNode) => boolean;
}

/**
 * Lists directories before the guest does, where it goes through a tree, as `find`, `ls -R`, `rm -r` and `git status` do: from each to those
 * below it, then to the next. Sizes of their files are asked for as well, if it wants attributes.
 */
export class WalkAhead {
  /** Directories in a row that were next in this order. */
  readonly #steps: Record<Order, number> = { listed: 0, sorted: 0 };
  /** Listed, or being listed, and not used yet. Oldest first. */
  readonly #unused = new Set<DirectoryNode>();
  readonly #siblings = new Map<DirectoryNode, Siblings>();
  #wantsAttributes = false;

  constructor(private readonly options: WalkAheadOptions) {}

  /** Directories that are listed ahead, or being so, and were not used. */
  get unused(): number {
    return this.#unused.size;
  }

  /** The guest wants names of the directory, and is about to be told. */
  use(directory: DirectoryNode): void {
    const wasAhead = this.#unused.delete(directory);
    if (directory.children !== undefined && !wasAhead) return;
    // First what it asks for itself. A store that answers at once has done so by then.
    void Promise.resolve().then(() => {
      if (wasAhead || directory.listing !== undefined) this.#follow(directory);
    });
  }

  /** The guest reads on in a directory, with attributes or without: it will do so in others. */
  readsOn(plus: boolean): void {
    this.#wantsAttributes = plus;
  }

  /** Whether it was seen that the guest wants to know of every file. */
  get wantsAttributes(): boolean {
    return this.#wantsAttributes || this.options.sizes.isFollowing;
  }

  /** The guest does not know the node any more. */
  forget(node: FsNode): void {
    if (node.kind !== "directory") return;
    this.#siblings.delete(node);
    for (const unused of this.#unused) if (unused === node || unused.parent === node) this.#drop(unused);
  }

  /** Something of the directory came from the store that the guest had not asked for, and may not want any more. */
  answered(directory: DirectoryNode): void {
    if (directory.nlookup === 0 && !this.#unused.has(directory)) this.options.prune(directory);
  }

  clear(): void {
    this.#siblings.clear();
    for (const directory of this.#unused) this.#drop(directory);
  }

  #follow(directory: DirectoryNode): void {
    const { parent } = directory;
    if (parent === undefined) return;
    for (const order of ORDERS) this.#steps[order] = this.#stepped(directory, parent, order, this.#steps[order]);
    const order = this.#steps.sorted > this.#steps.listed ? "sorted" : "listed";
    if (this.#steps[order] >= ENOUGH) this.#listNext(directory, order);
  }

  /** How many steps in that order the guest has taken by now. */
  #stepped(directory: DirectoryNode, parent: DirectoryNode, order: Order, steps: number): number {
    const siblings = this.#siblingsIn(parent);
    const place = siblings?.places[order].get(directory);
    if (siblings === undefined || place === undefined) return 0;
    const last = siblings.order[order][place - 1];
    if (last === undefined) return steps;
    const isUsed = (last.children !== undefined || last.listing !== undefined) && !this.#unused.has(last);
    return isUsed || last.parent !== parent ? steps + 1 : 0; // `rm -r` has removed it
  }

  #listNext(from: DirectoryNode, order: Order): void {
    let [directories, entries, lookedAt] = [0, 0, 0];
    for (const directory of this.#behind(from, order)) {
      if (++lookedAt > LOOKED_AT || directories >= DIRECTORIES || entries > ENTRIES) return;
      if (!this.#unused.has(directory) && !this.#begin(directory)) continue;
      directories++;
      entries += directory.children?.size ?? 0;
    }
  }

  /** Everything that comes after the directory in a walk, as far as it is known. */
  *#behind(directory: DirectoryNode, order: Order): Generator<DirectoryNode> {
    yield* this.#below(directory, order);
    for (let at = directory; at.parent !== undefined; at = at.parent) {
      const siblings = this.#siblingsIn(at.parent);
      const place = siblings?.places[order].get(at);
      if (siblings === undefined || place === undefined) return;
      for (let next = place + 1; next < siblings.order[order].length; next++) {
        const sibling = siblings.order[order][next]!;
        if (sibling.parent !== at.parent) continue;
        yield sibling;
        yield* this.#below(sibling, order);
      }
    }
  }

  *#below(directory: DirectoryNode, order: Order): Generator<DirectoryNode> {
    if ((directory.children?.directories ?? 0) === 0) return;
    for (const child of this.#siblingsIn(directory)?.order[order] ?? []) {
      if (child.parent !== directory) continue;
      yield child;
      yield* this.#below(child, order);
    }
  }

  /** False: it is listed, or cannot be now. */
  #begin(directory: DirectoryNode): boolean {
    const { children, listing, stored, failure } = directory;
    if (children !== undefined || listing !== undefined || stored === undefined || failure !== undefined) return false;
    if (this.options.isBusy(directory)) return false;
    let listed: Awaitable<Children>;
    try {
      listed = this.options.list(directory);
    } catch {
      return false; // whoever needs it is told
    }
    if (!isPromise(listed)) return false;
    this.#unused.add(directory);
    const [oldest] = this.#unused;
    if (this.#unused.size > UNUSED) this.#drop(oldest!);
    listed.then(
      (names) => {
        if (this.wantsAttributes && this.#unused.has(directory)) this.options.sizes.expect(names.nodes());
        this.answered(directory);
      },
      () => this.#unused.delete(directory),
    );
    return true;
  }

  #drop(directory: DirectoryNode): void {
    this.#unused.delete(directory);
    this.options.prune(directory);
  }

  #siblingsIn(parent: DirectoryNode): Siblings | undefined {
    const { children } = parent;
    if (children === undefined || children.directories > LARGEST_DIRECTORY) return undefined;
    const known = this.#siblings.get(parent);
    this.#siblings.delete(parent);
    const isCurrent = known?.of === children && known.order.listed.length >= children.directories;
    const siblings = isCurrent ? known : inOrders(children);
    this.#siblings.set(parent, siblings);
    if (this.#siblings.size > ORDERS_KEPT) this.#siblings.delete(this.#siblings.keys().next().value!);
    return siblings;
  }
}

function inOrders(children: Children): Siblings {
  const listed: DirectoryNode[] = [];
  for (const node of children.nodes()) if (node.kind === "directory") listed.push(node);
  const sorted = listed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { of: children, order: { listed, sorted }, places: { listed: placesOf(listed), sorted: placesOf(sorted) } };
}

function placesOf(directories: readonly DirectoryNode[]): Map<DirectoryNode, number> {
  return new Map(directories.map((directory, place) => [directory, place]));
}
