/** Bytes in all views together. */
export function lengthOf(views: readonly Uint8Array[]): number {
  let length = 0;
  for (const view of views) length += view.byteLength;
  return length;
}

/** Puts `bytes` into the views, in order, as far as either lasts. Returns how many bytes that were. */
export function scatter(bytes: Uint8Array, into: readonly Uint8Array[]): number {
  let at = 0;
  for (const view of into) {
    if (at === bytes.byteLength) break;
    const part = bytes.subarray(at, at + view.byteLength);
    view.set(part);
    at += part.byteLength;
  }
  return at;
}

/** The bytes of the views, copied one after the other into `target`. */
export function gather(from: readonly Uint8Array[], target: Uint8Array = new Uint8Array(lengthOf(from))): Uint8Array {
  let at = 0;
  for (const view of from) {
    target.set(view, at);
    at += view.byteLength;
  }
  return target.subarray(0, at);
}
