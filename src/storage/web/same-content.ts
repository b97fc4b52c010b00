const SLICE_BYTES = 4 << 20;

/** True when both have the same bytes. Reads them in slices. */
export async function sameContent(a: Blob, b: Blob): Promise<boolean> {
  if (a.size !== b.size) return false;
  for (let at = 0; at < a.size; at += SLICE_BYTES) {
    const [one, other] = await Promise.all([bytesOf(a, at), bytesOf(b, at)]);
    if (!one.every((byte, index) => byte === other[index])) return false;
  }
  return true;
}

async function bytesOf(blob: Blob, at: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(at, at + SLICE_BYTES).arrayBuffer());
}
