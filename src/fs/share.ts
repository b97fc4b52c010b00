import type { Store } from "../storage/store.js";
import { ChangeQueue } from "./change-queue.js";
import { Contents } from "./contents.js";
import { failureOf, type StoreFailure } from "./failure.js";
import { type AttributeChanges, ROOT_NODE_ID } from "./file-system.js";
import { Files } from "./files.js";
import { Keeper } from "./keeper.js";
import { Namespace } from "./namespace.js";
import type { FileNode, FsNode } from "./node.js";
import { NodeTable } from "./node-table.js";
import type { Records } from "./records.js";
import { Reports } from "./reports.js";
import { Saver } from "./saver.js";
import { DEFAULT_DIRECTORY_MODE, DEFAULT_FILE_MODE, Tree } from "./tree.js";
import { WriteBehind } from "./write-behind.js";

export interface ShareFileSystemOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Owner of what the store has. Default 0. */
  readonly uid?: number;
  readonly gid?: number;
  /** What keeps the attributes that the store cannot hold. Missing: they last as long as this file system. */
  readonly records?: Records;
  /** Files open in the store at once. Default 256: thousands exhaust the browser's process. */
  readonly openFiles?: number;
  /** Bytes of new content that may wait in memory for the store; above, writes wait. Default 32 MiB. */
  readonly waitingBytes?: number;
  /** The store failed a change that the guest was told is made. */
  readonly onError?: (failure: StoreFailure) => void;
  /** What is unsaved may have changed. Called often. */
  readonly onChange?: () => void;
}

/** The parts of a share's file system, put together. */
export class Share {
  readonly now: () => number;
  readonly keeper: Keeper;
  readonly tree: Tree;
  readonly nodes: NodeTable;
  readonly contents: Contents;
  readonly behind: WriteBehind;
  readonly names: Namespace;
  readonly files: Files;
  readonly reports: Reports;
  readonly saver: Saver;

  constructor(store: Store, options: ShareFileSystemOptions) {
    const { exclusive } = store;
    const { now = Date.now, uid = 0, gid = 0, openFiles = 256, waitingBytes = 32 * 2 ** 20 } = options;
    const changed = () => options.onChange?.();
    const failed = (node: FsNode, error: unknown) => {
      this.reports.add(node, failureOf(error));
      changed();
    };
    const queue = new ChangeQueue();
    this.now = now;
    this.reports = new Reports(options.onError);
    const modes = { fileMode: DEFAULT_FILE_MODE, directoryMode: DEFAULT_DIRECTORY_MODE };
    this.keeper = new Keeper(options.records, { now, uid, gid, ...modes });
    const changedOutside = (node: FileNode) => void this.contents.close(node);
    this.tree = new Tree(ROOT_NODE_ID, store.root, queue, this.keeper, { exclusive, now, uid, gid, changedOutside });
    this.nodes = new NodeTable(this.tree.root);
    const alwaysWritable = exclusive && !store.readOnly;
    const saved = (node: FileNode) => {
      // A save moves the store's own time, and the times that are kept with it.
      if (node.hasOwnTimes) this.keeper.save(node);
    };
    const limits = { openFiles, waitingBytes };
    this.contents = new Contents(queue, this.tree.places, { ...limits, alwaysWritable, saved, failed });
    this.behind = new WriteBehind(queue, this.tree.places, this.contents, this.keeper, {
      hasHandles: !exclusive,
      failed,
      ended: ({ parent, name }) => {
        this.tree.changed(parent, name);
        changed();
      },
    });
    this.saver = new Saver(store, queue, this.contents, this.behind, this.keeper);
    this.files = new Files(store, this.tree, this.contents, this.behind, { now, changed });
    this.names = new Namespace(store, this.tree, this.contents, this.behind, this.keeper, now);
  }

  /** The guest has changed attributes of the node: they outlive its memory of it. */
  keepAttributes(node: FsNode, { atime, mtime }: AttributeChanges): void {
    if (node.kind === "file" && (atime !== undefined || mtime !== undefined)) node.hasOwnTimes = true;
    if (this.keeper.lasts) this.behind.saveAttributes(node);
    else node.pinned = true;
  }
}
