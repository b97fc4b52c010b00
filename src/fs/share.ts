import type { Awaitable } from "../posix/awaitable.js";
import type { Timers } from "../posix/timers.js";
import type { Store } from "../storage/store.js";
import { attributesOf } from "./attributes.js";
import { ChangeQueue } from "./change-queue.js";
import { Contents } from "./contents.js";
import { Creations } from "./creations.js";
import { Entries } from "./entries.js";
import { failureOf, type StoreFailure } from "./failure.js";
import { Failures } from "./failures.js";
import { type Attributes, type CacheProfile, ROOT_NODE_ID } from "./file-system.js";
import { Files } from "./files.js";
import type { InodeNumbers } from "./inode-numbers.js";
import { Keeper } from "./keeper.js";
import { Namespace } from "./namespace.js";
import type { DirectoryNode, FileNode, FsNode, Place } from "./node.js";
import { NodeTable } from "./node-table.js";
import type { Ranges } from "./ranges.js";
import { ReadsAhead } from "./reads-ahead.js";
import { Records } from "./records.js";
import { Renames } from "./renames.js";
import { Reports } from "./reports.js";
import { Saver } from "./saver.js";
import { SizesAhead } from "./sizes-ahead.js";
import { StoreMoves } from "./store-moves.js";
import { Tree } from "./tree.js";
import type { WalkAhead } from "./walk-ahead.js";
import { WriteBehind } from "./write-behind.js";

export interface ShareFileSystemOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Owner of what the store has. Default 0. */
  readonly uid?: number;
  readonly gid?: number;
  /** In the place of what is best for the store: `fs/profiles.ts`. */
  readonly profile?: Partial<CacheProfile>;
  /** What keeps the attributes that the store cannot hold. Missing: they last as long as this file system. */
  readonly records?: Records;
  /** Files open in the store at once. Default 256: thousands exhaust the browser's process. */
  readonly openFiles?: number;
  /** Bytes of new content that may wait in memory for the store; above, writes wait. Default 32 MiB. */
  readonly waitingBytes?: number;
  /**
   * A store that is ours alone and takes its time gets what nobody waits for only when the guest is idle, has changed nothing for
   * 100 ms, or after a second.
   * Missing: as soon as it can be.
   */
  readonly timers?: Timers;
  /** The store failed a change that the guest was told is made. */
  readonly onError?: (failure: StoreFailure) => void;
  /** What is unsaved may have changed. Called often. */
  readonly onChange?: () => void;
  /** The store was closed. */
  readonly onClosed?: () => void;
}

/** The parts of a share's file system, put together. */
export class Share {
  readonly now: () => number;
  /** Nobody else changes the store. */
  readonly exclusive: boolean;
  readonly queue: ChangeQueue;
  readonly tree: Tree;
  readonly inodes: InodeNumbers;
  readonly nodes: NodeTable;
  readonly contents: Contents;
  readonly ahead: ReadsAhead;
  readonly sizes: SizesAhead;
  /** Loaded when the guest waits for a listing. Missing until then. */
  walk: WalkAhead | undefined;
  #loadingWalk: Promise<void> | undefined;
  readonly failures: Failures;
  readonly behind: WriteBehind;
  readonly creations: Creations;
  readonly names: Namespace;
  readonly files: Files;
  #ranges: Ranges | undefined;
  readonly reports: Reports;
  readonly saver: Saver;

  constructor(
    private readonly store: Store,
    options: ShareFileSystemOptions,
  ) {
    const { exclusive } = store;
    const { now = Date.now, uid = 0, gid = 0, openFiles = 256, waitingBytes = 32 * 2 ** 20 } = options;
    const changed = () => options.onChange?.();
    const failed = (node: FsNode, error: unknown) => {
      this.reports.add(node, failureOf(error));
      changed();
    };
    // Where others change the store too, what waits would meet more of their changes.
    const queue = (this.queue = new ChangeQueue(exclusive ? options.timers : undefined));
    this.now = now;
    this.exclusive = exclusive;
    this.reports = new Reports(options.onError);
    const keeper = new Keeper(options.records ?? Records.inMemory(), now, { uid, gid });
    this.inodes = keeper.inodes;
    const changedOutside = (node: FileNode) => {
      node.outdated = true;
      node.version++;
      void this.contents.close(node);
    };
    this.tree = new Tree(ROOT_NODE_ID, store, queue, keeper, { exclusive, now, uid, gid, changedOutside });
    if (!exclusive) this.tree.watch(store);
    const { places } = this.tree;
    this.nodes = new NodeTable(this.tree.root);
    const alwaysWritable = exclusive && !store.readOnly;
    // A save moves the store's own time, and the times that are kept hold only if they were kept after.
    const saved = (node: FileNode) => {
      keeper.save(node);
      if (!exclusive) node.savedAt = now();
    };
    this.contents = new Contents(queue, places, { openFiles, waitingBytes, alwaysWritable, saved, failed });
    this.sizes = new SizesAhead({
      measure: (node) => this.tree.measured(node),
      isBusy: (node) => queue.isClaimed(node),
      answered: (directory) => this.walk?.answered(directory),
    });
    this.ahead = new ReadsAhead(queue, places, this.contents, (node, stat) => this.tree.took(node, stat));
    this.failures = new Failures(failed);
    const moves = new StoreMoves(places, this.contents, keeper, this.failures, !exclusive);
    const renames = new Renames(moves, keeper);
    const ended = ({ parent, name }: Place) => {
      this.tree.changed(parent, name);
      const node = parent.children?.get(name);
      if (node !== undefined && !exclusive) node.savedAt = now();
      changed();
    };
    this.behind = new WriteBehind(queue, places, this.contents, keeper, moves, renames, this.failures, ended, changed);
    this.saver = new Saver(store, queue, this.contents, this.behind, this.failures, keeper);
    this.files = new Files(store, this.sizes, this.contents, this.behind, { now, changed, places });
    const entries = new Entries(store, this.tree, this.behind, now);
    this.creations = new Creations(entries, this.contents);
    this.names = new Namespace(entries, this.creations);
  }

  attributes(node: FsNode): Attributes {
    return attributesOf(node, this.store.keepsHoles === true);
  }

  /** Loaded when a program first asks for holes or copies. */
  get ranges(): Awaitable<Ranges> {
    if (this.#ranges !== undefined) return this.#ranges;
    return import("./ranges.js").then(
      ({ Ranges }) => (this.#ranges ??= new Ranges(this.store, this.contents, this.files)),
    );
  }

  /** The guest is about to be told of names in the directory. */
  use(directory: DirectoryNode): void {
    if (this.walk !== undefined) this.walk.use(directory);
    else if (directory.children === undefined) void this.loadWalk();
  }

  /** Ends when trees are listed ahead. */
  loadWalk(): Promise<void> {
    this.#loadingWalk ??= import("./walk-ahead.js").then(
      ({ WalkAhead }) => {
        this.walk = new WalkAhead({
          sizes: this.sizes,
          list: (directory) => this.tree.listed(directory),
          prune: (directory) => this.tree.prune(directory),
          isBusy: (node) => this.queue.isClaimed(node),
        });
      },
      () => undefined, // a page that is offline goes without
    );
    return this.#loadingWalk;
  }
}
