import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { encodedLength } from "../posix/name.js";
import type { Store } from "../storage/store.js";
import type { FsNode } from "./node.js";
import type { NodeTable } from "./node-table.js";
import { timestampOf } from "./timestamp.js";
import type { WriteBehind } from "./write-behind.js";

// `linux/xattr.h`
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
/** `linux/limits.h`: bytes of all names of a node, with a NUL each. */
const XATTR_LIST_MAX = 65_536;
/** Bytes of all values of a node. Linux has no limit of its own; its file systems have 4 KiB to about this. */
const VALUES_MAX = 2 ** 20;
/** system.* (ACLs among them) is the kernel's to define, and nobody would enforce it here. */
const NAMESPACES = ["user.", "trusted.", "security."];

/** The extended attributes of nodes: in memory, and with the rest of what no store has in the records. */
export class ExtendedAttributes {
  constructor(
    private readonly store: Store,
    private readonly nodes: NodeTable,
    private readonly behind: WriteBehind,
    private readonly now: () => number,
  ) {}

  get(id: number, name: string): Uint8Array {
    assertKept(name);
    return this.nodes.get(id).xattrs?.get(name) ?? raise(Errno.ENODATA, name);
  }

  set(id: number, name: string, value: Uint8Array, flags: number): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
    assertKept(name);
    const node = this.nodes.get(id);
    const old = node.xattrs?.get(name);
    if (old !== undefined && (flags & XATTR_CREATE) !== 0) throw new FsError(Errno.EEXIST, name);
    if (old === undefined && (flags & XATTR_REPLACE) !== 0) throw new FsError(Errno.ENODATA, name);
    assertRoom(node, name, value);
    node.xattrs ??= new Map();
    node.xattrs.set(name, value);
    this.#changed(node);
  }

  list(id: number): string[] {
    return [...(this.nodes.get(id).xattrs?.keys() ?? [])];
  }

  remove(id: number, name: string): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
    assertKept(name);
    const node = this.nodes.get(id);
    if (node.xattrs?.delete(name) !== true) throw new FsError(Errno.ENODATA, name);
    this.#changed(node);
  }

  #changed(node: FsNode): void {
    node.ctime = timestampOf(this.now());
    this.behind.saveAttributes(node);
  }
}

function assertKept(name: string): void {
  if (!NAMESPACES.some((prefix) => name.startsWith(prefix) && name.length > prefix.length)) {
    throw new FsError(Errno.EOPNOTSUPP, name);
  }
}

function assertRoom({ xattrs }: FsNode, name: string, value: Uint8Array): void {
  let names = encodedLength(name) + 1;
  let values = value.length;
  for (const [other, { length }] of xattrs ?? []) {
    if (other === name) continue;
    names += encodedLength(other) + 1;
    values += length;
  }
  if (names > XATTR_LIST_MAX || values > VALUES_MAX) throw new FsError(Errno.ENOSPC, name);
}

function raise(errno: Errno, name: string): never {
  throw new FsError(errno, name);
}
