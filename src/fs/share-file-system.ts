import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { isRegular, S_IFLNK } from "../posix/mode.js";
import { NAME_MAX } from "../posix/name.js";
import { O_EXCL, O_TRUNC, opensForWriting } from "../posix/open-flags.js";
import type { Store } from "../storage/store.js";
import { attributesOf, changeAttributes, killSuidgid, touch } from "./attributes.js";
import { ChangeQueue } from "./change-queue.js";
import { Contents } from "./contents.js";
import { failureOf, type StoreFailure } from "./failure.js";
import {
  type AttributeChanges,
  type Attributes,
  type CacheProfile,
  type Caller,
  type CreatedFile,
  type DirectorySink,
  type Entry,
  type FileSystem,
  type OpenFile,
  ROOT_NODE_ID,
  type Statistics,
} from "./file-system.js";
import { Handles } from "./handles.js";
import { listDirectory } from "./list-directory.js";
import { Namespace } from "./namespace.js";
import type { FileNode, FsNode } from "./node.js";
import { pathOf } from "./node.js";
import { NodeTable } from "./node-table.js";
import { exclusiveProfile, sharedProfile } from "./profiles.js";
import { timestampOf } from "./timestamp.js";
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
  readonly #now: () => number;
  readonly #queue = new ChangeQueue();
  readonly #tree: Tree;
  readonly #nodes: NodeTable;
  readonly #contents: Contents;
  readonly #behind: WriteBehind;
  readonly #names: Namespace;
  readonly #handles = new Handles();
  #unreported: FsError | undefined;

  constructor(
    private readonly store: Store,
    private readonly options: ShareFileSystemOptions = {},
  ) {
    const { exclusive } = store;
    const { uid = 0, gid = 0, openFiles = 256, waitingBytes = 32 * 2 ** 20 } = options;
    const now = options.now ?? Date.now;
    this.#now = now;
    this.profile = exclusive ? exclusiveProfile : sharedProfile;
    const changedOutside = (node: FileNode) => void this.#contents.close(node);
    this.#tree = new Tree(ROOT_NODE_ID, store.root, this.#queue, { exclusive, now, uid, gid, changedOutside });
    this.#nodes = new NodeTable(this.#tree.root);
    this.#contents = new Contents(this.#queue, this.#tree.places, {
      openFiles,
      waitingBytes,
      alwaysWritable: exclusive && !store.readOnly,
      failed: (node, error) => this.#failed(node, failureOf(error)),
    });
    this.#behind = new WriteBehind(this.#queue, this.#tree.places, this.#contents, {
      hasHandles: !exclusive,
      failed: (node, error) => this.#failed(node, error),
      ended: ({ parent, name }) => {
        this.#tree.changed(parent, name);
        options.onChange?.();
      },
    });
    this.#names = new Namespace(store, this.#tree, this.#contents, this.#behind, now);
    if (exclusive) return;
    this.open = (node, flags, killSuidgid = false) => this.#open(this.#nodes.file(node), flags, killSuidgid);
    this.opendir = (node) => ({ fh: this.#nodes.directory(node).id, flags: 0 });
    this.flush = (node) => this.#report(this.#nodes.get(node));
  }

  /** Bytes that the guest has written and the store does not have. */
  unsavedBytes(): number {
    return this.#contents.unsavedBytes();
  }

  /** Files whose bytes the store does not have, and changes that failed. */
  unsavedFiles(): number {
    return this.#contents.unsavedFiles() + this.#behind.failures;
  }

  /** Ends when the store has everything; fails when it does not take it. What failed before is tried again. */
  save(): Awaitable<void> {
    return chain(this.#retry(), () =>
      chain(this.#contents.flushAll(), () =>
        chain(this.#queue.settled(), () =>
          chain(this.store.sync(), () => {
            if (this.#behind.failure !== undefined) throw this.#behind.failure;
          }),
        ),
      ),
    );
  }

  /** Saves, and lets go of the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.save();
    } finally {
      await this.#contents.closeAll();
      await this.store.close();
    }
  }

  init(): void {
    for (const node of this.#handles.removeAll()) this.#closed(node);
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
    return chain(this.#tree.measured(node), () => attributesOf(node));
  }

  setattr(id: number, changes: AttributeChanges): Awaitable<Attributes> {
    this.#assertWritable();
    const node = this.#nodes.get(id);
    const resized = changes.size === undefined ? undefined : this.#truncate(this.#nodes.file(id), changes.size);
    return chain(resized, () =>
      chain(this.#tree.measured(node), () => {
        if (changeAttributes(node, changes, this.#timestamp())) node.pinned = true;
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
      return chain(this.#open(node, isNew ? flags & ~O_TRUNC : flags, false), (opened) =>
        chain(this.#entry(node), (entry) => ({ ...opened, entry })),
      );
    });
  }

  read(id: number, _fh: number, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return this.#contents.read(this.#nodes.file(id), offset, into);
  }

  write(id: number, _fh: number, offset: number, from: readonly Uint8Array[], flags: number): Awaitable<number> {
    this.#assertWritable();
    const node = this.#nodes.file(id);
    const length = from.reduce((sum, view) => sum + view.length, 0);
    if (offset + length > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
    return chain(this.#contents.write(node, offset, from), () => {
      if ((flags & WRITE_KILL_SUIDGID) !== 0) killSuidgid(node);
      this.#written(node);
      return length;
    });
  }

  release(_id: number, fh: number): void {
    const node = this.#handles.remove(fh);
    if (node !== undefined) this.#closed(node);
  }

  fsync(id: number): Awaitable<void> {
    const node = this.#nodes.get(id);
    return chain(this.#retry(), () => {
      const flushed = node.kind === "file" ? this.#contents.flush(node) : undefined;
      return chain(flushed, () => this.#report(node));
    });
  }

  fsyncdir(id: number): Awaitable<void> {
    return this.fsync(id);
  }

  readdir(id: number, _fh: number, offset: number, plus: boolean, sink: DirectorySink): Awaitable<void> {
    const directory = this.#nodes.directory(id);
    const listed = offset === 0 ? this.#tree.relisted(directory) : this.#tree.listed(directory);
    return chain(listed, (children) => {
      if (offset === 0) children.rewind();
      // One whose attributes cannot be had is listed all the same.
      const measured = (node: FsNode) =>
        recover(
          () => this.#tree.measured(node),
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
    return chain(this.save(), () => {
      const error = this.#unreported;
      this.#unreported = undefined;
      if (error !== undefined) throw error;
    });
  }

  /** Ends when every change so far has ended, with those that failed tried again as long as it helps. */
  #retry(): Awaitable<void> {
    return chain(this.#queue.settled(), () => {
      const { failures } = this.#behind;
      if (failures === 0) return;
      this.#behind.retry();
      return chain(this.#queue.settled(), () => (this.#behind.failures < failures ? this.#retry() : undefined));
    });
  }

  #open(node: FileNode, flags: number, kill: boolean): Awaitable<OpenFile> {
    const writes = opensForWriting(flags);
    if (writes) this.#assertWritable();
    return chain(this.#tree.measured(node), () => {
      const emptied = (flags & O_TRUNC) === 0 ? undefined : this.#truncate(node, 0);
      return chain(emptied, () => {
        if (kill && (flags & O_TRUNC) !== 0) killSuidgid(node);
        return { fh: this.store.exclusive ? 0 : this.#handles.add(node, writes), flags: 0 };
      });
    });
  }

  #truncate(node: FileNode, size: number): Awaitable<void> {
    if (size > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
    if (size === 0 && this.#contents.isAway(node)) {
      this.#contents.begin(node);
      this.#behind.replaceContent(node);
      return this.#written(node);
    }
    return chain(this.#contents.truncate(node, size), () => this.#written(node));
  }

  #written(node: FileNode): void {
    touch(node, this.#timestamp());
    this.options.onChange?.();
  }

  /** Counts the lookup that the entry carries. */
  #entry(node: FsNode): Awaitable<Entry> {
    return chain(this.#tree.measured(node), () => {
      this.#nodes.remember(node);
      return { node: node.id, generation: 0, attributes: attributesOf(node) };
    });
  }

  /** The guest has no handle of the file any more. */
  #closed(node: FileNode): void {
    if (node.open?.writable === true) void this.#contents.close(node);
  }

  /** The guest does not know the node any more. */
  #forgotten(node: FsNode): void {
    if (node.kind === "file" && node.parent === undefined) this.#contents.drop(node);
    else if (node.kind === "file") void this.#contents.close(node);
    this.#tree.prune(node);
  }

  #failed(node: FsNode, error: FsError): void {
    node.unreported ??= error;
    if (node.parent !== undefined) node.parent.unreported ??= error;
    this.#unreported ??= error;
    const { parent, name } = node;
    this.options.onError?.({ path: parent === undefined ? name : pathOf({ parent, name }), error });
    this.options.onChange?.();
  }

  #report(node: FsNode): void {
    const error = node.unreported;
    node.unreported = undefined;
    if (error !== undefined) throw error;
  }

  #timestamp() {
    return timestampOf(this.#now());
  }

  #assertWritable(): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
  }
}
