import type { RecordLog } from "../store.js";

/** A record log in memory. */
export class MemoryRecordLog implements RecordLog {
  #bytes = new Uint8Array(256);
  #end = 0;

  read(): Uint8Array {
    return this.#bytes.slice(0, this.#end);
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, offset);
    this.#end = Math.max(this.#end, end);
  }

  flush(): void {}

  replace(bytes: Uint8Array): void {
    this.#bytes = bytes.slice();
    this.#end = bytes.length;
  }
}
