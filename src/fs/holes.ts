import { type Awaitable, chain } from "../posix/awaitable.js";
import type { MemoryContent } from "../storage/memory/memory-content.js";
import type { OpenStoreFile } from "../storage/store.js";
import { inOrder } from "./awaitables.js";

/** Most bytes that are written or read at a time. */
export const PIECE = 1 << 20;

/** What holds a file's bytes: memory, or the store. A store without `punch` knows no holes: all is data. */
export type Content = MemoryContent | OpenStoreFile;

export function sizeOf(content: Content): number {
  return typeof content.size === "number" ? content.size : content.size();
}

/** Where the first data at or after `offset` begins. Undefined: there is none. */
export function nextData(content: Content, offset: number): number | undefined {
  if (offset >= sizeOf(content)) return undefined;
  return content.nextData === undefined ? offset : content.nextData(offset);
}

/** Where the first hole at or after `offset` begins; the end of the file counts as one. */
export function nextHole(content: Content, offset: number): number {
  return content.nextHole?.(offset) ?? sizeOf(content);
}

/** Bytes of the range that no data is kept for. */
export function bytesWithoutData(content: Content, offset: number, end: number): number {
  let bytes = 0;
  for (let at = offset; at < end;) {
    const data = Math.min(nextData(content, at) ?? end, end);
    bytes += data - at;
    at = data < end ? nextHole(content, data) : end;
  }
  return bytes;
}

/** Makes the part of a range that lies within the file read as zeros. The size stays. */
export function clear(content: Content, offset: number, end: number): Awaitable<void> {
  const size = sizeOf(content);
  const last = Math.min(end, size);
  if (offset >= last) return;
  if (content.punch !== undefined) return content.punch(offset, last - offset);
  // What is cut off and comes back is a hole on the disk, at once. A tab that dies in between leaves the file short.
  if (last === size && last - offset > PIECE) return chain(content.truncate(offset), () => content.truncate(size));
  return inOrder(pieces(offset, last), ([at, length]) => zero(content, at, length));
}

/** Makes the file at least that long. */
export function extend(content: Content, size: number): Awaitable<void> {
  if (sizeOf(content) < size) return content.truncate(size);
}

/** Writes zeros unless they are there: what may be a hole on the disk stays one. */
function zero(content: Content, offset: number, length: number): Awaitable<void> {
  const view = new Uint8Array(length);
  return chain<number | Uint8Array, void>(content.read(offset, [view]), (result) => {
    const bytes = typeof result === "number" ? view.subarray(0, result) : result;
    if (!isZero(bytes)) return content.write(offset, [new Uint8Array(bytes.length)]);
  });
}

/** The range in pieces. */
export function* pieces(offset: number, end: number): Generator<[offset: number, length: number]> {
  for (let at = offset; at < end; at += PIECE) yield [at, Math.min(PIECE, end - at)];
}

/** A loop: `every` takes eight times as long. */
function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}
