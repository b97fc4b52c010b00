/** Of all files together. */
export const READ_AHEAD_BYTES = 64 << 20;

/** Bytes of a file that were read beyond what was asked for. */
export interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Holds windows of the files read last, up to 64 MiB for all, and forgets those that were used longest ago. Windows of one file do not overlap. */
export class ReadAhead {
  /** Ascending. */
  readonly #windows = new Map<object, Window[]>();
  /** Whose they are, the one used longest ago first. */
  readonly #used = new Map<Window, object>();
  #bytes = 0;
  #coming = 0;

  /** Bytes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Copies the bytes [start, end) of the file of `reader`, if all of them are here. */
  find(reader: object, start: number, end: number): Uint8Array | undefined {
    const found = this.#between(reader, start, end);
    if (this.end(reader, start) < end) return undefined;
    for (const window of found) {
      this.#used.delete(window);
      this.#used.set(window, reader);
    }
    const [first] = found;
    if (found.length === 1) return first!.bytes.subarray(start - first!.start, end - first!.start);
    const bytes = new Uint8Array(end - start);
    for (const window of found) {
      const from = Math.max(start, window.start);
      bytes.set(window.bytes.subarray(from - window.start, end - window.start), from - start);
    }
    return bytes;
  }

  /** Up to where the bytes from `start` on are here. */
  end(reader: object, start: number): number {
    let at = start;
    for (const window of this.#windows.get(reader) ?? []) if (window.start <= at) at = Math.max(at, endOf(window));
    return at;
  }

  /** The part of [from, to) around `at`, of which nothing is here, that touches no window. */
  gap(reader: object, at: number, from: number, to: number): readonly [from: number, to: number] {
    for (const window of this.#windows.get(reader) ?? []) {
      if (window.start > at) return [from, Math.min(to, window.start)];
      from = Math.max(from, endOf(window));
    }
    return [from, to];
  }

  /** A window of so many bytes is about to be read. False: too much is under way. {@link came} ends it. */
  comes(bytes: number): boolean {
    if (this.#coming + bytes > READ_AHEAD_BYTES) return false;
    this.#coming += bytes;
    return true;
  }

  came(bytes: number): void {
    this.#coming -= bytes;
  }

  /** Holds a window in the place of those that it overlaps. */
  keep(reader: object, window: Window): void {
    for (const old of this.#between(reader, window.start, endOf(window))) this.#drop(reader, old);
    const windows = this.#windows.get(reader) ?? [];
    windows.push(window);
    windows.sort((a, b) => a.start - b.start);
    this.#windows.set(reader, windows);
    this.#used.set(window, reader);
    this.#bytes += window.bytes.length;
    for (const [oldest, owner] of this.#used) {
      if (this.#bytes <= READ_AHEAD_BYTES || oldest === window) break;
      this.#drop(owner, oldest);
    }
  }

  /** The reader has gone on to `position`, and needs nothing from before. */
  pass(reader: object, position: number): void {
    for (const window of this.#windows.get(reader) ?? []) if (endOf(window) <= position) this.#drop(reader, window);
  }

  forget(reader: object): void {
    for (const window of this.#windows.get(reader) ?? []) this.#drop(reader, window);
  }

  #between(reader: object, start: number, end: number): Window[] {
    return (this.#windows.get(reader) ?? []).filter((window) => window.start < end && endOf(window) > start);
  }

  #drop(reader: object, window: Window): void {
    const left = (this.#windows.get(reader) ?? []).filter((other) => other !== window);
    if (left.length > 0) this.#windows.set(reader, left);
    else this.#windows.delete(reader);
    this.#used.delete(window);
    this.#bytes -= window.bytes.length;
  }
}

function endOf({ start, bytes }: Window): number {
  return start + bytes.length;
}
