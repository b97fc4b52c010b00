import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from "../posix/rename-flags.js";
import { isWithin } from "./children.js";
import type { Creations } from "./creations.js";
import type { Entries } from "./entries.js";
import type { Caller } from "./file-system.js";
import { addName, changeName } from "./links.js";
import type { DirectoryNode, FsNode, Place } from "./node.js";

/**
 * The operations on names. Each first brings up to date what it needs to know, which may take time, and then checks and
 * changes the tree in one go, so that operations which wait at the same time see each other.
 */
export class Namespace {
  constructor(
    private readonly entries: Entries,
    private readonly creations: Creations,
  ) {}

  /** The node of that name. */
  find(parent: DirectoryNode, name: string): Awaitable<FsNode> {
    return chain(this.entries.tree.fresh(parent, name), (children) => children.get(name) ?? raise(Errno.ENOENT, name));
  }

  link(node: FsNode, parent: DirectoryNode, name: string): Awaitable<void> {
    if (node.kind === "directory") throw new FsError(Errno.EPERM, "a link of a directory");
    return chain(this.entries.tree.fresh(parent, name), () => {
      this.entries.assertNamesMayChange();
      this.entries.assertFree(parent, name);
      this.entries.assertLive(parent);
      this.entries.store.checkName(name);
      const place = { parent, name };
      const isTemporary = node.kind === "file" && node.isTemporary;
      if (node.parent === undefined && !isTemporary) throw new FsError(Errno.ENOENT, "a link of what was removed");
      const now = this.entries.timestamp();
      const parked = isTemporary ? this.entries.parked(node) : undefined;
      addName(node, place);
      parent.children?.add(name, node);
      node.ctime = now;
      this.entries.changed(parent, name, now);
      if (node.kind !== "file" || parked === undefined) return this.entries.behind.link(node, place);
      node.isTemporary = false;
      if (this.entries.store.parking === undefined) this.entries.behind.createFile(node, place);
      else this.entries.behind.rename({ node, from: parked, to: place, isLink: false });
    });
  }

  unlink(parent: DirectoryNode, name: string): Awaitable<void> {
    return chain(this.find(parent, name), () => {
      this.entries.assertNamesMayChange();
      const node = parent.children?.get(name) ?? raise(Errno.ENOENT, name);
      if (node.kind === "directory") throw new FsError(Errno.EISDIR, name);
      const place = { parent, name };
      const loss = this.entries.leave(node, place);
      if (loss.kind === "last") void this.entries.behind.remove(node, place);
      else if (loss.kind === "link") this.entries.behind.unlink(node, place);
      else this.entries.behind.rename({ node, from: place, to: loss.main, isLink: false });
    });
  }

  rmdir(parent: DirectoryNode, name: string): Awaitable<void> {
    const listed = (node: FsNode) => (node.kind === "directory" ? this.entries.tree.relisted(node) : undefined);
    return chain(chain(this.find(parent, name), listed), () => {
      const node = parent.children?.get(name) ?? raise(Errno.ENOENT, name);
      if (node.kind !== "directory") throw new FsError(Errno.ENOTDIR, name);
      this.entries.assertNamesMayChange();
      assertEmpty(node);
      this.entries.leave(node, { parent, name });
      const removed = this.entries.behind.remove(node, { parent, name });
      // A directory that others fill too may hold what we do not see: the store knows.
      if (!this.entries.store.exclusive) return chain(removed, () => this.#takeBack(node, parent));
    });
  }

  rename(
    parent: DirectoryNode,
    name: string,
    newParent: DirectoryNode,
    newName: string,
    flags: number,
    caller: Caller,
  ): Awaitable<void> {
    const from = { parent, name };
    const to = { parent: newParent, name: newName };
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) throw new FsError(Errno.EINVAL);
    const isExchange = (flags & RENAME_EXCHANGE) !== 0;
    if (isExchange && this.entries.store.parking === undefined)
      throw new FsError(Errno.EINVAL, "no exchange in this store");
    const listed = () => {
      const replaced = newParent.children?.get(newName);
      return replaced?.kind === "directory" && !isExchange ? this.entries.tree.relisted(replaced) : undefined;
    };
    return chain(this.find(parent, name), () =>
      chain(this.entries.tree.fresh(newParent, newName), () =>
        chain<unknown, void>(listed(), () =>
          isExchange ? this.#exchange(from, to) : this.#rename(from, to, flags, caller),
        ),
      ),
    );
  }

  #rename(from: Place, to: Place, flags: number, caller: Caller): void {
    const node = from.parent.children?.get(from.name) ?? raise(Errno.ENOENT, from.name);
    const replaced = to.parent.children?.get(to.name);
    if (node === replaced) return;
    this.entries.assertNamesMayChange();
    if (node.kind === "directory" && isWithin(to.parent, node)) throw new FsError(Errno.EINVAL, "into itself");
    this.entries.assertLive(to.parent);
    this.entries.store.checkName(to.name);
    if (replaced !== undefined) {
      if ((flags & RENAME_NOREPLACE) !== 0) throw new FsError(Errno.EEXIST, to.name);
      assertReplaceable(node, replaced);
    }
    const loss = replaced && this.entries.leave(replaced, to);
    const now = this.entries.timestamp();
    if (from.parent === to.parent) {
      from.parent.children?.rename(from.name, to.name);
    } else {
      from.parent.children?.remove(from.name);
      to.parent.children?.add(to.name, node);
    }
    const isLink = !changeName(node, from, to);
    node.ctime = now;
    node.checkedAt = this.entries.tree.freshness.asked();
    this.entries.changed(from.parent, from.name, now);
    this.entries.changed(to.parent, to.name, now);
    this.entries.behind.rename({
      node,
      from,
      to,
      isLink,
      replaced: loss?.kind === "last" ? replaced : undefined,
      promoted: replaced && loss?.kind === "main" ? { node: replaced, main: loss.main } : undefined,
      unlinked: loss?.kind === "link" ? replaced : undefined,
      whiteout: (flags & RENAME_WHITEOUT) === 0 ? undefined : this.creations.whiteout(from, caller),
    });
    if (replaced !== undefined && loss?.kind === "link") this.entries.behind.saveAttributes(replaced);
  }

  #exchange(from: Place, to: Place): void {
    const a = from.parent.children?.get(from.name) ?? raise(Errno.ENOENT, from.name);
    const b = to.parent.children?.get(to.name) ?? raise(Errno.ENOENT, to.name);
    if (a === b) return;
    this.entries.assertNamesMayChange();
    if (a.kind === "directory" && isWithin(to.parent, a)) throw new FsError(Errno.EINVAL, "into itself");
    if (b.kind === "directory" && isWithin(from.parent, b)) throw new FsError(Errno.EINVAL, "into itself");
    from.parent.children?.replace(from.name, b);
    to.parent.children?.replace(to.name, a);
    const aIsLink = !changeName(a, from, to);
    const bIsLink = !changeName(b, to, from);
    const now = this.entries.timestamp();
    a.ctime = now;
    b.ctime = now;
    this.entries.changed(from.parent, from.name, now);
    this.entries.changed(to.parent, to.name, now);
    this.entries.behind.exchange({ node: a, place: from, isLink: aIsLink }, { node: b, place: to, isLink: bIsLink });
  }

  /** After a removal that the store refused: the directory is there again, and the guest is told. */
  #takeBack(node: DirectoryNode, parent: DirectoryNode): void {
    const { failure } = node;
    if (failure === undefined) return;
    if (parent.children?.get(node.name) === undefined) {
      this.entries.enter(node, parent);
      this.entries.behind.takeBack(node);
    }
    throw failure;
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
