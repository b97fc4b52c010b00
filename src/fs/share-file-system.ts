import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { isRegular, S_IFLNK } from "../posix/mode.js";
import { NAME_MAX } from "../posix/name.js";
import { O_EXCL, O_TRUNC } from "../posix/open-flags.js";
import type { Store } from "../storage/store.js";
import { attributesOf, changeAttributes } from "./attributes.js";
import {
  type AttributeChanges,
  type Attributes,
  type CacheProfile,
  type Caller,
  type CreatedFile,
  type DirectorySink,
  type Entry,
  type FileSystem,
  type Statistics,
} from "./file-system.js";
import type { Files } from "./files.js";
import { listDirectory } from "./list-directory.js";
import type { Namespace } from "./namespace.js";
import type { FsNode } from "./node.js";
import type { NodeTable } from "./node-table.js";
import { profileOf } from "./profiles.js";
import { Share, type ShareFileSystemOptions } from "./share.js";
import { timestampOf } from "./timestamp.js";

/** FUSE_WRITE_KILL_SUIDGID of `fuse.h`. */
const WRITE_KILL_SUIDGID = 1 << 2;
const SYMLINK_MODE = S_IFLNK | 0o777;
const BLOCK_SIZE = 4096;
/** Stores have no limit; programs look whether some are free. */
const FILES = 2 ** 31 - 1;

/**
 * The POSIX file system of a share: names and attributes in memory, bytes in the store, changes brought there behind the
 * guest, in order. On a store that answers at once every operation does.
 */
export class ShareFileSystem implements FileSystem, AsyncDisposable {
  readonly profile: CacheProfile;
  /** Missing where the store is ours alone: the guest opens without asking, then. */
  readonly open?: NonNullable<FileSystem["open"]>;
  readonly opendir?: NonNullable<FileSystem["opendir"]>;
  readonly flush?: NonNullable<FileSystem["flush"]>;
  readonly #share: Share;
  readonly #nodes: NodeTable;
  readonly #names: Namespace;
  readonly #files: Files;

