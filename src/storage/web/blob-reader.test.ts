import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BlobReader } from "./blob-reader.js";
import { ReadAhead } from "./read-ahead.js";

const BYTES = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** A blob whose ranges can also be read synchronously, by `Reader` below, as long as its content has not changed. */
class Content extends Blob {
  isChanged = false;

  constructor(readonly content = BYTES) {
    super([content]);
  }

  override slice(start?: number, end?: number): Blob {
    return Object.assign(new Content(this.content.slice(start, end)), { isChanged: this.isChanged });
  }
}

let atOnce: number;
/** Milliseconds that each synchronous read takes. */
let slow: number;
let now: number;

class Reader {
  readAsArrayBuffer(blob: Content): ArrayBuffer {
    if (blob.isChanged) throw new DOMException("it is another file now", "NotReadableError");
    atOnce++;
    now += slow;
    return blob.content.slice().buffer;
  }
}

beforeEach(() => {
  atOnce = slow = now = 0;
  vi.stubGlobal("FileReaderSync", Reader);
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Reads a page at `offset`; says whether it came at once. */
async function page(reader: BlobReader, offset: number): Promise<boolean> {
  const into = new Uint8Array(4096);
  const result = reader.read(offset, [into]);
  if (typeof result === "number") {
    expect(result).toBe(4096);
    expect(into).toEqual(BYTES.subarray(offset, offset + 4096));
    return true;
  }
  expect(await result).toEqual(BYTES.subarray(offset, offset + 4096));
  return false;
}

describe("a reader that jumps about in a worker", () => {
  test("gets the first range later, and each after it at once", async () => {
    const reader = new BlobReader(new Content(), new ReadAhead());
    expect(await page(reader, 40_960)).toBe(false);
    expect(await page(reader, 901_120)).toBe(true);
    expect(await page(reader, 8_192)).toBe(true);
    expect(atOnce).toBe(2);
  });

  test("does not let the guest stand still for a disk that is far away", async () => {
    const reader = new BlobReader(new Content(), new ReadAhead());
    await page(reader, 40_960);
    slow = 500;
    expect(await page(reader, 901_120)).toBe(true);
    expect(await page(reader, 8_192)).toBe(false);
    expect(await page(reader, 409_600)).toBe(true);
  });

  test("gets another version of the content as one that waits does", async () => {
    const old = new Content();
    const reader = new BlobReader(old, new ReadAhead(), () => Promise.resolve(new Content()));
    await page(reader, 40_960);
    old.isChanged = true;
    vi.spyOn(old, "slice").mockImplementation(() => {
      const part = new Content();
      part.isChanged = true;
      part.arrayBuffer = () => Promise.reject(new DOMException("it is another file now", "NotReadableError"));
      return part;
    });
    expect(await page(reader, 901_120)).toBe(false);
    expect(reader.blob).not.toBe(old);
    expect(await page(reader, 8_192)).toBe(true);
  });

  test("reads to the end of the content and no further", async () => {
    const reader = new BlobReader(new Content(BYTES.slice(0, 50_000)), new ReadAhead());
    await page(reader, 40_960);
    const into = new Uint8Array(4096);
    expect(reader.read(49_152, [into])).toBe(848);
    expect(into.subarray(0, 848)).toEqual(BYTES.subarray(49_152, 50_000));
    expect(reader.read(50_000, [into])).toBe(0);
  });
});

test("elsewhere each range comes later", async () => {
  vi.stubGlobal("FileReaderSync", undefined);
  const reader = new BlobReader(new Content(), new ReadAhead());
  expect(await page(reader, 40_960)).toBe(false);
  expect(await page(reader, 901_120)).toBe(false);
});
