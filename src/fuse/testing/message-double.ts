import type { FuseMessage } from "../message.js";

const POISON = 0xdd;

/** A FuseMessage over plain arrays, cut into segments as the guest's driver cuts its descriptors. */
export class MessageDouble implements FuseMessage {
  readonly readableLength: number;
  readonly writableLength: number;
  /** Ends with the number of bytes that the server says it wrote. */
  readonly completion: Promise<number>;
  /** The same, once there. */
  written: number | undefined;
  #readable: Uint8Array[];
  #writable: Uint8Array[];
  #resolve!: (written: number) => void;

  constructor(readable: readonly Uint8Array[], writable: readonly number[]) {
    this.#readable = readable.map((segment) => segment.slice());
    this.#writable = writable.map((size) => new Uint8Array(size));
    this.readableLength = total(this.#readable);
    this.writableLength = total(this.#writable);
    this.completion = new Promise((resolve) => (this.#resolve = resolve));
  }

  copyIn(offset: number, into: Uint8Array): number {
    let count = 0;
    for (const view of clip(this.#readable, offset, into.length)) {
      into.set(view, count);
      count += view.length;
    }
    return count;
  }

  readableViews(offset: number, length: number): Uint8Array[] {
    return clip(this.#readable, offset, length);
  }

  writableViews(offset: number, length: number): Uint8Array[] {
    return clip(this.#writable, offset, length);
  }

  copyOut(offset: number, bytes: Uint8Array): void {
    if (this.written !== undefined) throw new Error("written to after it was completed");
    if (offset < 0 || offset + bytes.length > this.writableLength) throw new RangeError("beyond the writable part");
    let from = 0;
    for (const view of clip(this.#writable, offset, bytes.length)) {
      view.set(bytes.subarray(from, from + view.length));
      from += view.length;
    }
  }

  complete(written: number): void {
    if (this.written !== undefined) throw new Error("completed twice");
    if (written < 0 || written > this.writableLength) throw new RangeError("more written than there was room for");
    this.written = written;
    this.#resolve(written);
  }

  /** Control went back to the event loop: views given out so far lead nowhere, and what was in them is overwritten. */
  endTurn(): void {
    this.#readable = this.#readable.map(moved);
    this.#writable = this.#writable.map(moved);
  }

  /** All writable bytes. */
  reply(): Uint8Array {
    const bytes = new Uint8Array(this.writableLength);
    let at = 0;
    for (const segment of this.#writable) {
      bytes.set(segment, at);
      at += segment.length;
    }
    return bytes;
  }
}

function moved(segment: Uint8Array): Uint8Array {
  const copy = segment.slice();
  segment.fill(POISON);
  return copy;
}

function total(segments: readonly Uint8Array[]): number {
  return segments.reduce((sum, segment) => sum + segment.length, 0);
}

function clip(segments: readonly Uint8Array[], offset: number, length: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  let at = 0;
  for (const segment of segments) {
    const start = Math.max(offset - at, 0);
    const end = Math.min(offset + length - at, segment.length);
    if (start < end) views.push(segment.subarray(start, end));
    at += segment.length;
  }
  return views;
}
