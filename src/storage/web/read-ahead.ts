const TOTAL_BYTES = 32 << 20;

/** Bytes read before they were asked for: one run of a file. */
export interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Holds the windows of the files read last, and forgets the others' when all together grow beyond 32 MiB. */
export class ReadAhead {
  readonly #windows = new Map<object, Window>();
  #bytes = 0;

  /** The window of `reader`, if it has the bytes [start, end). */
  find(reader: object, start: number, end: number): Uint8Array | undefined {
    const window = this.#windows.get(reader);
    if (window === undefined || start < window.start || end > window.start + window.bytes.length) return undefined;
    return window.bytes.subarray(start - window.start, end - window.start);
  }

  /** Where the window of `reader` ends; 0 when it has none. */
  end(reader: object): number {
    const window = this.#windows.get(reader);
    return window === undefined ? 0 : window.start + window.bytes.length;
  }

  keep(reader: object, window: Window): void {
    this.forget(reader);
    this.#windows.set(reader, window);
    this.#bytes += window.bytes.length;
    for (const oldest of this.#windows.keys()) {
      if (this.#bytes <= TOTAL_BYTES || oldest === reader) break;
      this.forget(oldest);
    }
  }

  forget(reader: object): void {
    this.#bytes -= this.#windows.get(reader)?.bytes.length ?? 0;
    this.#windows.delete(reader);
  }
}
