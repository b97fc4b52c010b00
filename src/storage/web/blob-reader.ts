import { Errno } from "../../posix/errno.js";
import { errorName, fsErrorFrom } from "./dom-errors.js";
import { READ_AHEAD_BYTES, type ReadAhead } from "./read-ahead.js";
import { lengthOf, scatter } from "./views.js";

const FIRST_WINDOW = 256 << 10;
const MOST_WINDOW = 4 << 20;
/** Windows of one file that are read at once. */
const AT_ONCE = 2;
/** Scattered reads of a file after which windows are read around them; in a file too large to be held, of that many bytes. */
const FEW_SCATTERED = 3;
const WINDOW_OF_LARGE = 128 << 10;
const ATTEMPTS = 3;

/** Errors of a read from a `File` whose content on the disk has changed since (Chromium 156, Firefox 153). */
const STALE = new Set(["NotReadableError", "NotFoundError", "AbortError"]);

/** A window that the browser was asked for. */
interface Reading {
  readonly start: number;
  readonly end: number;
  /** Ends when it is held, or will not be. */
  readonly ended: Promise<void>;
}

/**
 * Reads ranges of a `File` or `Blob`, never the whole of a large one. A reader that goes on where it ended is read ahead for, two
 * growing windows at once; where reads are scattered, windows around them are read and held. A call costs the browser 0.5 ms and more
 * (Chromium 156): 64 MiB take 190 ms in windows of 1 MiB one after the other, 100 ms in pairs of 4 MiB.
 */
export class BlobReader {
  #blob: Blob;
  readonly #again: (() => Promise<Blob>) | undefined;
  readonly #readAhead: ReadAhead;
  readonly #underWay = new Set<Reading>();
  #expected = 0;
  #windowBytes = FIRST_WINDOW;
  #scattered = 0;

  /** `again` gets the blob anew when its content has changed. Without it, that is an error. */
  constructor(blob: Blob, readAhead: ReadAhead, again?: () => Promise<Blob>) {
    this.#blob = blob;
    this.#readAhead = readAhead;
    this.#again = again;
  }

  get blob(): Blob {
    return this.#blob;
  }

  /** Goes on with another version of the content. */
  replace(blob: Blob): void {
    this.#blob = blob;
    this.forget();
  }

  /** Drops what was read ahead. */
  forget(): void {
    this.#underWay.clear();
    this.#readAhead.forget(this);
    this.#scattered = 0;
    this.#windowBytes = FIRST_WINDOW;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    const wanted = offset + lengthOf(into);
    const end = Math.min(wanted, this.#blob.size);
    if (offset >= end) return 0;
    const sequential = offset === this.#expected;
    this.#expected = end;
    const ready = this.#readAhead.find(this, offset, end);
    if (ready !== undefined) {
      const length = scatter(ready, into);
      if (sequential) this.#readOn(end);
      return length;
    }
    if (!this.#isUnderWay(offset, end)) {
      if (sequential) this.#begin(this.#ahead(offset), end);
      else this.#beginAround(offset, end);
    }
    return this.#take(offset, end, wanted, sequential);
  }

  /** What is asked for, out of the windows that are under way. */
  async #take(offset: number, end: number, wanted: number, sequential: boolean): Promise<Uint8Array> {
    const blob = this.#blob;
    const readings = [...this.#underWay].filter((reading) => reading.start < end && reading.end > offset);
    await Promise.all(readings.map(({ ended }) => ended));
    const found = blob === this.#blob ? this.#readAhead.find(this, offset, end) : undefined;
    // A window may have more than was asked for: only an error of that is one.
    const bytes = found ?? (await this.#range(offset, wanted))[0];
    if (sequential && found !== undefined) this.#readOn(end);
    return bytes;
  }

  #isUnderWay(offset: number, end: number): boolean {
    return this.#ahead(offset) >= end;
  }

  /** Up to where the bytes from `position` on are held, or under way. */
  #ahead(position: number): number {
    for (let at = position; ;) {
      let next = this.#readAhead.end(this, at);
      for (const { start, end } of this.#underWay) if (start <= next) next = Math.max(next, end);
      if (next === at) return at;
      at = next;
    }
  }

  /** Begins to read the windows behind `position`, to which the guest has come. */
  #readOn(position: number): void {
    if (this.#scattered === 0) this.#readAhead.pass(this, position);
    for (;;) {
      const start = this.#ahead(position);
      if (this.#underWay.size >= AT_ONCE || start >= this.#blob.size || start - position > this.#windowBytes) return;
      this.#begin(start, start);
    }
  }

  /** Begins to read a window at `start`, at least up to `end`. */
  #begin(start: number, end: number): void {
    this.#beginWindow(start, start, Math.max(end, start + this.#windowBytes));
    this.#windowBytes = Math.min(2 * this.#windowBytes, MOST_WINDOW);
  }

  /** Begins to read a window around [offset, end), where that pays. */
  #beginAround(offset: number, end: number): void {
    const growth = ++this.#scattered - FEW_SCATTERED;
    if (growth <= 0 || this.#ahead(offset) > offset) return;
    const isLarge = this.#blob.size > READ_AHEAD_BYTES;
    const bytes = isLarge ? WINDOW_OF_LARGE : Math.min(FIRST_WINDOW * 2 ** Math.floor(growth / 2), MOST_WINDOW);
    this.#beginWindow(offset, offset - (offset % bytes), Math.ceil(end / bytes) * bytes);
  }

  /** Begins to read what is missing of [from, to) around `at`. */
  #beginWindow(at: number, from: number, to: number): void {
    let [start, end] = this.#readAhead.gap(this, at, from, Math.min(to, this.#blob.size));
    for (const other of this.#underWay) {
      if (other.start > at) end = Math.min(end, other.start);
      else start = Math.max(start, other.end);
    }
    const blob = this.#blob;
    const kept = this.#range(start, end).then(
      ([bytes, version]) => {
        if (version !== blob || !this.#underWay.delete(reading)) return;
        this.#readAhead.keep(this, { start, bytes });
      },
      // Whoever takes it asks for it again, and gets the error.
      () => void this.#underWay.delete(reading),
    );
    const reading: Reading = { start, end, ended: kept };
    this.#underWay.add(reading);
  }

  /** The bytes [start, end), as far as the content goes, and the version that they are of. */
  async #range(start: number, end: number): Promise<[Uint8Array, Blob]> {
    for (let attempt = 1; ; attempt++) {
      const blob = this.#blob;
      try {
        return [await bytesOf(blob.slice(start, end)), blob];
      } catch (error) {
        if (this.#again === undefined || attempt === ATTEMPTS || !STALE.has(errorName(error))) {
          throw fsErrorFrom(error, "read", { NotFoundError: Errno.ESTALE });
        }
        const fresh = await this.#again();
        if (blob === this.#blob) this.replace(fresh);
      }
    }
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  // Firefox gives what is left of a file that has become shorter; of several in one blob the next one's bytes would move up.
  if (bytes.length !== blob.size) throw new DOMException("The file has become shorter.", "NotReadableError");
  return bytes;
}
