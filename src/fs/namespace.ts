import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { S_IALLUGO, S_IFDIR, S_IFREG, S_ISGID } from "../posix/mode.js";
import { RENAME_NOREPLACE } from "../posix/rename-flags.js";
import type { Store } from "../storage/store.js";
import { touch } from "./attributes.js";
import { Children, isWithin } from "./children.js";
import type { Contents } from "./contents.js";
import type { Caller } from "./file-system.js";
import type { Keeper } from "./keeper.js";
import { DirectoryNode, FileNode, type FsNode, type NodeSeed, type Place, SpecialNode } from "./node.js";
import { type Timestamp, timestampOf } from "./timestamp.js";
import type { Tree } from "./tree.js";
import type { WriteBehind } from "./write-behind.js";

/**
 * The operations on names. Each first brings up to date what it needs to know, which may take time, and then checks and
 * changes the tree in one go, so that operations which wait at the same time see each other.
 */
export class Namespace {
  constructor(
    private readonly store: Store,
    private readonly tree: Tree,
    private readonly contents: Contents,
    private readonly behind: WriteBehind,
    private readonly keeper: Keeper,
    private readonly now: () => number,
  ) {}

  /** The node of that name. */
  find(parent: DirectoryNode, name: string): Awaitable<FsNode> {
    return chain(this.tree.fresh(parent, name), (children) => children.get(name) ?? raise(Errno.ENOENT, name));
  }

