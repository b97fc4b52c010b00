import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile } from "../store.js";
import { AccessHandle } from "../web/access-handle.js";
import { fsErrorFrom } from "../web/dom-errors.js";
import type { AdoptedFile } from "../web/scratch.js";
import { Turns } from "../web/turns.js";
import { gather, lengthOf } from "../web/views.js";

/**
 * A file of OPFS, open with a sync access handle: reads and writes are answered at once. While the store moves the file it has
 * no access handle; what comes meanwhile waits, in order.
 */
export class OpenOpfsFile implements OpenStoreFile {
  readonly writable = true;
  #handle: FileSystemFileHandle;
  #access: AccessHandle | undefined;
  readonly #turns = new Turns();
  #sizeAway = 0;
  #adopted: AdoptedFile | undefined;
  readonly #closed: (file: OpenOpfsFile, unflushed: boolean) => void;

  /** `closed` is told whether the file was written since the last flush. */
  constructor(
    handle: FileSystemFileHandle,
    access: AccessHandle,
    closed: (file: OpenOpfsFile, unflushed: boolean) => void,
  ) {
    this.#handle = handle;
    this.#access = access;
    this.#closed = closed;
  }

  /** Where the file is. */
  get handle(): FileSystemFileHandle {
    return this.#handle;
  }

  size(): number {
    return this.#access?.size ?? this.#sizeAway;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    if (this.#access !== undefined && this.#turns.free) return this.#access.read(offset, into);
    const length = lengthOf(into);
    return this.#later((access) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, access.read(offset, [bytes]));
    });
  }

  write(offset: number, from: readonly Uint8Array[]): Awaitable<void> {
    if (this.#access !== undefined && this.#turns.free) return this.#access.write(offset, from);
    const bytes = gather(from);
    return this.#later((access) => access.write(offset, [bytes]));
  }

  truncate(size: number): Awaitable<void> {
    if (this.#access !== undefined && this.#turns.free) return this.#access.truncate(size);
    return this.#later((access) => access.truncate(size));
  }

  flush(): Awaitable<void> {
    if (this.#access !== undefined && this.#turns.free) return this.#access.flush();
    return this.#later((access) => access.flush());
  }

  /** What was written is in the browser's hands, and survives the tab and the browser. */
  unsaved(): number {
    return 0;
  }

  /** Nothing yet: the store moves the content aside when its name goes, so that a crash between the two loses nothing. */
  detach(): void {}

  /** Does not flush: POSIX's close does not, and the store's `sync` knows the file. */
  close(): Awaitable<void> {
    if (this.#access !== undefined && this.#turns.free) return this.#close(this.#access);
    return this.#later((access) => this.#close(access));
  }

  /** Gives up the access handle while `work` moves the file; it says where the file is then. */
  whileAway(work: () => Promise<FileSystemFileHandle>): Promise<void> {
    return this.#turns.run(async () => {
      const access = this.#access;
      if (access === undefined) {
        this.#handle = await work(); // closed meanwhile
        return;
      }
      this.#sizeAway = access.size;
      access.close();
      this.#access = undefined;
      try {
        this.#handle = await work();
      } finally {
        this.#access = await AccessHandle.open(this.#handle);
        if (access.unflushed) this.#access.markUnflushed();
      }
    });
  }

  /** The content was moved aside, and goes with this file; or it was put back. */
  standAlone(adopted: AdoptedFile | undefined): void {
    this.#adopted = adopted;
  }

  #close(access: AccessHandle): Awaitable<void> {
    const { unflushed } = access;
    access.close();
    this.#access = undefined;
    this.#closed(this, unflushed);
    return this.#adopted?.remove();
  }

  #later<T>(work: (access: AccessHandle) => Awaitable<T>): Promise<T> {
    return this.#turns.run(async () => {
      if (this.#access === undefined) throw new FsError(Errno.EBADF, "the file is closed");
      return work(this.#access);
    });
  }
}

/** Brings a file to the medium that was written and closed. One that is gone has nothing to bring. */
export async function flushClosedFile(file: FileSystemFileHandle): Promise<void> {
  try {
    const access = await AccessHandle.open(file);
    access.markUnflushed();
    access.flush();
    access.close();
  } catch (error) {
    const failure = fsErrorFrom(error, "sync");
    if (failure.errno !== Errno.ENOENT) throw failure;
  }
}
