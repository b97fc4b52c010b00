import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName, encodeName } from "../../posix/name.js";
import type { Store, StoreDirectory, StoreEntry, StoreFile, StoreSpace } from "../store.js";
import { MemoryFile } from "./memory-file.js";

/** What a memory store starts with: text (stored as UTF-8), bytes, or a directory of such. */
export interface MemoryTree {
  /** By name, as `checkName` allows it. */
  readonly [name: string]: string | Uint8Array | MemoryTree;
}

/** How a {@link MemoryStore} may be used. */
export interface MemoryStoreOptions {
  /** As `Store.readOnly`. Default false. */
  readonly readOnly?: boolean;
  /** False: the tree is also changed through `root` while a file system serves it. Default true. */
  readonly exclusive?: boolean;
  /** Bytes that it may hold. Default 1 GiB. */
  readonly capacity?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How much of its capacity a memory store has used. */
export interface MemorySpace {
  readonly total: number;
  used: number;
  readonly now: () => number;
}

/** A tree of files in memory. Every operation is synchronous, and as strict about open files as OPFS is. */
export class MemoryStore implements Store {
  readonly root: MemoryDirectory;
  readonly parking: MemoryDirectory;
  readonly readOnly: boolean;
  readonly exclusive: boolean;
  readonly keepsHoles = true;
  readonly #space: MemorySpace;

  /** Copies `tree`. Throws an `FsError` for a name that cannot be, and ENOSPC beyond the capacity. */
  constructor(tree: MemoryTree = {}, options: MemoryStoreOptions = {}) {
    this.readOnly = options.readOnly ?? false;
    this.exclusive = options.exclusive ?? true;
    this.#space = { total: options.capacity ?? 2 ** 30, used: 0, now: options.now ?? Date.now };
    this.root = new MemoryDirectory(this.#space);
    this.parking = new MemoryDirectory(this.#space);
    fill(this.root, tree);
  }

  checkName(name: string): void {
    checkName(name);
  }

  space(): StoreSpace {
    return { total: this.#space.total, free: Math.max(this.#space.total - this.#space.used, 0) };
  }

  sync(): void {}

  close(): void {}
}

/** A directory of a memory store. */
export class MemoryDirectory implements StoreDirectory {
  readonly #entries = new Map<string, MemoryFile | MemoryDirectory>();

  constructor(private readonly space: MemorySpace) {}

  list(): StoreEntry[] {
    return Array.from(this.#entries, ([name, entry]) => storeEntry(name, entry));
  }

  get(name: string): StoreEntry | undefined {
    const entry = this.#entries.get(name);
    return entry && storeEntry(name, entry);
  }

  createFile(name: string): StoreFile {
    const there = this.#entries.get(name);
    if (there instanceof MemoryDirectory) throw new FsError(Errno.EISDIR, name);
    if (there !== undefined) return there;
    checkName(name);
    const file = new MemoryFile(this.space);
    this.#entries.set(name, file);
    return file;
  }

  createDirectory(name: string): MemoryDirectory {
    const there = this.#entries.get(name);
    if (there instanceof MemoryFile) throw new FsError(Errno.ENOTDIR, name);
    if (there !== undefined) return there;
    checkName(name);
    const directory = new MemoryDirectory(this.space);
    this.#entries.set(name, directory);
    return directory;
  }

  remove(name: string): void {
    const entry = this.#entry(name);
    if (entry instanceof MemoryDirectory && entry.#entries.size > 0) throw new FsError(Errno.ENOTEMPTY, name);
    if (entry instanceof MemoryFile) entry.unlink();
    this.#entries.delete(name);
  }

  rename(from: string, target: StoreDirectory, to: string): void {
    const entry = this.#entry(from);
    if (!(target instanceof MemoryDirectory)) throw new FsError(Errno.EXDEV);
    checkName(to);
    const replaced = target.#entries.get(to);
    if (replaced === entry) return;
    if (replaced instanceof MemoryDirectory !== entry instanceof MemoryDirectory && replaced !== undefined) {
      throw new FsError(replaced instanceof MemoryDirectory ? Errno.EISDIR : Errno.ENOTDIR, to);
    }
    if (entry instanceof MemoryDirectory && entry.#holds(target)) throw new FsError(Errno.EINVAL, to);
    if (entry instanceof MemoryDirectory && entry.#holdsOpenFile()) throw new FsError(Errno.EBUSY, from);
    if (replaced !== undefined) target.remove(to);
    this.#entries.delete(from);
    target.#entries.set(to, entry);
  }

  #entry(name: string): MemoryFile | MemoryDirectory {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new FsError(Errno.ENOENT, name);
    return entry;
  }

  #holds(directory: MemoryDirectory): boolean {
    if (directory === this) return true;
    return [...this.#entries.values()].some((entry) => entry instanceof MemoryDirectory && entry.#holds(directory));
  }

  #holdsOpenFile(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry instanceof MemoryDirectory ? entry.#holdsOpenFile() : entry.isOpen) return true;
    }
    return false;
  }
}

function storeEntry(name: string, entry: MemoryFile | MemoryDirectory): StoreEntry {
  return entry instanceof MemoryFile
    ? { name, kind: "file", file: entry }
    : { name, kind: "directory", directory: entry };
}

function fill(directory: MemoryDirectory, tree: MemoryTree): void {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value !== "string" && !(value instanceof Uint8Array)) {
      fill(directory.createDirectory(name), value);
      continue;
    }
    const file = directory.createFile(name) as MemoryFile;
    const open = file.open(true);
    open.write(0, [typeof value === "string" ? encodeName(value) : value]);
    open.close();
  }
}
