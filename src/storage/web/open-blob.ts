import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile } from "../store.js";
import { BlobReader } from "./blob-reader.js";
import { ReadAhead } from "./read-ahead.js";

/** Opens the files of one store that is read only. */
export class OpenBlobs {
  readonly #readAhead = new ReadAhead();

  open(blob: Blob, again: () => Promise<Blob>): OpenBlob {
    return new OpenBlob(blob, this.#readAhead, again);
  }
}

/** A file open for reading only, its content a `File` or `Blob`. */
export class OpenBlob implements OpenStoreFile {
  readonly writable = false;
  readonly #reader: BlobReader;

  constructor(blob: Blob, readAhead: ReadAhead, again?: () => Promise<Blob>) {
    this.#reader = new BlobReader(blob, readAhead, again);
  }

  size(): number {
    return this.#reader.blob.size;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return this.#reader.read(offset, into);
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

  /** The store is read-only: nothing can be removed under this file. */
  detach(): void {}

  close(): void {
    this.#reader.forget();
  }
}
