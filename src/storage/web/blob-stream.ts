/**
 * The bytes of a blob from a position on, in chunks as the browser has them. 64 MiB of the disk take 65 ms so, and 130 in slices of 4 MiB,
 * two at once (Chromium 156).
 */
export class BlobStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #keep: (start: number, bytes: Uint8Array) => void;
  #position: number;
  #goal = 0;
  #isEnded = false;
  #step: Promise<void> | undefined;

  /** `keep` is given the chunks. */
  constructor(blob: Blob, start: number, keep: (start: number, bytes: Uint8Array) => void) {
    this.#reader = blob.slice(start).stream().getReader();
    this.#position = start;
    this.#keep = keep;
  }

  /** Where the next chunk begins; undefined when there will be none. */
  get position(): number | undefined {
    return this.#isEnded ? undefined : this.#position;
  }

  /** Takes chunks until `goal` at least. The promise ends with the next one, or when there will be none. */
  want(goal: number): Promise<void> {
    this.#goal = Math.max(this.#goal, goal);
    return (this.#step ??= this.#take());
  }

  cancel(): void {
    this.#isEnded = true;
    this.#reader.cancel().catch(() => {}); // it may have failed already
  }

  async #take(): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      if (this.#isEnded) return;
      if (done) return void (this.#isEnded = true);
      const start = this.#position;
      this.#position += value.length;
      this.#keep(start, value);
    } catch {
      this.#isEnded = true; // whoever needs the bytes asks for them, and is told why they cannot be read
    } finally {
      this.#step = undefined;
      if (!this.#isEnded && this.#position < this.#goal) void this.want(this.#goal);
    }
  }
}
