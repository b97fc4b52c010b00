import type { RecordLog } from "../store.js";

/** A record log in memory. */
export class MemoryRecordLog implements RecordLog {
  #parts: Uint8Array[] = [];

  read(): Uint8Array {
    const bytes = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  append(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }

  flush(): void {}

  replace(bytes: Uint8Array): void {
    this.#parts = [bytes.slice()];
  }
}
