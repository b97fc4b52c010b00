import { OpenForReading } from "../read-only.js";
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
export class OpenBlob extends OpenForReading implements OpenStoreFile {
  readonly #reader: BlobReader;

  constructor(blob: Blob, readAhead: ReadAhead, again?: () => Promise<Blob>) {
    super();
    this.#reader = new BlobReader(blob, readAhead, again);
  }

  size(): number {
    return this.#reader.blob.size;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return this.#reader.read(offset, into);
  }

  override close(): void {
    this.#reader.forget();
  }
}
