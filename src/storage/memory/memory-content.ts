/** Bytes a chunk holds at most. */
const CHUNK = 64 * 1024;
const SMALLEST = 256;

/** The bytes of one file in memory: sparse, growing, in chunks, so that neither a hole nor an append copies what is there. */
export class MemoryContent {
  /** By number. A chunk may be shorter than CHUNK: the rest of it is zeros, as is a chunk that is not there. */
  readonly #chunks = new Map<number, Uint8Array>();
  #size = 0;
  #held = 0;

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory. */
  get held(): number {
    return this.#held;
  }

  /** Fills `into` from `offset` on; returns how many bytes there were. */
  read(offset: number, into: readonly Uint8Array[]): number {
    let at = offset;
    for (const view of into) {
      const wanted = Math.min(view.length, this.#size - at);
      if (wanted < 0) break;
      this.#readView(at, view, wanted);
      at += wanted;
    }
    return Math.max(at - offset, 0);
  }

  write(offset: number, from: readonly Uint8Array[]): void {
    const end = from.reduce((sum, view) => sum + view.length, offset);
    if (end === offset) return; // nothing is written, and nothing grows
    let at = offset;
    for (const view of from) {
      for (let done = 0; done < view.length;) {
        const start = at % CHUNK;
        const part = view.subarray(done, done + CHUNK - start);
        const number = Math.floor(at / CHUNK);
        this.#chunk(number, Math.min(end - number * CHUNK, CHUNK)).set(part, start);
        done += part.length;
        at += part.length;
      }
    }
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const last = Math.floor(size / CHUNK);
      for (const [number, chunk] of this.#chunks) {
        if (number > last || (number === last && size % CHUNK === 0)) {
          this.#chunks.delete(number);
          this.#held -= chunk.length;
        } else if (number === last) {
          chunk.fill(0, size % CHUNK);
        }
      }
    }
    this.#size = size;
  }

  /** Bytes of memory that a write of `length` bytes at `offset` would add. */
  growth(offset: number, length: number): number {
    let growth = 0;
    for (let at = offset; at < offset + length; at = (Math.floor(at / CHUNK) + 1) * CHUNK) {
      const number = Math.floor(at / CHUNK);
      const end = Math.min(offset + length - number * CHUNK, CHUNK);
      const there = this.#chunks.get(number)?.length ?? 0;
      if (end > there) growth += roundUp(end) - there;
    }
    return growth;
  }

  /** What is not a hole: offsets, and the bytes there. Views of this content. */
  *extents(): Generator<[offset: number, bytes: Uint8Array]> {
    for (const [number, chunk] of this.#chunks) {
      const offset = number * CHUNK;
      yield [offset, chunk.subarray(0, Math.min(chunk.length, this.#size - offset))];
    }
  }

  #readView(offset: number, view: Uint8Array, length: number): void {
    for (let done = 0; done < length;) {
      const at = offset + done;
      const start = at % CHUNK;
      const count = Math.min(length - done, CHUNK - start);
      const there = this.#chunks.get(Math.floor(at / CHUNK))?.subarray(start, start + count);
      if (there !== undefined) view.set(there, done);
      view.fill(0, done + (there?.length ?? 0), done + count);
      done += count;
    }
  }

  /** The chunk, at least `length` bytes long. */
  #chunk(number: number, length: number): Uint8Array {
    const there = this.#chunks.get(number);
    if (there !== undefined && there.length >= length) return there;
    const chunk = new Uint8Array(roundUp(length));
    if (there !== undefined) chunk.set(there);
    this.#chunks.set(number, chunk);
    this.#held += chunk.length - (there?.length ?? 0);
    return chunk;
  }
}

/** The length of a chunk that holds `length` bytes: a power of two, so that appending copies each byte about once. */
function roundUp(length: number): number {
  let rounded = SMALLEST;
  while (rounded < length) rounded *= 2;
  return rounded;
}
