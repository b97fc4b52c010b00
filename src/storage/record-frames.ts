import { decodeName, encodeName } from "../posix/name.js";

// A log is a row of frames, each on its own complete or not there:
//
//   0          4          8
//   | length   | checksum | length bytes of JSON, UTF-8        (little-endian; the checksum is FNV-1a of those bytes)
const HEADER = 8;

/** A frame with that text. */
export function frame(text: string): Uint8Array {
  const payload = encodeName(text);
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, checksum(payload), true);
  bytes.set(payload, HEADER);
  return bytes;
}

/** The texts of the frames, and where each frame ends, up to the first that is not whole. */
export function* frames(bytes: Uint8Array): Generator<{ text: string; end: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + HEADER <= bytes.length;) {
    const end = at + HEADER + view.getUint32(at, true);
    if (end > bytes.length) return;
    const payload = bytes.subarray(at + HEADER, end);
    if (payload.length === 0 || checksum(payload) !== view.getUint32(at + 4, true)) return;
    yield { text: decodeName(payload), end };
    at = end;
  }
}

function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
