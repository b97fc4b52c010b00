import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile } from "../store.js";
import { scatter } from "../web/views.js";

/** A file open for reading only, its content in memory. */
export class OpenBytes implements OpenStoreFile {
  readonly writable = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  size(): number {
    return this.#bytes.length;
  }

  read(offset: number, into: readonly Uint8Array[]): number {
    return scatter(this.#bytes.subarray(offset), into);
  }

  write(): never {
    throw new FsError(Errno.EBADF, "open for reading only");
  }

  truncate(): never {
    throw new FsError(Errno.EBADF, "open for reading only");
  }

  flush(): void {}
  unsaved(): number {
    return 0;
  }
  detach(): void {}
  close(): void {}
}