  /** A new empty file, or what has the name already. */
  createFile(
    parent: DirectoryNode,
    name: string,
    mode: number,
    caller: Caller,
  ): Awaitable<{ node: FsNode; isNew: boolean }> {
    return chain(this.tree.fresh(parent, name), () => {
      const there = parent.children?.get(name);
      if (there !== undefined) return { node: there, isNew: false };
      const node = new FileNode(this.#seed(parent, name, S_IFREG | (mode & S_IALLUGO), caller));
      this.#enter(node, parent);
      this.contents.begin(node);
      this.behind.createFile(node, { parent, name });
      return { node, isNew: true };
    });
  }

  createDirectory(parent: DirectoryNode, name: string, mode: number, caller: Caller): Awaitable<DirectoryNode> {
    return chain(this.tree.fresh(parent, name), () => {
      this.#assertFree(parent, name);
      const inherited = parent.mode & S_ISGID;
      const node = new DirectoryNode(this.#seed(parent, name, S_IFDIR | inherited | (mode & S_IALLUGO), caller));
      node.children = new Children();
      node.listedAt = this.now();
      this.#enter(node, parent);
      this.behind.createDirectory(node, { parent, name });
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
    return chain(this.tree.fresh(parent, name), () => {
      this.#assertFree(parent, name);
      const node = new SpecialNode(this.#seed(parent, name, mode, caller), target, rdev);
      node.pinned = !this.keeper.lasts;
      this.#enter(node, parent);
      this.behind.createSpecial(node, { parent, name });
      return node;
    });
  }

  unlink(parent: DirectoryNode, name: string): Awaitable<void> {
    return chain(this.find(parent, name), () => {
      this.#assertNamesMayChange();
      const node = parent.children?.get(name) ?? raise(Errno.ENOENT, name);
      if (node.kind === "directory") throw new FsError(Errno.EISDIR, name);
      this.#leave(node);
      void this.behind.remove(node, { parent, name });
    });
  }

  rmdir(parent: DirectoryNode, name: string): Awaitable<void> {
    const listed = (node: FsNode) => (node.kind === "directory" ? this.tree.relisted(node) : undefined);
    return chain(chain(this.find(parent, name), listed), () => {
      const node = parent.children?.get(name) ?? raise(Errno.ENOENT, name);
      if (node.kind !== "directory") throw new FsError(Errno.ENOTDIR, name);
      this.#assertNamesMayChange();
      assertEmpty(node);
      this.#leave(node);
      const removed = this.behind.remove(node, { parent, name });
      // A directory that others fill too may hold what we do not see: the store knows.
      if (!this.store.exclusive) return chain(removed, () => this.#takeBack(node, parent));
    });
  }

  rename(
    parent: DirectoryNode,
    name: string,
    newParent: DirectoryNode,
    newName: string,
    flags: number,
  ): Awaitable<void> {
    if ((flags & ~RENAME_NOREPLACE) !== 0) throw new FsError(Errno.EINVAL, "flags of rename");
    const listed = () => {
      const replaced = newParent.children?.get(newName);
      return replaced?.kind === "directory" ? this.tree.relisted(replaced) : undefined;
    };
    return chain(this.find(parent, name), () =>
      chain(this.tree.fresh(newParent, newName), () =>
        chain<unknown, void>(listed(), () =>
          this.#rename({ parent, name }, { parent: newParent, name: newName }, flags),
        ),
      ),
    );
  }

  #rename(from: Place, to: Place, flags: number): void {
    const node = from.parent.children?.get(from.name) ?? raise(Errno.ENOENT, from.name);
    const replaced = to.parent.children?.get(to.name);
    if (node === replaced) return;
    this.#assertNamesMayChange();
    if (node.kind === "directory" && isWithin(to.parent, node)) throw new FsError(Errno.EINVAL, "into itself");
    this.#assertLive(to.parent);
    this.store.checkName(to.name);
    if (replaced !== undefined) {
      if ((flags & RENAME_NOREPLACE) !== 0) throw new FsError(Errno.EEXIST, to.name);
      assertReplaceable(node, replaced);
      this.#leave(replaced);
    }
    const now = this.#timestamp();
    if (from.parent === to.parent) {
      from.parent.children?.rename(node, to.name);
    } else {
      from.parent.children?.remove(node);
      node.parent = to.parent;
      node.name = to.name;
      to.parent.children?.add(node);
    }
    node.ctime = now;
    node.checkedAt = this.now();
    this.#changed(from.parent, from.name, now);
    this.#changed(to.parent, to.name, now);
    this.behind.rename(node, from, to, replaced);
  }

  /** After a removal that the store refused: the directory is there again, and the guest is told. */
  #takeBack(node: DirectoryNode, parent: DirectoryNode): void {
    const { failure } = node;
    if (failure === undefined) return;
    if (parent.children?.get(node.name) === undefined) {
      this.#enter(node, parent);
      this.behind.takeBack(node);
    }
    throw failure;
  }

  #assertNamesMayChange(): void {
    if (this.store.fixedNames === true) throw new FsError(Errno.EACCES, "the names of this share are fixed");
  }

  #seed(parent: DirectoryNode, name: string, mode: number, caller: Caller): NodeSeed {
    this.#assertNamesMayChange();
    this.store.checkName(name);
    // A directory with set-group-ID hands its group down.
    const gid = (parent.mode & S_ISGID) === 0 ? caller.gid : parent.gid;
    return this.tree.seed(parent, name, mode, caller.uid, gid, this.#timestamp());
  }

  #enter(node: FsNode, parent: DirectoryNode): void {
    this.#assertLive(parent);
    node.parent = parent;
    node.checkedAt = this.now();
    parent.children?.add(node);
    this.#changed(parent, node.name, this.#timestamp());
  }

  #leave(node: FsNode): void {
    const { parent } = node;
    if (parent === undefined) return;
    const now = this.#timestamp();
    parent.children?.remove(node);
    node.parent = undefined;
    node.ctime = now;
    this.#changed(parent, node.name, now);
  }

  #changed(directory: DirectoryNode, name: string, now: Timestamp): void {
    touch(directory, now);
    this.tree.changed(directory, name);
  }

  #timestamp(): Timestamp {
    return timestampOf(this.now());
  }

  #assertFree(parent: DirectoryNode, name: string): void {
    if (parent.children?.get(name) !== undefined) throw new FsError(Errno.EEXIST, name);
  }

  /** Nothing is put into a directory that was removed. */
  #assertLive(directory: DirectoryNode): void {
    if (directory.parent === undefined && directory !== this.tree.root) throw new FsError(Errno.ENOENT, directory.name);
    if (directory.children === undefined) throw new FsError(Errno.ESTALE, directory.name);
  }
}

function assertReplaceable(node: FsNode, replaced: FsNode): void {
  if (replaced.kind === "directory") {
    if (node.kind !== "directory") throw new FsError(Errno.EISDIR, replaced.name);
    assertEmpty(replaced);
  } else if (node.kind === "directory") {
    throw new FsError(Errno.ENOTDIR, replaced.name);
  }
}

function assertEmpty(directory: DirectoryNode): void {
  if (directory.children === undefined || directory.children.size > 0) {
    throw new FsError(Errno.ENOTEMPTY, directory.name);
  }
}

function raise(errno: Errno, name: string): never {
  throw new FsError(errno, name);
}
