import { Errno } from "../../posix/errno.js";
import { errorName, fsErrorFrom } from "./dom-errors.js";
import type { ReadAhead } from "./read-ahead.js";
import { lengthOf, scatter } from "./views.js";

const FIRST_WINDOW = 256 << 10;
const MOST_WINDOW = 1 << 20;
const ATTEMPTS = 3;

/** Errors of a read from a `File` whose content on the disk has changed since (Chromium 156, Firefox 153). */
const STALE = new Set(["NotReadableError", "NotFoundError", "AbortError"]);

/** A window that the browser was asked for: its bytes, and the version of the content that they are of. */
interface Reading {
  readonly start: number;
  readonly end: number;
  readonly range: Promise<[Uint8Array, Blob]>;
}

/**
 * Reads ranges of a `File` or `Blob`, never the whole. A reader that goes on where it ended is read ahead for, with the next
 * window under way while the guest uses this one: 1 MiB costs the browser 2.7 ms, 128 KiB 0.8 ms.
 */
export class BlobReader {
  #blob: Blob;
  readonly #again: (() => Promise<Blob>) | undefined;
  readonly #readAhead: ReadAhead;
  #underWay: Reading | undefined;
  #expected = 0;
  #windowBytes = FIRST_WINDOW;

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
    this.#underWay = undefined;
    this.#readAhead.forget(this);
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
    const underWay = this.#underWay;
    if (underWay !== undefined && offset >= underWay.start && end <= underWay.end) {
      return this.#take(underWay, offset, wanted);
    }
    if (!sequential) return this.#range(offset, wanted).then(([bytes]) => bytes);
    return this.#take(this.#begin(offset, wanted - offset), offset, wanted);
  }

  /** Begins to read a window at `start`, of `least` bytes or more. */
  #begin(start: number, least: number): Reading {
    const end = start + Math.max(least, this.#windowBytes);
    this.#windowBytes = MOST_WINDOW;
    const range = this.#range(start, end);
    range.catch(() => {}); // whoever takes it gets the error
    this.#underWay = { start, end, range };
    return this.#underWay;
  }

  async #take(reading: Reading, offset: number, end: number): Promise<Uint8Array> {
    const taken = await reading.range.catch(() => undefined);
    if (taken === undefined) {
      if (reading === this.#underWay) this.#underWay = undefined;
      // The window may have more than was asked for: only an error of that is one.
      return (await this.#range(offset, end))[0];
    }
    const [bytes, blob] = taken;
    if (blob !== this.#blob) return (await this.#range(offset, end))[0];
    if (reading === this.#underWay) {
      this.#underWay = undefined;
      this.#readAhead.keep(this, { start: reading.start, bytes });
      this.#readOn(end);
    }
    return bytes.slice(offset - reading.start, end - reading.start);
  }

  /** Begins to read the window behind the present one, once the guest is through half of that. */
  #readOn(position: number): void {
    const start = this.#readAhead.end(this);
    if (this.#underWay !== undefined || start - position > MOST_WINDOW / 2 || start >= this.#blob.size) return;
    this.#begin(start, 0);
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
