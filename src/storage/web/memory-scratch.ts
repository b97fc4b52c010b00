import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { AdoptedFile, Leftover, Scratch, ScratchFile } from "./scratch.js";
import { gather, lengthOf } from "./views.js";

/** Bytes that all files of one scratch directory may have. */
const CAPACITY = 512 * 2 ** 20;

/** The scratch directory of a browser without OPFS (a private window), and of a window: in memory, gone with the tab. */
export class MemoryScratch implements Scratch {
  readonly persistent = false;
  readonly #room: { bytes: number };

  constructor(capacity = CAPACITY) {
    this.#room = { bytes: capacity };
  }

  take(): ScratchFile {
    return new MemoryScratchFile(this.#room);
  }

  adopt(): Promise<AdoptedFile> {
    return Promise.reject(new FsError(Errno.EOPNOTSUPP, "no OPFS"));
  }

  leftovers(): Promise<readonly Leftover[]> {
    return Promise.resolve([]);
  }

  close(): void {}
}

class MemoryScratchFile implements ScratchFile {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  size = 0;

  constructor(private readonly room: { bytes: number }) {}

  read(offset: number, into: readonly Uint8Array[]): number {
    let at = offset;
    for (const view of into) {
      const part = this.#bytes.subarray(Math.min(at, this.size), Math.min(at + view.length, this.size));
      view.set(part);
      at += part.length;
    }
    return Math.max(0, at - offset);
  }

  write(offset: number, from: readonly Uint8Array[]): void {
    const end = offset + lengthOf(from);
    this.#reserve(end);
    gather(from, this.#bytes.subarray(offset, end));
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    this.#reserve(size);
    this.#bytes.fill(0, Math.min(size, this.size), this.size);
    this.size = size;
  }

  blob(): Promise<Blob> {
    return Promise.resolve(new Blob([this.#bytes.subarray(0, this.size)]));
  }

  label(): void {}
  unlabel(): void {}
  release(): void {
    this.truncate(0);
    this.room.bytes += this.#bytes.length;
    this.#bytes = new Uint8Array(0);
  }
  keep(): void {}

  #reserve(size: number): void {
    const there = this.#bytes.length;
    if (size <= there) return;
    // Twice as much, so that appends do not copy it again and again, as long as there is room.
    const wanted = Math.max(size, Math.min(Math.max(there * 2, 4096), there + this.room.bytes));
    if (wanted - there > this.room.bytes) throw new FsError(Errno.ENOSPC, "too much unsaved content for memory");
    let grown: Uint8Array<ArrayBuffer>;
    try {
      grown = new Uint8Array(wanted);
    } catch (error) {
      throw new FsError(Errno.ENOSPC, "no memory for unsaved content", { cause: error });
    }
    grown.set(this.#bytes.subarray(0, this.size));
    this.room.bytes -= wanted - there;
    this.#bytes = grown;
  }
}
