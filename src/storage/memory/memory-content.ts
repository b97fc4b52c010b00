/** Bytes a chunk holds at most. */
const CHUNK = 64 * 1024;
const SMALLEST = 256;
/** What a hole is made of, and what is counted: Linux's usual block. */
const BLOCK = 4096;
const BLOCKS = CHUNK / BLOCK;

/**
 * Part of a file that holds data somewhere. `bytes` may be shorter than CHUNK: the rest is zeros. `blocks` has a bit for each
 * block that holds data, zeros or not; all of the others are zeros. At least one bit is set.
 */
interface Chunk {
  bytes: Uint8Array;
  blocks: number;
}

/** The bytes of one file in memory: sparse, growing, in chunks, so that neither a hole nor an append copies what is there. */
export class MemoryContent {
  /** By number. A chunk that is not there is a hole. */
  readonly #chunks = new Map<number, Chunk>();
  /** The numbers of the chunks, rising. */
  readonly #numbers: number[] = [];
  #size = 0;
  #held = 0;
  #blocks = 0;

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory. Goes by chunks: a chunk is let go of when none of its blocks holds data. */
  get held(): number {
    return this.#held;
  }

  /** Bytes of the blocks that hold data. */
  allocated(): number {
    return this.#blocks * BLOCK;
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
        const chunk = this.#chunk(number, Math.min(end - number * CHUNK, CHUNK));
        chunk.bytes.set(part, start);
        this.#mark(chunk, chunk.blocks | blocksWithin(start, start + part.length));
        done += part.length;
        at += part.length;
      }
    }
    this.#size = Math.max(this.#size, end);
  }

  /** Beyond what was the end is a hole. */
  truncate(size: number): void {
    if (size < this.#size) this.punch(size, this.#size - size);
    this.#size = size;
  }

  /** Makes a range read as zeros. Blocks that lie within it, or to its end at the end of the file, are holes then. */
  punch(offset: number, length: number): void {
    const end = offset + length >= this.#size ? Infinity : offset + length;
    const first = this.#indexOf(Math.floor(offset / CHUNK));
    let index = first;
    const kept: number[] = [];
    for (; index < this.#numbers.length; index++) {
      const number = this.#numbers[index]!;
      const [from, to] = [Math.max(offset - number * CHUNK, 0), Math.min(end - number * CHUNK, CHUNK)];
      if (to <= 0) break;
      const chunk = this.#chunks.get(number)!;
      this.#mark(chunk, chunk.blocks & ~blocksInside(from, to));
      if (chunk.blocks === 0) {
        this.#chunks.delete(number);
        this.#held -= chunk.bytes.length;
      } else {
        chunk.bytes.fill(0, from, to);
        kept.push(number);
      }
    }
    // The first and the last one at most.
    this.#numbers.splice(first, index - first, ...kept);
  }

  /** Where the first data at or after `offset` begins. Undefined: there is none. */
  nextData(offset: number): number | undefined {
    if (offset >= this.#size) return undefined;
    for (let index = this.#indexOf(Math.floor(offset / CHUNK)); index < this.#numbers.length; index++) {
      const number = this.#numbers[index]!;
      const block = nextBlock(this.#chunks.get(number)!.blocks, offset - number * CHUNK);
      if (block < BLOCKS) return Math.max(number * CHUNK + block * BLOCK, offset);
    }
    return undefined;
  }

  /** Where the first hole at or after `offset` begins; the end of the file counts as one. */
  nextHole(offset: number): number {
    for (let number = Math.floor(offset / CHUNK); number * CHUNK < this.#size; number++) {
      const holes = ~(this.#chunks.get(number)?.blocks ?? 0);
      const block = nextBlock(holes, offset - number * CHUNK);
      if (block < BLOCKS) return Math.min(Math.max(number * CHUNK + block * BLOCK, offset), this.#size);
    }
    return this.#size;
  }

  /** Bytes of memory that a write of `length` bytes at `offset` would add. */
  growth(offset: number, length: number): number {
    let growth = 0;
    for (let at = offset; at < offset + length; at = (Math.floor(at / CHUNK) + 1) * CHUNK) {
      const number = Math.floor(at / CHUNK);
      const end = Math.min(offset + length - number * CHUNK, CHUNK);
      const there = this.#chunks.get(number)?.bytes.length ?? 0;
      if (end > there) growth += roundUp(end) - there;
    }
    return growth;
  }

  /** What is not a hole, from the start to the end, in parts of at most a chunk: offsets, and views of the bytes there. */
  *extents(): Generator<[offset: number, bytes: Uint8Array]> {
    for (let at = this.nextData(0); at !== undefined; at = this.nextData(at)) {
      const start = at % CHUNK;
      const number = Math.floor(at / CHUNK);
      const { bytes } = this.#chunks.get(number)!;
      at = Math.min(this.nextHole(at), (number + 1) * CHUNK);
      yield [number * CHUNK + start, bytes.subarray(start, at - number * CHUNK)];
    }
  }

  #readView(offset: number, view: Uint8Array, length: number): void {
    for (let done = 0; done < length;) {
      const at = offset + done;
      const start = at % CHUNK;
      const count = Math.min(length - done, CHUNK - start);
      const there = this.#chunks.get(Math.floor(at / CHUNK))?.bytes.subarray(start, start + count);
      if (there !== undefined) view.set(there, done);
      view.fill(0, done + (there?.length ?? 0), done + count);
      done += count;
    }
  }

  /** The chunk, with at least `length` bytes. */
  #chunk(number: number, length: number): Chunk {
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = { bytes: new Uint8Array(0), blocks: 0 };
      this.#chunks.set(number, chunk);
      this.#numbers.splice(this.#indexOf(number), 0, number);
    }
    if (chunk.bytes.length >= length) return chunk;
    const bytes = new Uint8Array(roundUp(length));
    bytes.set(chunk.bytes);
    this.#held += bytes.length - chunk.bytes.length;
    chunk.bytes = bytes;
    return chunk;
  }

  #mark(chunk: Chunk, blocks: number): void {
    if (blocks === chunk.blocks) return;
    this.#blocks += count(blocks) - count(chunk.blocks);
    chunk.blocks = blocks;
  }

  /** Where in `#numbers` the first one stands that is not below `number`. */
  #indexOf(number: number): number {
    let [low, high] = [0, this.#numbers.length];
    // Most files are written from the start to the end.
    if (high === 0 || this.#numbers[high - 1]! < number) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#numbers[middle]! < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The length of a chunk that holds `length` bytes: a power of two, so that appending copies each byte about once. */
function roundUp(length: number): number {
  let rounded = SMALLEST;
  while (rounded < length) rounded *= 2;
  return rounded;
}

/** Bits of the blocks of a chunk that have a byte in the range. */
function blocksWithin(start: number, end: number): number {
  return bits(Math.floor(start / BLOCK), Math.ceil(end / BLOCK));
}

/** Bits of the blocks of a chunk that lie in the range as a whole. */
function blocksInside(start: number, end: number): number {
  return bits(Math.ceil(start / BLOCK), Math.floor(end / BLOCK));
}

function bits(from: number, to: number): number {
  return from < to ? (1 << to) - (1 << from) : 0;
}

/** The first set bit at or after the block of `start`, which may lie before the chunk. */
function nextBlock(blocks: number, start: number): number {
  let block = Math.max(Math.floor(start / BLOCK), 0);
  while (block < BLOCKS && (blocks & (1 << block)) === 0) block++;
  return block;
}

/** How many bits are set. */
function count(blocks: number): number {
  let set = 0;
  for (let left = blocks; left !== 0; left &= left - 1) set++;
  return set;
}
