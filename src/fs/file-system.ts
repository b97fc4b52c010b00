import type { Awaitable } from "../posix/awaitable.js";

/**
 * The contract between the FUSE server and a file system: one method an operation of Linux's `fuse.h`.
 *
 * - Node and file handle numbers are those of the protocol; the root is {@link ROOT_NODE_ID}.
 * - Names are strings in the convention of `posix/name.ts`: UTF-8, other bytes as lone surrogates, never `/`, NUL, `.`, `..`
 *   or empty, at most 255 bytes. The server has checked that.
 * - An operation returns its result or a promise of it, and fails by throwing, or rejecting with, an `FsError`.
 * - An optional method that is missing is answered ENOSYS, which Linux remembers.
 * - Permission is the guest's work (`default_permissions`): mode bits are kept and reported, never enforced.
 */
export interface FileSystem {
  /** How the guest may cache this file system. Constant between `init` and `destroy`. */
  readonly profile: CacheProfile;

  /** FUSE_INIT: a new mount. Everything that an earlier mount held (lookups, handles) is void. */
  init(): void;
  /** FUSE_DESTROY: unmounted. Ends when the store has every change. */
  destroy(): Awaitable<void>;
  /**
   * For a snapshot of the guest, which stands still: what it knows by number, as plain JSON. Nothing is under way; the store has
   * everything that was written. The guest may go on afterwards.
   */
  suspend?(): Awaitable<unknown>;
  /**
   * In place of `init`, for a guest that goes on from that snapshot: the numbers in it are good again. Returns the paths ("a/b") of
   * what is not as it was, whose numbers are answered ESTALE from here on; "" for all of it: the guest has to mount again.
   */
  resume?(state: unknown): Awaitable<readonly string[]>;

