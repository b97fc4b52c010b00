import { type ChangeSide, MachineError, type Share } from "../../client/index.js";

const MOST_OPEN = 64;
/** Bytes of a part of a changed file. */
const MOST_BYTES = 1 << 20;

type Bytes = Uint8Array<ArrayBuffer>;

/** Streams that the page reads by calls, by number. */
export class Streams {
  readonly #open = new Map<number, ReadableStreamDefaultReader<Uint8Array>>();
  #last = 0;

  add(stream: ReadableStream<Uint8Array>): number {
    if (this.#open.size === MOST_OPEN) {
      void stream.cancel();
      throw new MachineError("busy", `${MOST_OPEN} files are being read already.`);
    }
    this.#open.set(++this.#last, stream.getReader());
    return this.#last;
  }

  async next(number: number): Promise<Bytes | undefined> {
    const reader = this.#open.get(number);
    if (!reader) throw new MachineError("not-found", "That stream has ended.");
    try {
      const { done, value } = await reader.read();
      if (!done) return value as Bytes;
    } catch (error) {
      this.#open.delete(number);
      throw error;
    }
    this.#open.delete(number);
    return undefined;
  }

  async cancel(number: number): Promise<void> {
    const reader = this.#open.get(number);
    this.#open.delete(number);
    await reader?.cancel();
  }

  /** `length` bytes of a changed file, fewer at its end. */
  async part(share: Share, path: string, side: ChangeSide, offset: number, length: number): Promise<Bytes> {
    const wanted = Math.min(length, MOST_BYTES);
    const found = new Uint8Array(wanted);
    let at = 0;
    let have = 0;
    for await (const chunk of share.readChange(path, side) as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
      const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + wanted - at));
      found.set(part, have);
      have += part.length;
      at += chunk.length;
      if (at >= offset + wanted) break;
    }
    return found.slice(0, have);
  }
}
