import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Store, StoreDirectory, StoreEntry, StoreStat } from "../storage/store.js";
import { touch } from "./attributes.js";
import { ensure } from "./awaitables.js";
import type { ChangeQueue } from "./change-queue.js";
import { Children, childrenOf } from "./children.js";
import { Freshness } from "./freshness.js";
import type { Keeper } from "./keeper.js";
import { leaveAll } from "./links.js";
import { DirectoryNode, entryKey, type FileNode, type FsNode, type NodeSeed } from "./node.js";
import { DEFAULT_DIRECTORY_MODE } from "./node-records.js";
import { OwnChanges } from "./own-changes.js";
import { isStoredAt, moveStored, Places } from "./places.js";
import { takeStat } from "./take-stat.js";
import { type Timestamp, timestampOf } from "./timestamp.js";

/** Never a nodeid. */
const PARKING_ID = 0;

export interface TreeOptions {
  /** Nobody else changes the store: what was read once stays true. */
  readonly exclusive: boolean;
  readonly now: () => number;
  /** Owner of what the store has. */
  readonly uid: number;
  readonly gid: number;
  /** The file's content was changed outside: what is open of it is out of date. */
  readonly changedOutside: (node: FileNode) => void;
}

/**
 * The names and attributes of a share, in memory: a directory is listed when it is first used. Where others change the store
 * too, an answer that has aged is asked for again; what waits in our queue wins over it.
 */
export class Tree {
  readonly root: DirectoryNode;
  /** What has no name for a while is here, if the store has room for such. */
  readonly parking: DirectoryNode;
  readonly places: Places;
  readonly freshness: Freshness;
  /** Nodeids up to this one were given. */
  lastId: number;

  constructor(
    rootId: number,
    store: Store,
    private readonly queue: ChangeQueue,
    private readonly keeper: Keeper,
    private readonly options: TreeOptions,
  ) {
    this.lastId = rootId;
    const time = timestampOf(options.now());
    this.freshness = new Freshness(options.exclusive, options.now);
    const { uid, gid } = options;
    const seed = { id: rootId, ino: rootId, parent: undefined, name: "", uid, gid, time };
    this.root = new DirectoryNode({ ...seed, mode: DEFAULT_DIRECTORY_MODE });
    this.parking = new DirectoryNode({ ...seed, id: PARKING_ID, mode: DEFAULT_DIRECTORY_MODE });
    keeper.begin(this.root, this.parking, (at, name, mode, ino) => this.seed(at, name, mode, uid, gid, time, ino));
    this.places = new Places(this.root, store.root, this.parking, store.parking);
  }

  /** What a new node in `parent` starts with. */
  seed(
    parent: DirectoryNode | undefined,
    name: string,
    mode: number,
    uid: number,
    gid: number,
    time: Timestamp,
    ino?: number,
  ): NodeSeed {
    return { id: ++this.lastId, ino: this.keeper.inodes.take(parent, name, ino), parent, name, mode, uid, gid, time };
  }

  /** Ends when the names of the directory are in memory. */
  listed(directory: DirectoryNode): Awaitable<Children> {
    return directory.children ?? this.#list(directory);
  }

  /** As `listed`, with the store's answer asked again if it is old. */
  relisted(directory: DirectoryNode): Awaitable<Children> {
    if (directory.children === undefined) return this.#list(directory);
    if (
      this.freshness.isFresh(directory.listedAt, directory) ||
      (directory.stored === undefined && directory !== this.root)
    )
      return directory.children;
    return this.#list(directory);
  }

