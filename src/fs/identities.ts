import type { DirectoryNode, FsNode } from "./node.js";

/**
 * The nodes in memory that records name by number: directories by their id, files by their inode. What was let go of and is
 * still there is the same node when it is asked for again, so that each file is one node, however many names lead to it.
 */
export class Identities {
  readonly #directories = new WeakNodes<DirectoryNode>();
  readonly #inodes = new WeakNodes<FsNode>();

  directory(id: number): DirectoryNode | undefined {
    return this.#directories.get(id);
  }

  inode(number: number): FsNode | undefined {
    return this.#inodes.get(number);
  }

  setDirectory(id: number, node: DirectoryNode): void {
    node.recordId = id;
    this.#directories.set(id, node);
  }

  setInode(number: number, node: FsNode): void {
    node.inode = number;
    this.#inodes.set(number, node);
  }
}

/** Nodes by number, as long as something else holds them. */
class WeakNodes<T extends FsNode> {
  readonly #nodes = new Map<number, WeakRef<T>>();
  #sweepAt = 1024;

  get(id: number): T | undefined {
    return this.#nodes.get(id)?.deref();
  }

  set(id: number, node: T): void {
    this.#nodes.set(id, new WeakRef(node));
    if (this.#nodes.size < this.#sweepAt) return;
    for (const [id, reference] of this.#nodes) if (reference.deref() === undefined) this.#nodes.delete(id);
    this.#sweepAt = 2 * this.#nodes.size + 1024;
  }
}
