import { expect, it } from "vitest";
import { FsError } from "../../posix/fs-error.js";
import { BlobReader } from "./blob-reader.js";
import { ReadAhead } from "./read-ahead.js";

/** One whose bytes from `from` on are not there any more: the browser rejects, or, as Firefox, gives what is left. */
class Shortened extends Blob {
  constructor(
    content: Uint8Array<ArrayBuffer>,
    private readonly from: number,
    private readonly rejects: boolean,
  ) {
    super([content]);
  }

  override slice(start = 0, end = this.size): Blob {
    const part = super.slice(start, end);
    if (end <= this.from) return part;
    const rest = (): Promise<ArrayBuffer> => super.slice(start, this.from).arrayBuffer();
    const gone = (): Promise<never> => Promise.reject(new DOMException("gone", "NotReadableError"));
    return Object.assign(part, { arrayBuffer: this.rejects ? gone : rest });
  }
}

it.each([true, false])(
  "fails only what cannot be read, not what is read ahead with it (rejects: %s)",
  async (rejects) => {
    const bytes = new Uint8Array(100_000).map((_, i) => i);
    const reader = new BlobReader(new Shortened(bytes, 60_000, rejects), new ReadAhead());
    const read = async (start: number, length: number) => reader.read(start, [new Uint8Array(length)]);
    expect(await read(0, 50_000)).toEqual(bytes.subarray(0, 50_000));
    expect(await read(50_000, 10_000)).toEqual(bytes.subarray(50_000, 60_000));
    await expect(read(60_000, 10_000)).rejects.toBeInstanceOf(FsError);
    await expect(read(50_000, 20_000)).rejects.toThrow();
  },
);