  /** As `listed`, with what the store says of this one name asked again if it is old. */
  fresh(directory: DirectoryNode, name: string): Awaitable<Children> {
    return chain(this.listed(directory), (children) => {
      const node = children.get(name);
      const isFresh = (askedAt: number | undefined) => this.freshness.isFresh(askedAt, directory);
      if (isFresh(directory.listedAt) || (node !== undefined && isFresh(node.checkedAt))) return children;
      if (node !== undefined && this.#isOurs(node)) return children;
      if (this.queue.isClaimed(entryKey({ parent: directory, name }))) return children;
      return this.#check(directory, name);
    });
  }

  /** Ends when the node's attributes are known, and not too old. */
  measured(node: FsNode): Awaitable<void> {
    if (node.kind !== "file" || node.stored === undefined) return;
    const known = node.size !== undefined && this.freshness.isFresh(node.checkedAt, node.stored.parent);
    if (known || (node.size !== undefined && this.#isOurs(node))) return;
    return chain(this.#measure(node), () => undefined);
  }

  /** Takes over what the store says of a file. True: others have changed it. */
  took(node: FileNode, stat: StoreStat): boolean {
    const isOurs = this.options.exclusive || this.#isOurs(node);
    const isChanged = takeStat(node, stat, this.freshness.asked(), isOurs, this.options.exclusive);
    if (isChanged) this.options.changedOutside(node);
    return isChanged;
  }

  /** Asks the store to tell what others change. */
  watch(store: Store): void {
    // Whether others changed what is not saved yet cannot be said.
    const isOthers = (node: FileNode) => chain(this.#measure(node), (isChanged) => isChanged || this.#isOurs(node));
    const isBusy = (node: FsNode) => (node.kind === "file" && node.open !== undefined) || this.queue.isClaimed(node);
    this.freshness.watch(store, this.root, new OwnChanges(this.options.now, isBusy, isOthers));
  }

  /** Asks the store about the file. True: others have changed it. */
  #measure(node: FileNode): Awaitable<boolean> {
    const stat = () => chain(this.places.file(node), (file) => file.stat());
    const measure = () => chain(this.queue.ask({ uses: [node] }, stat), (stat) => this.took(node, stat));
    return recover(measure, (error) => {
      const { stored } = node;
      const isGone = error instanceof FsError && error.errno === Errno.ENOENT && !this.#isOurs(node);
      if (!isGone || stored === undefined) throw error;
      // Another file may have its name.
      return chain(this.#check(stored.parent, stored.name), (children) => {
        // Found by another of its names, and never there in this visit.
        if (isStoredAt(node, stored) && children.get(stored.name) !== node) this.#vanish(node);
        if (node.parent === undefined) throw error;
        return true;
      });
    });
  }

  /** A name of the directory was changed by us, or its change reached the store. */
  changed(directory: DirectoryNode, name: string): void {
    for (const question of directory.questions) question.add(name);
  }

  /** Lets go of listings that nobody needs, from `at` up. */
  prune(at: DirectoryNode | undefined): void {
    while (at !== undefined && at.nlookup === 0 && at.parent !== undefined && at.children !== undefined) {
      if (this.queue.isClaimed(at) || at.listing !== undefined) return;
      if (at.children.some((child) => !this.#isIdle(child))) return;
      for (const [, child] of at.children.entries()) this.keeper.forgotten(child);
      at.subdirectories = at.children.directories;
      at.children = undefined;
      at.listedAt = undefined; // what the next listing finds is no change
      at = at.parent;
    }
  }

  #isIdle(node: FsNode): boolean {
    if (node.nlookup > 0 || node.failure !== undefined || this.queue.isClaimed(node)) return false;
    if (node.kind === "file") return node.waiting === undefined && node.open === undefined;
    return node.kind === "special" || node.children === undefined;
  }

  /** What we have of the node is newer than anything that the store could say. */
  #isOurs(node: FsNode): boolean {
    if (node.kind === "special" || this.queue.isClaimed(node)) return true;
    return node.kind === "file" && (node.waiting !== undefined || (node.open?.unsaved() ?? 0) > 0);
  }

  #list(directory: DirectoryNode): Awaitable<Children> {
    const children = () => childrenOf(directory);
    if (directory.listing !== undefined) return directory.listing.then(children);
    if (directory.stored === undefined && directory !== this.root) return children();
    const listing = this.#ask(
      directory,
      (store) => store.list(),
      (entries, store, changed) => this.#merge(directory, entries, store, changed),
    );
    if (!isPromise(listing)) return children();
    directory.listing = listing.finally(() => (directory.listing = undefined));
    return directory.listing.then(children);
  }

  #check(directory: DirectoryNode, name: string): Awaitable<Children> {
    const ask = (store: StoreDirectory) =>
      chain(store.get(name), (entry) => {
        if (entry?.kind !== "file") return { entry, stat: undefined };
        return chain(entry.file.stat(), (stat) => ({ entry, stat }));
      });
    const checked = this.#ask<{ entry: StoreEntry | undefined; stat: StoreStat | undefined }>(
      directory,
      ask,
      ({ entry, stat }, store, changed) => {
        if (changed.has(name)) return;
        const node = this.#adopt(directory, name, entry, store);
        if (node?.kind === "file" && stat !== undefined) this.took(node, stat);
      },
    );
    return chain(checked, () => this.listed(directory));
  }

  /** Asks the store about names of a directory; `use` is told which of them changed meanwhile. */
  #ask<T>(
    directory: DirectoryNode,
    ask: (store: StoreDirectory) => Awaitable<T>,
    use: (answer: T, store: StoreDirectory, changed: ReadonlySet<string>) => void,
  ): Awaitable<void> {
    const changed = new Set<string>();
    directory.questions.add(changed);
    const question = () =>
      chain(this.places.directory(directory), (store) => chain(ask(store), (answer) => ({ answer, store })));
    return ensure(
      () => chain(this.queue.ask({ uses: [directory] }, question), ({ answer, store }) => use(answer, store, changed)),
      () => directory.questions.delete(changed),
    );
  }

  #merge(
    directory: DirectoryNode,
    entries: readonly StoreEntry[],
    store: StoreDirectory,
    changed: ReadonlySet<string>,
  ): void {
    const isFirst = directory.children === undefined;
    const children = (directory.children ??= new Children());
    const there = new Set<string>();
    const isSettled = (name: string) =>
      !changed.has(name) && !this.queue.isClaimed(entryKey({ parent: directory, name }));
    for (const entry of entries) {
      there.add(entry.name);
      if (isSettled(entry.name)) this.#adopt(directory, entry.name, entry, store);
    }
    for (const [name, node] of children.entries()) {
      if (!there.has(name) && isStoredAt(node, { parent: directory, name }) && isSettled(name)) this.#vanish(node);
    }
    if (isFirst) this.keeper.restore(directory, children, isSettled);
    if (children.directories !== (directory.subdirectories ?? 0)) this.keeper.touched(directory);
    directory.listedAt = this.options.now();
    // It may be new, and entries have come into it before it was watched: what holds the directory was disturbed then.
    directory.disturbedAt ??= directory === this.root ? -Infinity : directory.stored?.parent.disturbedAt;
  }

  /** Takes over what the store says of a name. */
  #adopt(
    directory: DirectoryNode,
    name: string,
    entry: StoreEntry | undefined,
    store: StoreDirectory,
  ): FsNode | undefined {
    const place = { parent: directory, name };
    let node = directory.children?.get(name);
    // What never reached the store cannot have been removed from it.
    if (node !== undefined && node.kind !== "special" && node.stored === undefined) return node;
    if (entry === undefined) {
      if (node !== undefined && isStoredAt(node, place)) this.#vanish(node);
      return undefined;
    }
    if (node !== undefined && (node.kind !== entry.kind || !isStoredAt(node, place))) {
      this.#vanish(node);
      node = undefined;
    }
    node ??= this.#discover(directory, name, entry);
    node.stored = place;
    if (node.kind === "file" && entry.kind === "file") {
      node.file = entry.file;
      node.under = store;
    } else if (node.kind === "directory" && entry.kind === "directory") {
      node.directory = entry.directory;
      node.under = store;
      node.checkedAt = this.freshness.asked();
    }
    return node;
  }

  #discover(directory: DirectoryNode, name: string, { kind }: StoreEntry): FileNode | DirectoryNode {
    const node = this.keeper.discover(directory, name, kind);
    directory.children?.add(name, node);
    // What the first listing finds is no change; what a later one finds, others made.
    if (directory.listedAt !== undefined) touch(directory, timestampOf(this.options.now()));
    return node;
  }

  /** It was removed outside: each of its names goes. */
  #vanish(node: FsNode): void {
    const now = timestampOf(this.options.now());
    for (const place of leaveAll(node)) {
      place.parent.children?.remove(place.name);
      this.keeper.removed(place);
      touch(place.parent, now);
    }
    moveStored(node, undefined);
  }
}
