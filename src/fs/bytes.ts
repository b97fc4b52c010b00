/** Bytes of all the views. */
export function lengthOf(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.length, 0);
}

/** A copy of the views, one after the other. */
export function joined(views: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lengthOf(views));
  let at = 0;
  for (const view of views) {
    bytes.set(view, at);
    at += view.length;
  }
  return bytes;
}
