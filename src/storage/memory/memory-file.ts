import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreFile, StoreStat } from "../store.js";
import { MemoryContent } from "./memory-content.js";
import type { MemorySpace } from "./memory-store.js";

/** A file of a memory store. */
export class MemoryFile implements StoreFile {
  /** The bytes, whether the file is open or not. */
  readonly content = new MemoryContent();
  readonly #space: MemorySpace;
  #open: MemoryOpenFile | undefined;
  /** Open contents of it, detached ones among them. */
  #holders = 0;
  #lastModified: number;
  #isUnlinked = false;

  constructor(space: MemorySpace) {
    this.#space = space;
    this.#lastModified = space.now();
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  stat(): StoreStat {
    this.#assertLinked();
    return { size: this.content.size, lastModified: this.#lastModified };
  }

  /** A copy of the content, whether it is open or not. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.content.size);
    this.content.read(0, [bytes]);
    return bytes;
  }

  open(write: boolean): MemoryOpenFile {
    this.#assertLinked();
    if (this.#open !== undefined) throw new FsError(Errno.EBUSY, "open already");
    this.#open = new MemoryOpenFile(this.content, this.#space, write, this);
    this.#holders++;
    return this.#open;
  }

  /** The file lost its name. */
  unlink(): void {
    if (this.isOpen) throw new FsError(Errno.EBUSY, "open");
    this.#isUnlinked = true;
    this.#free();
  }

  /** Who has the file open goes on with the content alone, as when the file is replaced outside. */
  abandon(): void {
    this.#open?.detach();
  }

  changed(): void {
    this.#lastModified = this.#space.now();
  }

  /** The open content goes on alone, or is closed. */
  letGo(): void {
    this.#open = undefined;
  }

  /** An open content was closed. */
  closed(): void {
    this.#holders--;
    this.#free();
  }

  /** Gives back the space of what has neither name nor holder. */
  #free(): void {
    if (this.#isUnlinked && this.#holders === 0) this.#space.used -= this.content.held;
  }

  #assertLinked(): void {
    if (this.#isUnlinked) throw new FsError(Errno.ENOENT);
  }
}

/** The content of an open file of a memory store. */
export class MemoryOpenFile implements OpenStoreFile {
  #detached = false;
  #closed = false;

  constructor(
    private readonly content: MemoryContent,
    private readonly space: MemorySpace,
    readonly writable: boolean,
    private readonly file: MemoryFile,
  ) {}

  size(): number {
    return this.content.size;
  }

  read(offset: number, into: readonly Uint8Array[]): number {
    this.#check(false);
    return this.content.read(offset, into);
  }

  write(offset: number, from: readonly Uint8Array[]): void {
    this.#check(true);
    const length = from.reduce((sum, view) => sum + view.length, 0);
    if (this.space.used + this.content.growth(offset, length) > this.space.total) throw new FsError(Errno.ENOSPC);
    this.#change(() => this.content.write(offset, from));
  }

  append(from: readonly Uint8Array[]): void {
    this.write(this.content.size, from);
  }

  truncate(size: number): void {
    this.#check(true);
    this.#change(() => this.content.truncate(size));
  }

  punch(offset: number, length: number): void {
    this.#check(true);
    this.#change(() => this.content.punch(offset, length));
  }

  nextData(offset: number): number | undefined {
    return this.content.nextData(offset);
  }

  nextHole(offset: number): number {
    return this.content.nextHole(offset);
  }

  allocated(): number {
    return this.content.allocated();
  }

  flush(): void {
    this.#check(false);
  }

  unsaved(): number {
    return 0;
  }

  detach(): void {
    this.#check(false);
    this.#letGo();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    this.file.closed();
  }

  #check(write: boolean): void {
    if (this.#closed || (write && !this.writable)) throw new FsError(Errno.EBADF);
  }

  #change(change: () => void): void {
    const held = this.content.held;
    change();
    this.space.used += this.content.held - held;
    if (!this.#detached) this.file.changed();
  }

  #letGo(): void {
    if (!this.#detached) this.file.letGo();
    this.#detached = true;
  }
}
