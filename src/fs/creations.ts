import { type Awaitable, chain } from "../posix/awaitable.js";
import { S_IALLUGO, S_IFCHR, S_IFDIR, S_IFREG, S_ISGID } from "../posix/mode.js";
import { Children } from "./children.js";
import type { Contents } from "./contents.js";
import type { Entries } from "./entries.js";
import type { Caller } from "./file-system.js";
import { DirectoryNode, FileNode, type FsNode, type Place, SpecialNode } from "./node.js";
import { TEMPORARY } from "./places.js";

/** The operations that make nodes. As those of `Namespace`, each first brings up to date what it needs to know. */
export class Creations {
  constructor(
    private readonly entries: Entries,
    private readonly contents: Contents,
  ) {}

  /** A new empty file, or what has the name already. */
  createFile(
    parent: DirectoryNode,
    name: string,
    mode: number,
    caller: Caller,
  ): Awaitable<{ node: FsNode; isNew: boolean }> {
    return chain(this.entries.tree.fresh(parent, name), () => {
      const there = parent.children?.get(name);
      if (there !== undefined) return { node: there, isNew: false };
      const node = new FileNode(this.entries.seed(parent, name, S_IFREG | (mode & S_IALLUGO), caller));
      this.entries.enter(node, parent);
      this.contents.begin(node);
      this.entries.behind.createFile(node, { parent, name });
      return { node, isNew: true };
    });
  }

  createDirectory(parent: DirectoryNode, name: string, mode: number, caller: Caller): Awaitable<DirectoryNode> {
    return chain(this.entries.tree.fresh(parent, name), () => {
      this.entries.assertFree(parent, name);
      const inherited = parent.mode & S_ISGID;
      const node = new DirectoryNode(this.entries.seed(parent, name, S_IFDIR | inherited | (mode & S_IALLUGO), caller));
      node.children = new Children();
      node.listedAt = this.entries.now();
      this.entries.enter(node, parent);
      this.entries.behind.createDirectory(node, { parent, name });
      return node;
    });
  }

  /** A symbolic link (`target`), FIFO, socket or device (`rdev`). `mode` has the type. */
  createSpecial(
    parent: DirectoryNode,
    name: string,
    mode: number,
    target: Uint8Array | undefined,
    rdev: number,
    caller: Caller,
  ): Awaitable<SpecialNode> {
    return chain(this.entries.tree.fresh(parent, name), () => {
      this.entries.assertFree(parent, name);
      const node = new SpecialNode(this.entries.seed(parent, name, mode, caller), target, rdev);
      this.entries.enter(node, parent);
      this.entries.behind.createSpecial(node, { parent, name });
      return node;
    });
  }

  /** A file without a name; `land` brings it to the store once the guest has it. */
  createTemporary(parent: DirectoryNode, mode: number, caller: Caller): FileNode {
    this.entries.assertNotRemoved(parent);
    const seed = this.entries.seed(parent, undefined, S_IFREG | (mode & S_IALLUGO), caller);
    const node = new FileNode({ ...seed, parent: undefined, name: `${TEMPORARY}${seed.id}` });
    node.isTemporary = true;
    node.btime = node.ctime;
    this.contents.begin(node);
    return node;
  }

  landTemporary(node: FileNode): void {
    if (this.entries.store.parking !== undefined) this.entries.behind.createFile(node, this.entries.parked(node));
  }

  /** Nobody uses it any more. */
  dropTemporary(node: FileNode): void {
    node.isTemporary = false;
    this.contents.drop(node);
    if (this.entries.store.parking !== undefined) void this.entries.behind.remove(node, this.entries.parked(node));
  }

  /** A character device 0:0 at the name that was left: what an overlay's upper layer has for a file that is gone. */
  whiteout({ parent, name }: Place, caller: Caller): SpecialNode {
    const node = new SpecialNode(this.entries.seed(parent, name, S_IFCHR, caller), undefined, 0);
    this.entries.enter(node, parent);
    return node;
  }
}
