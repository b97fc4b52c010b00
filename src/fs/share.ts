import type { Store } from "../storage/store.js";
import { ChangeQueue } from "./change-queue.js";
import { Contents } from "./contents.js";
import { failureOf, type StoreFailure } from "./failure.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { Files } from "./files.js";
import { Namespace } from "./namespace.js";
import type { FileNode, FsNode } from "./node.js";
import { NodeTable } from "./node-table.js";
import { Reports } from "./reports.js";
import { Saver } from "./saver.js";
import { Tree } from "./tree.js";
import { WriteBehind } from "./write-behind.js";

export interface ShareFileSystemOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Owner of what the store has. Default 0. */
  readonly uid?: number;
  readonly gid?: number;
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
    const changedOutside = (node: FileNode) => void this.contents.close(node);
    this.tree = new Tree(ROOT_NODE_ID, store.root, queue, { exclusive, now, uid, gid, changedOutside });
    this.nodes = new NodeTable(this.tree.root);
    const alwaysWritable = exclusive && !store.readOnly;
    this.contents = new Contents(queue, this.tree.places, { openFiles, waitingBytes, alwaysWritable, failed });
    this.behind = new WriteBehind(queue, this.tree.places, this.contents, {
      hasHandles: !exclusive,
      failed,
      ended: ({ parent, name }) => {
        this.tree.changed(parent, name);
        changed();
      },
    });
    this.saver = new Saver(store, queue, this.contents, this.behind);
    this.files = new Files(store, this.tree, this.contents, this.behind, { now, changed });
    this.names = new Namespace(store, this.tree, this.contents, this.behind, now);
  }
}
