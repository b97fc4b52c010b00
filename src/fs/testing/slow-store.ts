import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { MemoryFile, MemoryOpenFile } from "../../storage/memory/memory-file.js";
import type { MemoryStore } from "../../storage/memory/memory-store.js";
import type {
  OpenStoreFile,
  Store,
  StoreDirectory,
  StoreEntry,
  StoreFile,
  StoreSpace,
  StoreStat,
} from "../../storage/store.js";
import type { Random } from "./random.js";

/** How paths of the parking directory begin. */
const PARKING = "(parking)";

/** A call of the store that is about to be made. */
export interface StoreCall {
  readonly operation: string;
  readonly path: string;
}

export interface SlowStoreOptions {
  /** How long calls take, in turns of the microtask queue: at random up to 8. */
  readonly random: Random;
  /** False: reads and writes of open files answer at once, as OPFS's do. */
  readonly slowContent?: boolean;
  /** False: no holes are known, as OPFS knows none. */
  readonly holes?: boolean;
  /** May throw in the store's place, or hold the call up. */
  readonly before?: (call: StoreCall) => Awaitable<void>;
}

/**
 * A memory store behind which every call takes a random while, as strict as a browser's storage: objects know their path, so
 * that those below a renamed directory lead nowhere, or elsewhere.
 */
export class SlowStore implements Store {
  readonly root: StoreDirectory;
  readonly parking: StoreDirectory;
  readonly readOnly: boolean;
  readonly exclusive: boolean;

  constructor(
    readonly memory: MemoryStore,
    private readonly options: SlowStoreOptions,
  ) {
    this.readOnly = memory.readOnly;
    this.exclusive = memory.exclusive;
    this.root = new SlowDirectory(this, []);
    this.parking = new SlowDirectory(this, [PARKING]);
  }

  checkName(name: string): void {
    this.memory.checkName(name);
  }

  async space(): Promise<StoreSpace> {
    return this.memory.space();
  }

  async sync(): Promise<void> {
    await this.take("sync", []);
  }

  async close(): Promise<void> {
    await this.take("close", []);
  }

  get slowContent(): boolean {
    return this.options.slowContent ?? true;
  }

  get keepsHoles(): boolean {
    return this.options.holes ?? true;
  }

  /** Waits a while before the call, and after it. */
  async call<T>(operation: string, path: readonly string[], run: () => T): Promise<T> {
    await this.take(operation, path);
    const result = run();
    await this.#wait();
    return result;
  }

  async take(operation: string, path: readonly string[]): Promise<void> {
    await this.#wait();
    await this.options.before?.({ operation, path: path.join("/") });
  }

  async #wait(): Promise<void> {
    for (let turns = this.options.random.below(8); turns > 0; turns--) await Promise.resolve();
  }
}

class SlowDirectory implements StoreDirectory {
  constructor(
    private readonly store: SlowStore,
    private readonly path: readonly string[],
  ) {}

  list(): Promise<StoreEntry[]> {
    return this.#call("list", "", () =>
      [...(find(this.store, this.path).list() as StoreEntry[])].map((entry) => this.#entry(entry)),
    );
  }

  get(name: string): Promise<StoreEntry | undefined> {
    return this.#call("get", name, () => {
      const entry = find(this.store, this.path).get(name) as StoreEntry | undefined;
      return entry && this.#entry(entry);
    });
  }

  createFile(name: string): Promise<StoreFile> {
    return this.#call("createFile", name, () => {
      void find(this.store, this.path).createFile(name);
      return new SlowFile(this.store, [...this.path, name]);
    });
  }

  createDirectory(name: string): Promise<StoreDirectory> {
    return this.#call("createDirectory", name, () => {
      void find(this.store, this.path).createDirectory(name);
      return new SlowDirectory(this.store, [...this.path, name]);
    });
  }

  remove(name: string): Promise<void> {
    return this.#call("remove", name, () => void find(this.store, this.path).remove(name));
  }

  rename(from: string, target: StoreDirectory, to: string): Promise<void> {
    if (!(target instanceof SlowDirectory)) throw new FsError(Errno.EXDEV);
    return this.#call("rename", from, () => {
      void find(this.store, this.path).rename(from, find(this.store, target.path), to);
    });
  }

  #call<T>(operation: string, name: string, run: () => T): Promise<T> {
    return this.store.call(operation, name === "" ? this.path : [...this.path, name], run);
  }

  #entry({ name, kind }: StoreEntry): StoreEntry {
    const path = [...this.path, name];
    return kind === "file"
      ? { name, kind, file: new SlowFile(this.store, path) }
      : { name, kind, directory: new SlowDirectory(this.store, path) };
  }
}

