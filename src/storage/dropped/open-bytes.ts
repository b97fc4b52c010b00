import { OpenForReading } from "../read-only.js";
import type { OpenStoreFile } from "../store.js";
import { scatter } from "../web/views.js";

/** A file open for reading only, its content in memory. */
export class OpenBytes extends OpenForReading implements OpenStoreFile {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  size(): number {
    return this.#bytes.length;
  }

  read(offset: number, into: readonly Uint8Array[]): number {
    return scatter(this.#bytes.subarray(offset), into);
  }
}
