import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { isRegular, S_IFLNK } from "../posix/mode.js";
import { O_APPEND, O_EXCL, O_TRUNC } from "../posix/open-flags.js";
import type { Store } from "../storage/store.js";
import { changeAttributes } from "./attributes.js";
import { lengthOf } from "./bytes.js";
import { DOT_DOT_COOKIE } from "./children.js";
import { ExtendedAttributes } from "./extended-attributes.js";
import {
  type AttributeChanges,
  type Attributes,
  type CacheProfile,
  type Caller,
  type CreatedFile,
  type DirectorySink,
  type Entry,
  type FileRange,
  type FileSystem,
  type Statistics,
} from "./file-system.js";
import { listDirectory } from "./list-directory.js";
import { MountedShare } from "./mounted-share.js";
import type { FsNode } from "./node.js";
import { profileOf } from "./profiles.js";
import type { ShareFileSystemOptions } from "./share.js";
import { statisticsOf } from "./statistics.js";
import { timestampOf } from "./timestamp.js";

/** FUSE_WRITE_CACHE and FUSE_WRITE_KILL_SUIDGID of `fuse.h`. */
const WRITE_CACHE = 1 << 0;
const WRITE_KILL_SUIDGID = 1 << 2;
const ROOT_CALLER: Caller = { uid: 0, gid: 0, pid: 0 };
const SYMLINK_MODE = S_IFLNK | 0o777;

/**
 * The POSIX file system of a share: names and attributes in memory, bytes in the store, changes brought there behind the
 * guest, in order. On a store that answers at once every operation does.
 */
export class ShareFileSystem extends MountedShare implements FileSystem {
  readonly profile: CacheProfile;
  readonly getxattr: NonNullable<FileSystem["getxattr"]>;
  readonly setxattr: NonNullable<FileSystem["setxattr"]>;
  readonly listxattr: NonNullable<FileSystem["listxattr"]>;
  readonly removexattr: NonNullable<FileSystem["removexattr"]>;
  /** Missing where the store is ours alone: the guest opens without asking, then. */
  readonly open?: NonNullable<FileSystem["open"]>;
  readonly opendir?: NonNullable<FileSystem["opendir"]>;
  readonly flush?: NonNullable<FileSystem["flush"]>;

  constructor(store: Store, options: ShareFileSystemOptions = {}) {
    super(store, options);
    this.profile = { ...profileOf(store), ...options.profile };
    const xattrs = new ExtendedAttributes(store, this.nodes, this.share.behind, this.share.now);
    this.getxattr = (id, name) => xattrs.get(id, name);
    this.setxattr = (id, name, value, flags) => xattrs.set(id, name, value, flags);
    this.listxattr = (id) => xattrs.list(id);
    this.removexattr = (id, name) => xattrs.remove(id, name);
    if (store.exclusive) return;
    this.open = (node, flags, killSuidgid = false) => this.share.files.open(this.nodes.file(node), flags, killSuidgid);
    // Listed here already: programs look at the error of opendir(3), and seldom at readdir(3)'s.
    this.opendir = (id) => {
      const node = this.nodes.directory(id);
      this.share.use(node);
      return chain(this.share.tree.relisted(node), () => ({ fh: node.id, flags: 0 }));
    };
    this.flush = (node) => this.share.reports.tell(this.nodes.get(node));
  }

