import type { Awaitable } from "../posix/awaitable.js";

/**
 * A tree of files: the port that each kind of storage implements, and all that `fs/` knows of it.
 *
 * A store holds names, kinds, bytes, and for a file a size and a time of last change. Everything else that a Linux file has is
 * kept by `fs/`. Names are strings in the convention of `posix/name.ts`. Every operation fails with an `FsError`: a
 * DOMException is made into an errno here, where the operation is known.
 */
export interface Store {
  /** The top of the tree. */
  readonly root: StoreDirectory;
  /** Nothing may be changed through this store: `fs/` answers EROFS before it asks. */
  readonly readOnly: boolean;
  /** Files can be written, but no name can be made, removed or moved: `fs/` answers EACCES before it asks. Default: false. */
  readonly fixedNames?: boolean;
  /**
   * A directory outside the tree into and out of which its entries can be moved; lasts as long as the tree. `fs/` keeps there what
   * has no name for a while. Missing: entries cannot be exchanged, and a file without a name stays in memory.
   */
  readonly parking?: StoreDirectory;
  /** Nobody else changes this tree: what was read once stays true. */
  readonly exclusive: boolean;
  /** What was never written takes no room, and `OpenStoreFile.allocated` tells how much does. Default: false. */
  readonly keepsHoles?: boolean;
  /** Files that are read from begin to end are read ahead: few reads have to wait. Default: false. */
  readonly readsAhead?: boolean;
  /**
   * Tells what others change, and what we do, soon after it has changed: the path from the root, with names as they were guessed
   * from the store's, or undefined where anything may have. `isGone`: what was there is not any more, and nothing else is told.
   * `ended`: it does not any longer. False: nobody can tell. Missing: likewise.
   */
  watch?(changed: FolderChanged, ended: () => void): Awaitable<boolean>;
  /** Throws EINVAL, EILSEQ or ENAMETOOLONG for a name that this store cannot hold. Asked before anything is created. */
  checkName(name: string): void;
  /** Bytes in all and bytes free. */
  space(): Awaitable<StoreSpace>;
  /** Files that are closed while the store still tries to save their content. Missing: there are none, ever. */
  unsavedClosed?(): readonly UnsavedFile[];
  /** Ends when everything written is as safe as this store makes it. */
  sync(): Awaitable<void>;
  /** Lets go of every handle and lock. What was written before is kept. */
  close(): Awaitable<void>;
}

/** See {@link Store.watch}. */
export type FolderChanged = (path: readonly string[] | undefined, isGone?: boolean) => void;

/** A file whose content is not, or not all, in the store yet. */
export interface UnsavedFile {
  /** "a/b" */
  readonly path: string;
  /** How many of its bytes; 0 where something else of it is missing. */
  readonly bytes: number;
}

/** Bytes, as `statfs` tells them. */
export interface StoreSpace {
  /** What it can hold in all. */
  readonly total: number;
  /** What can still be written. */
  readonly free: number;
}

/** One directory. Stays usable while the directory exists under the name it was got by; a rename above it makes it stale. */
export interface StoreDirectory {
  /** Every entry, in no order. */
  list(): Awaitable<readonly StoreEntry[]>;
  /** The entry of that name, or undefined where there is none. */
  get(name: string): Awaitable<StoreEntry | undefined>;
  /** A new empty file, or the one that is there already. */
  createFile(name: string): Awaitable<StoreFile>;
  /** A new directory, or the one that is there already. */
  createDirectory(name: string): Awaitable<StoreDirectory>;
  /** Removes a file, or an empty directory (else ENOTEMPTY). No file of the name may be open, but see `StoreFile.detach`. */
  remove(name: string): Awaitable<void>;
  /**
   * Moves an entry of this directory to `name` in `target`, over a file or an empty directory of the same kind that is there.
   * Files below it may not be open, the moved file apart (the store closes and opens again as it must).
   */
  rename(from: string, target: StoreDirectory, to: string): Awaitable<void>;
}