class SlowFile implements StoreFile {
  constructor(
    private readonly store: SlowStore,
    private readonly path: readonly string[],
  ) {}

  stat(): Promise<StoreStat> {
    return this.store.call("stat", this.path, () => this.#find().stat() as StoreStat);
  }

  open(write: boolean): Promise<OpenStoreFile> {
    return this.store.call("open", this.path, () => {
      const open = (this.#find() as MemoryFile).open(write);
      return new SlowOpenFile(this.store, this.path, open);
    });
  }

  readWhole(limit: number, found: (stat: StoreStat) => void): Promise<Uint8Array | undefined> {
    return this.store.call("readWhole", this.path, () => {
      const { content } = this.#find() as MemoryFile;
      found(this.#find().stat() as StoreStat);
      if (content.size > limit) return undefined;
      const bytes = new Uint8Array(content.size);
      content.read(0, [bytes]);
      return bytes;
    });
  }

  #find(): StoreFile {
    const entry = find(this.store, this.path.slice(0, -1)).get(this.path.at(-1)!) as StoreEntry | undefined;
    if (entry === undefined) throw new FsError(Errno.ENOENT, this.path.join("/"));
    if (entry.kind !== "file") throw new FsError(Errno.EISDIR, this.path.join("/"));
    return entry.file;
  }
}

class SlowOpenFile implements OpenStoreFile {
  readonly writable: boolean;
  readonly punch?: NonNullable<OpenStoreFile["punch"]>;
  readonly nextData?: NonNullable<OpenStoreFile["nextData"]>;
  readonly nextHole?: NonNullable<OpenStoreFile["nextHole"]>;
  readonly allocated?: NonNullable<OpenStoreFile["allocated"]>;

  constructor(
    private readonly store: SlowStore,
    private readonly path: readonly string[],
    private readonly open: MemoryOpenFile,
  ) {
    this.writable = open.writable;
    if (!store.keepsHoles) return;
    this.punch = (offset, length) => this.#content("punch", () => this.open.punch(offset, length));
    this.nextData = (offset) => this.open.nextData(offset);
    this.nextHole = (offset) => this.open.nextHole(offset);
    this.allocated = () => this.open.allocated();
  }

  size(): number {
    return this.open.size();
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    if (!this.store.slowContent) return this.open.read(offset, into);
    const bytes = new Uint8Array(into.reduce((sum, view) => sum + view.length, 0));
    return this.#call("read", () => bytes.subarray(0, this.open.read(offset, [bytes])));
  }

  write(offset: number, from: readonly Uint8Array[]): void | Promise<void> {
    if (!this.store.slowContent) return this.open.write(offset, from);
    const bytes = from.map((view) => view.slice());
    return this.#call("write", () => this.open.write(offset, bytes));
  }

  append(from: readonly Uint8Array[]): Awaitable<void> {
    if (!this.store.slowContent) return this.open.append(from);
    const bytes = from.map((view) => view.slice());
    return this.#call("write", () => this.open.append(bytes));
  }

  truncate(size: number): void | Promise<void> {
    return this.#content("truncate", () => this.open.truncate(size));
  }

  flush(): Promise<void> {
    return this.#call("flush", () => this.open.flush());
  }

  unsaved(): number {
    return 0;
  }

  detach(): Promise<void> {
    return this.#call("detach", () => this.open.detach());
  }

  async close(): Promise<void> {
    try {
      await this.store.take("closeFile", this.path);
    } finally {
      this.open.close();
    }
  }

  #content(operation: string, run: () => void): void | Promise<void> {
    return this.store.slowContent ? this.#call(operation, run) : run();
  }

  #call<T>(operation: string, run: () => T): Promise<T> {
    return this.store.call(operation, this.path, run);
  }
}

function find(store: SlowStore, path: readonly string[]): StoreDirectory {
  let directory: StoreDirectory = store.memory.root;
  for (const name of path) {
    if (name === PARKING) {
      directory = store.memory.parking;
      continue;
    }
    const entry = directory.get(name) as StoreEntry | undefined;
    if (entry?.kind !== "directory") throw new FsError(Errno.ENOENT, path.join("/"));
    directory = entry.directory;
  }
  return directory;
}
