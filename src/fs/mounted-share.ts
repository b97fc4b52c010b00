import type { Awaitable } from "../posix/awaitable.js";
import { chain } from "../posix/awaitable.js";
import type { Store, UnsavedFile } from "../storage/store.js";
import { linksOf } from "./links.js";
import type { FsNode } from "./node.js";
import type { NodeTable } from "./node-table.js";
import { Share, type ShareFileSystemOptions } from "./share.js";
import { unsavedFiles } from "./unsaved-files.js";

/** The life of a share: what a mount begins and ends, what is forgotten and what is saved. */
export class MountedShare implements AsyncDisposable {
  /** Its parts. */
  readonly share: Share;
  protected readonly nodes: NodeTable;
  #mounts = 0;

  constructor(
    protected readonly store: Store,
    protected readonly options: ShareFileSystemOptions,
  ) {
    this.share = new Share(store, options);
    this.nodes = this.share.nodes;
  }

  /** Bytes that the guest has written and the store does not have. */
  unsavedBytes(): number {
    return this.share.saver.unsavedBytes();
  }

  /** Files whose bytes or names the store does not have, and changes that failed. */
  unsavedFiles(): number {
    return this.share.saver.unsavedFiles();
  }

  /** Those of them that have a name, with the bytes that the store lacks. Looks at every node in memory. */
  unsaved(): readonly UnsavedFile[] {
    return unsavedFiles(this.share.tree.root, this.store, (node) => this.share.behind.isChanging(node));
  }

  /** How often it was mounted, and so how often all lookups became void. */
  get mounts(): number {
    return this.#mounts;
  }

  /** Whoever knows that the guest has nothing to do says so: what was held back from the store begins. */
  guestIsIdle(): void {
    this.share.queue.hurry();
  }

  /** Ends when the store has everything; fails when it does not take it. What failed before is tried again. */
  save(): Awaitable<void> {
    return this.share.saver.save();
  }

  /** Saves, and lets go of the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.save();
    } finally {
      this.share.ahead.clear();
      try {
        await this.share.contents.closeAll();
        await this.store.close();
      } finally {
        this.options.onClosed?.();
      }
    }
  }

  init(): void {
    this.#mounts++;
    this.share.files.releaseAll();
    this.share.ahead.clear();
    this.share.sizes.clear();
    this.share.walk?.clear();
    for (const node of this.nodes.forgetAll()) this.#forgotten(node);
  }

  destroy(): Awaitable<void> {
    return chain(this.save(), () => this.init());
  }

  forget(id: number, nlookup: number): void {
    const node = this.nodes.forget(id, nlookup);
    if (node !== undefined) this.#forgotten(node);
  }

  /** The guest does not know the node any more. */
  #forgotten(node: FsNode): void {
    const { ahead, contents, creations, inodes, tree, walk } = this.share;
    ahead.forget(node);
    walk?.forget(node);
    if (node.parent === undefined) inodes.release(node.ino);
    if (node.kind === "file" && node.isTemporary) creations.dropTemporary(node);
    else if (node.kind === "file" && node.parent === undefined) contents.drop(node);
    else if (node.kind === "file") void contents.close(node);
    tree.prune(node.kind === "directory" ? node : node.parent);
    for (const { parent } of linksOf(node)) tree.prune(parent);
  }
}