  lookup(parent: number, name: string): Awaitable<Entry> {
    const directory = this.nodes.directory(parent);
    this.share.use(directory);
    const finding = this.share.names.find(directory, name);
    if (isPromise(finding)) this.share.sizes.looked(directory, name);
    return chain(finding, (node) => this.#entry(node));
  }

  getattr(id: number): Awaitable<Attributes> {
    const node = this.nodes.get(id);
    return chain(this.share.tree.measured(node), () => this.share.attributes(node));
  }

  /** Of the content of a file: another one whenever that has changed. */
  version(id: number): number {
    return this.nodes.file(id).version;
  }

  setattr(id: number, changes: AttributeChanges): Awaitable<Attributes> {
    this.#assertWritable();
    const node = this.nodes.get(id);
    // First what may fail: whoever is told of a failure finds nothing done.
    return chain(this.share.tree.measured(node), () => {
      const { size } = changes;
      const resized = size === undefined ? undefined : this.share.files.truncate(this.nodes.file(id), size);
      return chain(resized, () => {
        const changed = changeAttributes(node, changes, timestampOf(this.share.now()));
        if (changed) this.share.behind.saveAttributes(node);
        return this.share.attributes(node);
      });
    });
  }

  readlink(id: number): Uint8Array {
    const node = this.nodes.get(id);
    if (node.kind !== "special" || node.target === undefined) throw new FsError(Errno.EINVAL, node.name);
    return node.target;
  }

  symlink(parent: number, name: string, target: Uint8Array, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const directory = this.nodes.directory(parent);
    const link = this.share.creations.createSpecial(directory, name, SYMLINK_MODE, target.slice(), 0, caller);
    return chain(link, (node) => this.#entry(node));
  }

  mknod(parent: number, name: string, mode: number, rdev: number, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const directory = this.nodes.directory(parent);
    if (!isRegular(mode)) {
      const special = this.share.creations.createSpecial(directory, name, mode, undefined, rdev, caller);
      return chain(special, (node) => this.#entry(node));
    }
    return chain(this.share.creations.createFile(directory, name, mode, caller), ({ node, isNew }) => {
      if (!isNew) throw new FsError(Errno.EEXIST, name);
      return this.#entry(node);
    });
  }

  mkdir(parent: number, name: string, mode: number, caller: Caller): Awaitable<Entry> {
    this.#assertWritable();
    const made = this.share.creations.createDirectory(this.nodes.directory(parent), name, mode, caller);
    return chain(made, (node) => this.#entry(node));
  }

  unlink(parent: number, name: string): Awaitable<void> {
    this.#assertWritable();
    return this.share.names.unlink(this.nodes.directory(parent), name);
  }

  rmdir(parent: number, name: string): Awaitable<void> {
    this.#assertWritable();
    return this.share.names.rmdir(this.nodes.directory(parent), name);
  }

  link(id: number, newParent: number, newName: string): Awaitable<Entry> {
    this.#assertWritable();
    const node = this.nodes.get(id);
    const linked = this.share.names.link(node, this.nodes.directory(newParent), newName);
    return chain(linked, () => this.#entry(node));
  }

  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: number,
    caller: Caller = ROOT_CALLER,
  ): Awaitable<void> {
    this.#assertWritable();
    const [from, to] = [this.nodes.directory(parent), this.nodes.directory(newParent)];
    return this.share.names.rename(from, name, to, newName, flags, caller);
  }

  create(
    parent: number,
    name: string,
    mode: number,
    flags: number,
    caller: Caller,
    killSuidgid = false,
  ): Awaitable<CreatedFile> {
    this.#assertWritable();
    const made = this.share.creations.createFile(this.nodes.directory(parent), name, mode, caller);
    return chain(made, ({ node, isNew }) => {
      if (!isNew && (flags & O_EXCL) !== 0) throw new FsError(Errno.EEXIST, name);
      if (node.kind !== "file") throw new FsError(node.kind === "directory" ? Errno.EISDIR : Errno.EEXIST, name);
      return chain(this.share.files.open(node, isNew ? flags & ~O_TRUNC : flags, killSuidgid), (opened) =>
        chain(this.#entry(node), (entry) => ({ ...opened, entry })),
      );
    });
  }

  tmpfile(parent: number, mode: number, flags: number, caller: Caller): Awaitable<CreatedFile> {
    this.#assertWritable();
    const node = this.share.creations.createTemporary(this.nodes.directory(parent), mode, caller);
    return chain(this.share.files.open(node, flags & ~O_TRUNC, false), (opened) =>
      chain(this.#entry(node), (entry) => {
        this.share.creations.landTemporary(node); // now that the guest uses it
        return { ...opened, entry };
      }),
    );
  }

  read(id: number, _fh: number, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    const node = this.nodes.file(id);
    if (this.store.exclusive) return this.share.ahead.read(node, offset, into);
    // What is at hand may be of another version by now; a read past the guest's cache comes with no GETATTR before it.
    const measuring = this.share.sizes.measured(node);
    if (!isPromise(measuring)) return this.share.ahead.read(node, offset, into);
    const bytes = new Uint8Array(lengthOf(into));
    return measuring.then(async () => {
      const read = await this.share.ahead.read(node, offset, [bytes]);
      return typeof read === "number" ? bytes.subarray(0, read) : read;
    });
  }

  write(
    id: number,
    _fh: number,
    offset: number,
    from: readonly Uint8Array[],
    flags: number,
    openFlags: number,
  ): Awaitable<number> {
    this.#assertWritable();
    const kill = (flags & WRITE_KILL_SUIDGID) !== 0;
    // A page that the guest's cache writes back has its place.
    const append = (openFlags & O_APPEND) !== 0 && (flags & WRITE_CACHE) === 0;
    return this.share.files.write(this.nodes.file(id), offset, from, kill, append);
  }

  fallocate(id: number, _fh: number, mode: number, offset: number, length: number, { uid }: Caller): Awaitable<void> {
    const node = this.nodes.file(id);
    return chain(this.share.ranges, (ranges) => ranges.allocate(node, mode, offset, length, uid !== 0));
  }

  lseek(id: number, _fh: number, offset: number, whence: number): Awaitable<number> {
    const node = this.nodes.file(id);
    return chain(this.share.ranges, (ranges) => ranges.seek(node, offset, whence));
  }

  copyFileRange(source: FileRange, target: FileRange, length: number, { uid }: Caller): Awaitable<number> {
    const [from, to] = [this.nodes.file(source.node), this.nodes.file(target.node)];
    const [begin, end] = [
      { ...source, node: from },
      { ...target, node: to },
    ];
    return chain(this.share.ranges, (ranges) => ranges.copy(begin, end, length, uid !== 0));
  }

  release(_id: number, fh: number): void {
    this.share.files.release(fh);
  }

  fsync(id: number): Awaitable<void> {
    const node = this.nodes.get(id);
    return chain(this.share.saver.saveFile(node.kind === "file" ? node : undefined), () =>
      this.share.reports.tell(node),
    );
  }

  fsyncdir(id: number): Awaitable<void> {
    return this.fsync(id);
  }

  readdir(id: number, _fh: number, offset: number, plus: boolean, sink: DirectorySink): Awaitable<void> {
    const { sizes, tree, walk } = this.share;
    const directory = this.nodes.directory(id);
    const isFirst = offset === 0;
    if (isFirst) this.share.use(directory);
    else if (offset > DOT_DOT_COOKIE) walk?.readsOn(plus);
    return chain(isFirst ? tree.relisted(directory) : tree.listed(directory), (children) => {
      if (isFirst) children.rewind();
      if (plus && walk?.wantsAttributes) sizes.expect(children.nodes(offset));
      // One whose attributes cannot be had is listed all the same.
      const measured = (node: FsNode) =>
        recover(
          () => sizes.asked(node),
          () => {},
        );
      const taken = (node: FsNode) => this.nodes.remember(node);
      const attributes = (node: FsNode) => this.share.attributes(node);
      return listDirectory(directory, children, offset, sink, plus ? { measured, taken, attributes } : undefined);
    });
  }

  releasedir(): void {}

  statfs(): Awaitable<Statistics> {
    return statisticsOf(this.store);
  }

  syncfs(): Awaitable<void> {
    return chain(this.save(), () => this.share.reports.tellAll());
  }

  /** Counts the lookup that the entry carries. */
  #entry(node: FsNode): Awaitable<Entry> {
    return chain(this.share.sizes.measured(node), () => {
      this.nodes.remember(node);
      return { node: node.id, generation: 0, attributes: this.share.attributes(node) };
    });
  }

  #assertWritable(): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
  }
}
