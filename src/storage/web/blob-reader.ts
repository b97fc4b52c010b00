import { Errno } from "../../posix/errno.js";
import { BlobStream } from "./blob-stream.js";
import { errorName, fsErrorFrom } from "./dom-errors.js";
import { READ_AHEAD_BYTES, type ReadAhead } from "./read-ahead.js";
import { lengthOf, scatter } from "./views.js";

const FIRST_WINDOW = 256 << 10;
const MOST_WINDOW = 4 << 20;
/** Bytes read ahead of a reader that goes on where it ended. */
const AHEAD = 8 << 20;
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
 * Reads ranges of a `File` or `Blob`, never the whole of a large one. For a reader that goes on where it ended a stream is read ahead;
 * where reads are scattered, windows around them are read and held: a call costs the browser 0.5 ms, however few the bytes.
 */
export class BlobReader {
  #blob: Blob;
  readonly #again: (() => Promise<Blob>) | undefined;
  readonly #readAhead: ReadAhead;
  readonly #underWay = new Set<Reading>();
  #stream: BlobStream | undefined;
  #expected = 0;
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
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#readAhead.forget(this);
    this.#scattered = 0;
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
    if (this.#coming(offset, end) === undefined) {
      if (sequential) this.#beginWindow(offset, offset, Math.max(end, offset + FIRST_WINDOW));
      else this.#beginAround(offset, end);
    }
    return this.#take(offset, end, wanted, sequential);
  }

  /** What is asked for, out of what is under way. */
  async #take(offset: number, end: number, wanted: number, sequential: boolean): Promise<Uint8Array> {
    const blob = this.#blob;
    for (;;) {
      const coming = this.#coming(offset, end);
      if (coming === undefined) break;
      await coming;
    }
    const found = blob === this.#blob ? this.#readAhead.find(this, offset, end) : undefined;
    // More may have been read than was asked for: only an error of that is one.
    const bytes = found ?? (await this.#range(offset, wanted))[0];
    if (sequential && found !== undefined) this.#readOn(end);
    return bytes;
  }

  /** Ends when some of what is missing of [offset, end) has come, or will not. Undefined: none is missing, or on its way. */
  #coming(offset: number, end: number): Promise<void> | undefined {
    const at = this.#readAhead.end(this, offset);
    if (at >= end) return undefined;
    for (const reading of this.#underWay) if (reading.start <= at && reading.end > at) return reading.ended;
    return this.#stream?.position === at ? this.#stream.want(end) : undefined;
  }

  /** Reads on behind `position`, to which the guest has come. */
  #readOn(position: number): void {
    if (this.#scattered === 0) this.#readAhead.pass(this, position);
    const start = this.#readAhead.end(this, position);
    if (start >= this.#blob.size || start - position > AHEAD / 2) return;
    if (this.#stream?.position !== start) {
      if (this.#underWay.size > 0) return;
      this.#stream?.cancel();
      this.#stream = new BlobStream(this.#blob, start, (at, bytes) => this.#readAhead.keep(this, { start: at, bytes }));
    }
    void this.#stream.want(position + AHEAD);
  }

  /** Begins to read a window around [offset, end), where that pays. */
  #beginAround(offset: number, end: number): void {
    const growth = ++this.#scattered - FEW_SCATTERED;
    if (growth <= 0 || this.#readAhead.end(this, offset) > offset) return;
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
    if (!this.#readAhead.comes(end - start)) return;
    const blob = this.#blob;
    const kept = this.#range(start, end).then(
      ([bytes, version]) => {
        if (version === blob && this.#underWay.has(reading)) this.#readAhead.keep(this, { start, bytes });
      },
      () => {}, // whoever takes it asks for it again, and gets the error
    );
    const ended = kept.then(() => {
      this.#readAhead.came(end - start);
      this.#underWay.delete(reading);
    });
    const reading: Reading = { start, end, ended };
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
