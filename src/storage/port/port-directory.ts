import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreDirectory, StoreEntry, StoreFile, StoreStat } from "../store.js";
import { gather, lengthOf } from "../web/views.js";
import type { FileReply, FileState, OpenedFile, Path, PortEntry } from "./messages.js";
import { MOST_BYTES } from "./messages.js";
import type { PortCalls } from "./port-calls.js";

/** A directory of a `PortStore`: the names of its path, which are looked up at the other side for each operation. */
export class PortDirectory implements StoreDirectory {
  constructor(
    private readonly calls: PortCalls,
    private readonly path: Path,
  ) {}

  async list(): Promise<readonly StoreEntry[]> {
    return (await this.calls.call("list", this.path)).map((entry) => this.#entry(entry));
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    const entry = await this.calls.call("get", this.path, name);
    return entry && this.#entry(entry);
  }

  async createFile(name: string): Promise<StoreFile> {
    await this.calls.call("createFile", this.path, name);
    return new PortFile(this.calls, [...this.path, name]);
  }

  async createDirectory(name: string): Promise<StoreDirectory> {
    await this.calls.call("createDirectory", this.path, name);
    return new PortDirectory(this.calls, [...this.path, name]);
  }

  remove(name: string): Promise<void> {
    return this.calls.call("remove", this.path, name);
  }

  rename(from: string, target: StoreDirectory, to: string): Promise<void> {
    if (!(target instanceof PortDirectory)) throw new FsError(Errno.EXDEV);
    return this.calls.call("rename", this.path, from, target.path, to);
  }

  #entry({ name, kind }: PortEntry): StoreEntry {
    const path = [...this.path, name];
    if (kind === "file") return { name, kind, file: new PortFile(this.calls, path) };
    return { name, kind, directory: new PortDirectory(this.calls, path) };
  }
}

class PortFile implements StoreFile {
  constructor(
    private readonly calls: PortCalls,
    private readonly path: Path,
  ) {}

  stat(): Promise<StoreStat> {
    return this.calls.call("stat", this.path);
  }

  async open(write: boolean): Promise<OpenStoreFile> {
    return new OpenPortFile(this.calls, await this.calls.call("open", this.path, write));
  }
}

/** Knows the size and what is unsaved as of the last answer, and of what it has sent since. */
class OpenPortFile implements OpenStoreFile {
  readonly writable: boolean;
  readonly #file: number;
  #size: number;

  constructor(
    private readonly calls: PortCalls,
    { file, ...state }: OpenedFile,
  ) {
    this.#file = file;
    this.writable = state.writable;
    this.#size = state.size;
    calls.unsaved.set(file, state.unsaved);
  }

  size(): number {
    return this.#size;
  }

  unsaved(): number {
    return this.calls.unsaved.get(this.#file) ?? 0;
  }

  async read(offset: number, into: readonly Uint8Array[]): Promise<Uint8Array> {
    const length = Math.max(0, Math.min(lengthOf(into), this.#size - offset));
    if (length <= MOST_BYTES) return this.#take(await this.calls.call("read", this.#file, offset, length));
    const whole = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const part = this.#take(
        await this.calls.call("read", this.#file, offset + at, Math.min(MOST_BYTES, length - at)),
      );
      if (part.length === 0) return whole.subarray(0, at);
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  async write(offset: number, from: readonly Uint8Array[]): Promise<void> {
    const bytes = new Uint8Array(lengthOf(from)); // The views are valid only now.
    gather(from, bytes);
    this.#size = Math.max(this.#size, offset + bytes.length);
    for (let at = 0; at < bytes.length || at === 0; at += MOST_BYTES) {
      const part = bytes.slice(at, at + MOST_BYTES);
      this.#take(await this.calls.call("write", this.#file, offset + at, part));
    }
  }

  async append(from: readonly Uint8Array[]): Promise<void> {
    const bytes = new Uint8Array(lengthOf(from));
    gather(from, bytes);
    for (let at = 0; at < bytes.length; at += MOST_BYTES) {
      this.#take(await this.calls.call("append", this.#file, bytes.slice(at, at + MOST_BYTES)));
    }
  }

  async truncate(size: number): Promise<void> {
    this.#size = size;
    this.#take(await this.calls.call("truncate", this.#file, size));
  }

  async flush(): Promise<void> {
    this.#take(await this.calls.call("flush", this.#file));
  }

  async detach(): Promise<void> {
    this.#take(await this.calls.call("detach", this.#file));
  }

  async close(): Promise<void> {
    this.calls.unsaved.delete(this.#file);
    await this.calls.call("closeFile", this.#file);
  }

  #take<T>({ value, ...state }: FileReply<T>): T {
    this.#update(state);
    return value;
  }

  #update({ size, unsaved }: FileState): void {
    this.#size = size;
    this.calls.unsaved.set(this.#file, unsaved);
  }
}