  constructor(
    private readonly store: Store,
    options: ShareFileSystemOptions = {},
  ) {
    this.#share = new Share(store, options);
    this.#nodes = this.#share.nodes;
    this.#names = this.#share.names;
    this.#files = this.#share.files;
    this.profile = profileOf(store);
    if (store.exclusive) return;
    this.open = (node, flags, killSuidgid = false) => this.#files.open(this.#nodes.file(node), flags, killSuidgid);
    // Listed here already: programs look at the error of opendir(3), and seldom at readdir(3)'s.
    this.opendir = (id) => {
      const node = this.#nodes.directory(id);
      return chain(this.#share.tree.relisted(node), () => ({ fh: node.id, flags: 0 }));
    };
    this.flush = (node) => this.#share.reports.tell(this.#nodes.get(node));
  }

  /** Bytes that the guest has written and the store does not have. */
  unsavedBytes(): number {
    const closed = this.store.unsavedClosed?.() ?? [];
    return this.#share.contents.unsavedBytes() + closed.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Files whose bytes the store does not have, and changes that failed. */
  unsavedFiles(): number {
    const closed = this.store.unsavedClosed?.() ?? [];
    return this.#share.contents.unsavedFiles() + this.#share.behind.failures + closed.length;
  }

  /** Ends when the store has everything; fails when it does not take it. What failed before is tried again. */
  save(): Awaitable<void> {
    return this.#share.saver.save();
  }

  /** Saves, and lets go of the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.save();
    } finally {
      await this.#share.contents.closeAll();
      await this.store.close();
    }
  }

  init(): void {
    this.#files.releaseAll();
    for (const node of this.#nodes.forgetAll()) this.#forgotten(node);
  }

  destroy(): Awaitable<void> {
    return chain(this.save(), () => this.init());
  }

  lookup(parent: number, name: string): Awaitable<Entry> {
    const directory = this.#nodes.directory(parent);
    return chain(this.#names.find(directory, name), (node) => this.#entry(node));
  }

  forget(id: number, nlookup: number): void {
    const node = this.#nodes.forget(id, nlookup);
    if (node !== undefined) this.#forgotten(node);
  }

  getattr(id: number): Awaitable<Attributes> {
    const node = this.#nodes.get(id);
    return chain(this.#share.tree.measured(node), () => attributesOf(node));
  }

  setattr(id: number, changes: AttributeChanges): Awaitable<Attributes> {
    this.#assertWritable();
    const node = this.#nodes.get(id);
    const resized = changes.size === undefined ? undefined : this.#files.truncate(this.#nodes.file(id), changes.size);
    return chain(resized, () =>
      chain(this.#share.tree.measured(node), () => {
        if (changeAttributes(node, changes, timestampOf(this.#share.now()))) this.#share.keepAttributes(node, changes);
        return attributesOf(node);
      }),
    );
  }

  readlink(id: number): Uint8Array {
    const node = this.#nodes.get(id);
    if (node.kind !== "special" || node.target === undefined) throw new FsError(Errno.EINVAL, node.name);
    return node.target;
  }

  symlink(parent: number, name: string, target: Uint8Array, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const directory = this.#nodes.directory(parent);
    const link = this.#names.createSpecial(directory, name, SYMLINK_MODE, target.slice(), 0, caller);
    return chain(link, (node) => this.#entry(node));
  }

  mknod(parent: number, name: string, mode: number, rdev: number, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const directory = this.#nodes.directory(parent);
    if (!isRegular(mode)) {
      const special = this.#names.createSpecial(directory, name, mode, undefined, rdev, caller);
      return chain(special, (node) => this.#entry(node));
    }
    return chain(this.#names.createFile(directory, name, mode, caller), ({ node, isNew }) => {
      if (!isNew) throw new FsError(Errno.EEXIST, name);
      return this.#entry(node);
    });
  }

  mkdir(parent: number, name: string, mode: number, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const made = this.#names.createDirectory(this.#nodes.directory(parent), name, mode, caller);
    return chain(made, (node) => this.#entry(node));
  }

  unlink(parent: number, name: string): Awaitable<void> {
    this.#assertWritable();
    return this.#names.unlink(this.#nodes.directory(parent), name);
  }

  rmdir(parent: number, name: string): Awaitable<void> {
    this.#assertWritable();
    return this.#names.rmdir(this.#nodes.directory(parent), name);
  }

  rename(parent: number, name: string, newParent: number, newName: string, flags: number): Awaitable<void> {
    this.#assertWritable();
    return this.#names.rename(this.#nodes.directory(parent), name, this.#nodes.directory(newParent), newName, flags);
  }

  create(parent: number, name: string, mode: number, flags: number, caller: Caller): Awaitable<CreatedFile> {
    this.#assertWritable();
    const made = this.#names.createFile(this.#nodes.directory(parent), name, mode, caller);
    return chain(made, ({ node, isNew }) => {
      if (!isNew && (flags & O_EXCL) !== 0) throw new FsError(Errno.EEXIST, name);
      if (node.kind !== "file") throw new FsError(node.kind === "directory" ? Errno.EISDIR : Errno.EEXIST, name);
      return chain(this.#files.open(node, isNew ? flags & ~O_TRUNC : flags, false), (opened) =>
        chain(this.#entry(node), (entry) => ({ ...opened, entry })),
      );
    });
  }

  read(id: number, _fh: number, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return this.#share.contents.read(this.#nodes.file(id), offset, into);
  }

  write(id: number, _fh: number, offset: number, from: readonly Uint8Array[], flags: number): Awaitable<number> {
    this.#assertWritable();
    return this.#files.write(this.#nodes.file(id), offset, from, (flags & WRITE_KILL_SUIDGID) !== 0);
  }

  release(_id: number, fh: number): void {
    this.#files.release(fh);
  }

  fsync(id: number): Awaitable<void> {
    const node = this.#nodes.get(id);
    return chain(this.#share.saver.saveFile(node.kind === "file" ? node : undefined), () =>
      this.#share.reports.tell(node),
    );
  }

  fsyncdir(id: number): Awaitable<void> {
    return this.fsync(id);
  }

  readdir(id: number, _fh: number, offset: number, plus: boolean, sink: DirectorySink): Awaitable<void> {
    const directory = this.#nodes.directory(id);
    const listed = offset === 0 ? this.#share.tree.relisted(directory) : this.#share.tree.listed(directory);
    return chain(listed, (children) => {
      if (offset === 0) children.rewind();
      // One whose attributes cannot be had is listed all the same.
      const measured = (node: FsNode) =>
        recover(
          () => this.#share.tree.measured(node),
          () => {},
        );
      const taken = (node: FsNode) => this.#nodes.remember(node);
      return listDirectory(directory, children, offset, sink, plus ? { measured, taken } : undefined);
    });
  }

  releasedir(): void {}

  statfs(): Awaitable<Statistics> {
    return chain(this.store.space(), ({ total, free }) => {
      const blocksFree = Math.floor(free / BLOCK_SIZE);
      const blocks = Math.floor(total / BLOCK_SIZE);
      const counts = { blocks, blocksFree, blocksAvailable: blocksFree, files: FILES, filesFree: FILES };
      return { blockSize: BLOCK_SIZE, nameLength: NAME_MAX, ...counts };
    });
  }

  syncfs(): Awaitable<void> {
    return chain(this.save(), () => this.#share.reports.tellAll());
  }

  /** Counts the lookup that the entry carries. */
  #entry(node: FsNode): Awaitable<Entry> {
    return chain(this.#share.tree.measured(node), () => {
      this.#nodes.remember(node);
      return { node: node.id, generation: 0, attributes: attributesOf(node) };
    });
  }

  /** The guest does not know the node any more. */
  #forgotten(node: FsNode): void {
    if (node.kind === "file" && node.parent === undefined) this.#share.contents.drop(node);
    else if (node.kind === "file") void this.#share.contents.close(node);
    this.#share.tree.prune(node);
  }

  #assertWritable(): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
  }
}