  /** Adds one lookup to the node. Throws ENOENT when there is no such name. */
  lookup(parent: number, name: string): Awaitable<Entry>;
  /** Takes `nlookup` lookups back; at zero the node may be dropped. Never fails. */
  forget(node: number, nlookup: number): void;
  /** FUSE_GETATTR: stat(2). What was written so far counts in a file's size. */
  getattr(node: number): Awaitable<Attributes>;
  /** FUSE_SETATTR: chmod(2), chown(2), truncate(2), utimensat(2). Returns all attributes as they are then. */
  setattr(node: number, changes: AttributeChanges, caller: Caller): Awaitable<Attributes>;
  /** A node's target never changes: the guest keeps it (CACHE_SYMLINKS). */
  readlink(node: number): Awaitable<Uint8Array>;
  /** FUSE_SYMLINK: `target` has 1 to 4095 bytes, no NUL. The entry carries a lookup, as in all that follows. EEXIST. */
  symlink(parent: number, name: string, target: Uint8Array, caller: Caller): Awaitable<Entry>;
  /** FUSE_MKNOD: a file, FIFO, socket or device, as the type in `mode` says. `rdev`: as {@link Attributes} has it. EEXIST. */
  mknod?(parent: number, name: string, mode: number, rdev: number, caller: Caller): Awaitable<Entry>;
  /** FUSE_MKDIR: `mode` has the type and the permission bits. EEXIST where the name is taken. */
  mkdir(parent: number, name: string, mode: number, caller: Caller): Awaitable<Entry>;
  /** FUSE_UNLINK: the node lasts while the guest has lookups or handles of it. EISDIR for a directory. */
  unlink(parent: number, name: string): Awaitable<void>;
  /** FUSE_RMDIR: ENOTEMPTY unless the directory is empty, ENOTDIR for anything else. */
  rmdir(parent: number, name: string): Awaitable<void>;
  /** `flags`: of `posix/rename-flags.ts`; EINVAL for those that are not supported. `caller`: the owner of a whiteout. */
  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: number,
    caller?: Caller,
  ): Awaitable<void>;
  /** FUSE_LINK: gives the node one more name, link(2). EEXIST where it is taken. */
  link?(node: number, newParent: number, newName: string): Awaitable<Entry>;

  /**
   * Missing: Linux opens without asking, and keeps no handle. `flags`: `posix/open-flags.ts`. `killSuidgid`: clear set-user-ID
   * and set-group-ID if O_TRUNC is among the flags (FUSE_OPEN_KILL_SUIDGID).
   */
  open?(node: number, flags: number, killSuidgid?: boolean): Awaitable<OpenFile>;
  /** `killSuidgid`: as `open`'s, where the name is there already. */
  create(
    parent: number,
    name: string,
    mode: number,
    flags: number,
    caller: Caller,
    killSuidgid?: boolean,
  ): Awaitable<CreatedFile>;
  /**
   * Reads at `offset` into `into`, at most as many bytes as it has. Returns how many bytes were put there, or, where they are
   * not at hand, a promise of them: the views of `into` are of guest memory and must not be touched after the return.
   */
  read(node: number, fh: number, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array>;
  /**
   * Writes all of `from` at `offset`; the views are valid until the return only. Returns the number of bytes written. `flags`:
   * `write_flags` of `fuse_write_in`; with FUSE_WRITE_KILL_SUIDGID (4) set-user-ID and set-group-ID are to be cleared.
   * `openFlags`: the descriptor's, of open(2); with O_APPEND the bytes go to the end of a file that others change too, wherever
   * the guest believes it to be.
   */
  write(
    node: number,
    fh: number,
    offset: number,
    from: readonly Uint8Array[],
    flags: number,
    openFlags: number,
  ): Awaitable<number>;
  /** Sent at each close(2) of a descriptor; its error is close's. Missing: never sent again. */
  flush?(node: number, fh: number): Awaitable<void>;
  /** FUSE_RELEASE: the last descriptor of `fh` was closed. Its error is told to nobody. */
  release(node: number, fh: number): Awaitable<void>;
  /** Ends when the store has the file's content, attributes and name. */
  fsync(node: number, fh: number, dataOnly: boolean): Awaitable<void>;

  /** FUSE_OPENDIR. Missing: Linux lists without asking, with `fh` 0. `flags`: `posix/open-flags.ts`. */
  opendir?(node: number, flags: number): Awaitable<OpenFile>;
  /**
   * Offers entries to `sink` from the cookie `offset` on (0: the start, afresh), "." and ".." among them, until it refuses one.
   * With `plus` each entry but "." and ".." carries a lookup, counted if the sink took the entry.
   */
  readdir(node: number, fh: number, offset: number, plus: boolean, sink: DirectorySink): Awaitable<void>;
  /** FUSE_RELEASEDIR: the directory was closed. Its error is told to nobody. */
  releasedir(node: number, fh: number): Awaitable<void>;
  /** FUSE_FSYNCDIR: ends when the store has the directory's entries. `dataOnly`: fdatasync(2). */
  fsyncdir(node: number, fh: number, dataOnly: boolean): Awaitable<void>;

  /** FUSE_STATFS: statfs(2) of the file system that the node is in. */
  statfs(node: number): Awaitable<Statistics>;
  /** Ends when the store has everything that was done before. */
  syncfs(): Awaitable<void>;

  /** ENODATA where the node has no such attribute; EOPNOTSUPP for a namespace that is not kept. */
  getxattr?(node: number, name: string): Awaitable<Uint8Array>;
  /** `flags`: XATTR_CREATE (1) and XATTR_REPLACE (2) of `linux/xattr.h`. The value may be kept: it is a copy. */
  setxattr?(node: number, name: string, value: Uint8Array, flags: number): Awaitable<void>;
  /** FUSE_LISTXATTR: the names of all, with their namespace ("user.mime_type"), in no order. */
  listxattr?(node: number): Awaitable<readonly string[]>;
  /** FUSE_REMOVEXATTR: ENODATA where the node has no such attribute. */
  removexattr?(node: number, name: string): Awaitable<void>;
  /**
   * Linux leaves it to us to clear set-user-ID and set-group-ID here, and does not say whether it should be (HANDLE_KILLPRIV_V2):
   * it is, unless root asks. `mode`: FALLOC_FL_… of `linux/falloc.h`; EOPNOTSUPP for those that are not kept.
   */
  fallocate?(node: number, fh: number, mode: number, offset: number, length: number, caller: Caller): Awaitable<void>;
  /** `whence`: SEEK_DATA (3) or SEEK_HOLE (4). ENXIO where `offset` is at or past the end, or no data follows. */
  lseek?(node: number, fh: number, offset: number, whence: number): Awaitable<number>;
  /** Returns the bytes copied: fewer than `length` at the end of the source. The two ranges never meet in one file. As `fallocate`. */
  copyFileRange?(source: FileRange, target: FileRange, length: number, caller: Caller): Awaitable<number>;
  /** A file without a name, as `create` has one; `link` may give it one, unless `flags` has O_EXCL. */
  tmpfile?(parent: number, mode: number, flags: number, caller: Caller): Awaitable<CreatedFile>;
}

/** FUSE_ROOT_ID of `fuse.h`. */
export const ROOT_NODE_ID = 1;

/** What the guest may keep without asking, in seconds and switches. */
export interface CacheProfile {
  /** How long a name stands for its node (`entry_valid`). 0: ask each time. */
  readonly entrySeconds: number;
  /** How long attributes hold (`attr_valid`). 0: ask each time. */
  readonly attributeSeconds: number;
  /** How long a name that was not found stays so. 0: ask each time. */
  readonly negativeSeconds: number;
  /** Pages and listings stay cached for as long as the attributes do not move (KEEP_CACHE, CACHE_DIR). */
  readonly keepCache: boolean;
  /** Cached pages go when size or mtime moves (AUTO_INVAL_DATA). */
  readonly invalidateOnChange: boolean;
  /**
   * Reads are seldom at hand: read-ahead goes on behind the reader (ASYNC_READ), at the price of an interrupt each. Where they
   * are at hand it is faster without: 1,000 small files read cold took 345 ms instead of 570 ms, without an interrupt.
   */
  readonly readsTakeTime: boolean;
  /** Smallest step of a time stamp, in nanoseconds (`time_gran`). */
  readonly timeGranularity: number;
}

