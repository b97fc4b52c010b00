import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { checkName } from "../posix/name.js";
import { OpenForReading, ReadOnlyDirectory } from "./read-only.js";
import type { OpenStoreFile, Store, StoreDirectory, StoreEntry, StoreFile, StoreSpace, StoreStat } from "./store.js";
import { lengthOf, scatter } from "./web/views.js";

/**
 * The entries of one directory by name (1 to 255 bytes of UTF-8, no "/" or NUL, not "." or ".."): a file, a directory's entries, or what
 * gives these when they are first asked for. They are asked for once, and do not change.
 */
export type ReadOnlyTree = ReadonlyMap<string, ReadOnlyFile | ReadOnlyTree | (() => Awaitable<ReadOnlyTree>)>;

/** A file that never changes. What `read` fails with, other than an `FsError`, is EIO for the guest, and told once. */
export interface ReadOnlyFile {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. Default: 0. A guest that is restored from a snapshot takes another time for another file. */
  readonly lastModified?: number;
  /** The bytes [offset, offset + length), all within the file; `length` is 1 MiB at most. Fewer are EIO. */
  read(offset: number, length: number): Awaitable<Uint8Array>;
}

/** A store that shows a tree and takes no changes: all that a read-only store of your own needs. */
export class ReadOnlyStore implements Store {
  readonly root: StoreDirectory;
  readonly readOnly = true;
  readonly exclusive = true;

  /** A directory of `tree` is looked at when it is first asked for: a name that cannot be is an error then. */
  constructor(tree: ReadOnlyTree) {
    this.root = new Directory(() => tree);
  }

  checkName(name: string): void {
    checkName(name);
  }

  space(): StoreSpace {
    return { total: 0, free: 0 };
  }

  sync(): void {}
  close(): void {}
}

class Directory extends ReadOnlyDirectory implements StoreDirectory {
  #entries: Awaitable<ReadonlyMap<string, StoreEntry>> | undefined;

  constructor(private readonly tree: () => Awaitable<ReadOnlyTree>) {
    super();
  }

  list(): Awaitable<StoreEntry[]> {
    return chain(this.#listed(), (entries) => [...entries.values()]);
  }

  get(name: string): Awaitable<StoreEntry | undefined> {
    return chain(this.#listed(), (entries) => entries.get(name));
  }

  /** A failure is not kept: it is asked for again. */
  #listed(): Awaitable<ReadonlyMap<string, StoreEntry>> {
    if (this.#entries !== undefined) return this.#entries;
    const entries = chain(this.tree(), entriesOf);
    this.#entries = entries;
    if (entries instanceof Promise) entries.catch(() => (this.#entries = undefined));
    return entries;
  }
}

class File implements StoreFile {
  constructor(private readonly file: ReadOnlyFile) {}

  stat(): StoreStat {
    return { size: this.file.size, lastModified: this.file.lastModified ?? 0 };
  }

  open(write: boolean): OpenStoreFile {
    if (write) throw new FsError(Errno.EROFS);
    return new OpenFile(this.file);
  }
}

class OpenFile extends OpenForReading implements OpenStoreFile {
  constructor(private readonly file: ReadOnlyFile) {
    super();
  }

  size(): number {
    return this.file.size;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    const length = Math.min(lengthOf(into), this.file.size - offset);
    if (length <= 0) return 0;
    const whole = (bytes: Uint8Array): Uint8Array => {
      if (bytes.length >= length) return bytes.subarray(0, length);
      throw new FsError(Errno.EIO, `${bytes.length} bytes came of ${length}`);
    };
    const bytes = this.file.read(offset, length);
    return bytes instanceof Promise ? bytes.then(whole) : scatter(whole(bytes), into);
  }
}

function entriesOf(tree: ReadOnlyTree): Map<string, StoreEntry> {
  const entries = new Map<string, StoreEntry>();
  for (const [name, entry] of tree) {
    checkName(name);
    if (typeof entry === "function") entries.set(name, { name, kind: "directory", directory: new Directory(entry) });
    else if ("read" in entry) entries.set(name, { name, kind: "file", file: new File(entry) });
    else entries.set(name, { name, kind: "directory", directory: new Directory(() => entry) });
  }
  return entries;
}