/** A name in a directory of a store. */
export type StoreEntry =
  | { readonly name: string; readonly kind: "file"; readonly file: StoreFile }
  | { readonly name: string; readonly kind: "directory"; readonly directory: StoreDirectory };

/** A file that is not open. Got anew after a rename of it, or above it. */
export interface StoreFile {
  /** Of what the store has now; ENOENT where the file is gone. */
  stat(): Awaitable<StoreStat>;
  /** `write`: bytes will be written; asked for once more when a file open for reading is written. One open at a time. */
  open(write: boolean): Awaitable<OpenStoreFile>;
  /** Throws where it is known beforehand that `open(true)` will fail: who opens the file for writing is told then. */
  checkWritable?(): void;
  /**
   * All bytes, without opening the file: nothing waits for it, and a change that comes meanwhile makes it fail, or give what the file
   * never was. `found` is told first what `stat` would give: the bytes are of that version, or a later one. Undefined: it is larger
   * than `limit`, or open, or there is something of it that is not saved. Missing: opening takes no longer.
   */
  readWhole?(limit: number, found: (stat: StoreStat) => void): Promise<Uint8Array | undefined>;
}

/** What a store knows of a file beside its name. */
export interface StoreStat {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970: what the browser's `File.lastModified` gives. */
  readonly lastModified: number;
}

/** The content of an open file. The holder closes it. */
export interface OpenStoreFile {
  /** False: `write` and `truncate` throw EBADF, and the holder opens the file anew. */
  readonly writable: boolean;
  /** Bytes, after everything written so far. */
  size(): number;
  /** As `FileSystem.read`: a count where the bytes are at hand, else a promise of the bytes. Short only at the end of the file. */
  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array>;
  /** Writes all of `from`; the views are valid until the return only. Past the end, zeros fill the gap. ENOSPC: nothing was written. */
  write(offset: number, from: readonly Uint8Array[]): Awaitable<void>;
  /** Writes at the end, wherever that is by now. Missing: nobody else changes the file, and its holder knows its end. */
  append?(from: readonly Uint8Array[]): Awaitable<void>;
  /** Cuts the content off at `size` bytes, or lengthens it with zeros. */
  truncate(size: number): Awaitable<void>;
  /** Makes a range within the file read as zeros, and frees its space. Missing: zeros are written, and all counts as data. */
  punch?(offset: number, length: number): Awaitable<void>;
  /** Where the first data at or after `offset` begins, within the file. Undefined: there is none. There where `punch` is. */
  nextData?(offset: number): number | undefined;
  /** Where the first hole at or after `offset` begins; the end of the file counts as one. There where `punch` is. */
  nextHole?(offset: number): number;
  /** Bytes of storage that the content takes. Missing: its size. */
  allocated?(): number;
  /** Ends when the store (the visitor's disk, for a picked folder) has what was written. */
  flush(): Awaitable<void>;
  /** Bytes written here that `flush` would still have to bring to the store. */
  unsaved(): number;
  /**
   * The file is about to be removed or replaced while the guest still reads it: afterwards this content stands alone,
   * goes with `close`, and no longer keeps its name busy.
   */
  detach(): Awaitable<void>;
  /** Flushes, then lets go. After an error of the flush it has let go all the same. */
  close(): Awaitable<void>;
}

/**
 * A log of bytes that lies outside every share: what the attribute records of a share are kept in. OPFS holds one behind a sync
 * access handle, so that an append costs microseconds.
 */
export interface RecordLog {
  /** Everything written since it was last replaced. Then may come a torn end, and zeros; both are the reader's to notice. */
  read(): Awaitable<Uint8Array>;
  /**
   * Writes at `offset`, where what counts ends. Throws, with nothing written, unless `spare` bytes more are sure to fit behind:
   * what is begun must be ended.
   */
  write(offset: number, bytes: Uint8Array, spare: number): void;
  /** Ends when what was written is safe. */
  flush(): Awaitable<void>;
  /** Puts `bytes` in the place of all that was there: after a crash, the one or the other. Throws with all as it was. */
  replace(bytes: Uint8Array): void;
}
