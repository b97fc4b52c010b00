import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { DirectoryNode, FileNode, FsNode } from "./node.js";

/** The nodes that the guest knows: those it has looked up more often than it has forgotten them. */
export class NodeTable {
  readonly #known = new Map<number, FsNode>();

  constructor(private readonly root: DirectoryNode) {
    this.#known.set(root.id, root);
  }

  get size(): number {
    return this.#known.size;
  }

  get(id: number): FsNode {
    const node = this.#known.get(id);
    if (node === undefined) throw new FsError(Errno.ESTALE, `node ${id}`);
    return node;
  }

  directory(id: number): DirectoryNode {
    const node = this.get(id);
    if (node.kind !== "directory") throw new FsError(Errno.ENOTDIR, node.name);
    return node;
  }

  file(id: number): FileNode {
    const node = this.get(id);
    if (node.kind === "file") return node;
    throw new FsError(node.kind === "directory" ? Errno.EISDIR : Errno.EINVAL, node.name);
  }

  /** All but the root. */
  *all(): Generator<FsNode> {
    for (const node of this.#known.values()) if (node !== this.root) yield node;
  }

  /** Counts a lookup, or several. */
  remember(node: FsNode, nlookup = 1): void {
    node.nlookup += nlookup;
    this.#known.set(node.id, node);
  }

  /** Takes lookups back. Returns the node if that were the last. */
  forget(id: number, nlookup: number): FsNode | undefined {
    const node = this.#known.get(id);
    if (node === undefined || node === this.root) return undefined;
    node.nlookup = Math.max(node.nlookup - nlookup, 0);
    if (node.nlookup > 0) return undefined;
    this.#known.delete(id);
    return node;
  }

  /** Takes every lookup back. Returns the nodes. */
  forgetAll(): FsNode[] {
    const nodes = [...this.all()];
    for (const node of nodes) node.nlookup = 0;
    this.#known.clear();
    this.#known.set(this.root.id, this.root);
    return nodes;
  }
}
