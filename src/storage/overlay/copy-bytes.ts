import type { OpenStoreFile } from "../store.js";

const SLICE_BYTES = 1 << 20;

/** Copies the first `length` bytes, never the whole at once. */
export async function copyBytes(from: OpenStoreFile, to: OpenStoreFile, length: number): Promise<void> {
  for (let at = 0; at < length;) {
    const bytes = await readBytes(from, at, Math.min(SLICE_BYTES, length - at));
    if (bytes.length === 0) return;
    await to.write(at, [bytes]);
    at += bytes.length;
  }
}

/** Fewer at the end of the file. */
export async function readBytes(from: OpenStoreFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const read = await from.read(offset, [bytes]);
  return typeof read === "number" ? bytes.subarray(0, read) : read;
}