/** Who asks: `fuse_in_header`, and the umask where the operation carries one (it is applied by the guest already). */
export interface Caller {
  /** Owner of what the operation makes. */
  readonly uid: number;
  /** Its group. */
  readonly gid: number;
  /** Thread that asks, as gettid(2) has it; 0 where the kernel asks for itself. */
  readonly pid: number;
}

/** `struct fuse_attr`. Times are whole seconds since 1970 and nanoseconds within them. */
export interface Attributes {
  /** Inode number, which programs see; need not be the node's. */
  readonly ino: number;
  /** Bytes; of a symbolic link, those of its target. */
  readonly size: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  /** Of the last read. Seconds. */
  readonly atime: number;
  /** 0 to 999,999,999, as the others. */
  readonly atimeNanoseconds: number;
  /** Of the last change of content. Seconds. */
  readonly mtime: number;
  /** Within `mtime`. */
  readonly mtimeNanoseconds: number;
  /** Of the last change of content or attributes. Seconds. */
  readonly ctime: number;
  /** Within `ctime`. */
  readonly ctimeNanoseconds: number;
  /** Type and permission bits, `posix/mode.ts`. */
  readonly mode: number;
  /** Names that it has; of a directory 2 and its subdirectories, or 1: not counted. */
  readonly nlink: number;
  /** Owner. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
  /** A device's number, as Linux's `new_encode_dev` packs it; else 0. */
  readonly rdev: number;
  /** Bytes that are best read and written at once (`st_blksize`). */
  readonly blockSize: number;
  /** Of birth (STATX_BTIME). Undefined: nobody knows. */
  readonly btime?: number;
  /** Within `btime`. */
  readonly btimeNanoseconds?: number;
}

/** The fields that a SETATTR changes; the rest is undefined. */
export interface AttributeChanges {
  /** Permission bits, without the type (FATTR_MODE). */
  readonly mode?: number;
  /** Owner (FATTR_UID). */
  readonly uid?: number;
  /** Group (FATTR_GID). */
  readonly gid?: number;
  /** Bytes; what is added is zeros (FATTR_SIZE). */
  readonly size?: number;
  /** FATTR_ATIME, FATTR_ATIME_NOW. */
  readonly atime?: TimeChange;
  /** FATTR_MTIME, FATTR_MTIME_NOW. */
  readonly mtime?: TimeChange;
  /** FATTR_CTIME. Undefined: now, where anything else changes. */
  readonly ctime?: TimeChange;
  /** The open file that ftruncate(2) is about (FATTR_FH). */
  readonly fh?: number;
  /** Clear set-user-ID and set-group-ID (FATTR_KILL_SUIDGID). */
  readonly killSuidgid?: boolean;
}

/** A file's new time: the server's own, or this one since 1970. */
export type TimeChange = "now" | { readonly seconds: number; readonly nanoseconds: number };

/** A name's node and its attributes: `struct fuse_entry_out` less the profile's time-outs. */
export interface Entry {
  /** What the guest calls it by (`nodeid`). */
  readonly node: number;
  /** Another where a number is used again for another node; 0 where none is. */
  readonly generation: number;
  /** As `getattr` gives them. */
  readonly attributes: Attributes;
}

/** `struct fuse_open_out`: `flags` are FOPEN_… of `fuse.h` beyond those that the profile sets. */
export interface OpenFile {
  /** What the guest calls it by until `release`; any number, 0 among them. */
  readonly fh: number;
  /** Bits; 0 for none. */
  readonly flags: number;
}

/** Where a range of an open file begins. */
export interface FileRange {
  /** The file. */
  readonly node: number;
  /** As `open` gave it. */
  readonly fh: number;
  /** Bytes from the file's start. */
  readonly offset: number;
}

/** A file that was made and opened in one step. */
export interface CreatedFile extends OpenFile {
  /** Carries a lookup. */
  readonly entry: Entry;
}

/** Takes the entries of a listing while there is room in the reply. */
export interface DirectorySink {
  /** `cookie`: where the next READDIR goes on after this entry. Returns false, and takes nothing, when there is no room. */
  entry(name: string, ino: number, type: number, cookie: number): boolean;
  /** As `entry`, with the node's attributes; `node` 0 for an entry that carries no lookup. */
  entryPlus(name: string, cookie: number, entry: Entry): boolean;
}

/** `struct fuse_kstatfs`; sizes in blocks of `blockSize` bytes. */
export interface Statistics {
  /** Bytes (`bsize` and `frsize`). */
  readonly blockSize: number;
  /** All of them. */
  readonly blocks: number;
  /** Those that are free, for root. */
  readonly blocksFree: number;
  /** Those that are free, for everybody else. */
  readonly blocksAvailable: number;
  /** Inodes that there can be. */
  readonly files: number;
  /** Inodes that can still be made. */
  readonly filesFree: number;
  /** Bytes that a name may have. */
  readonly nameLength: number;
}
