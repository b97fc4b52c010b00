import { expect, test } from "vitest";
import { Random } from "../../fs/testing/random.js";
import { MemoryContent } from "./memory-content.js";

const BLOCK = 4096;

test("random reads, writes, truncations and holes agree with arrays of bytes and of blocks", () => {
  const random = new Random(7);
  const content = new MemoryContent();
  let model: Model = { bytes: new Uint8Array(0), data: new Set() };
  for (let step = 0; step < 3000; step++) {
    const offset = random.below(200_000);
    const length = random.below(70_000);
    switch (random.below(6)) {
      case 0: {
        content.truncate(offset);
        model = resized(model, offset);
        break;
      }
      case 1: {
        content.punch(offset, length);
        punch(model, offset, offset + length);
        break;
      }
      case 2:
      case 3: {
        const half = Math.floor(length / 2);
        const from = [random.below(2), random.below(256)].map((byte) => new Uint8Array(half).fill(byte));
        const held = content.held;
        const growth = content.growth(offset, half * 2);
        content.write(offset, from);
        expect(content.held).toBe(held + growth);
        if (half === 0) break;
        model = resized(model, Math.max(model.bytes.length, offset + half * 2));
        model.bytes.set(from[0]!, offset);
        model.bytes.set(from[1]!, offset + half);
        for (let at = offset - (offset % BLOCK); at < offset + half * 2; at += BLOCK) model.data.add(at);
        break;
      }
      default: {
        const into = [new Uint8Array(length).fill(9), new Uint8Array(100).fill(9)];
        const count = content.read(offset, into);
        const expected = model.bytes.subarray(offset, offset + length + 100);
        expect(count).toBe(expected.length);
        expect(Buffer.concat(into).subarray(0, count).equals(expected)).toBe(true);
      }
    }
    expect(content.size).toBe(model.bytes.length);
    expect(content.allocated()).toBe(model.data.size * BLOCK);
    expect(content.nextData(offset)).toBe(nextIn(model, offset, true));
    expect(content.nextHole(offset)).toBe(nextIn(model, offset, false) ?? content.size);
    if (step % 100 === 0) expect(restored(content).equals(model.bytes)).toBe(true);
  }
});

test("a hole costs nothing, a small file little", () => {
  const content = new MemoryContent();
  content.write(2 ** 40, [new Uint8Array(10)]);
  expect(content.size).toBe(2 ** 40 + 10);
  expect(content.held).toBe(256);
  expect([...content.extents()].map(([offset, bytes]) => [offset, bytes.length])).toEqual([[2 ** 40, 10]]);
  content.truncate(5);
  expect(content.held).toBe(0);
  content.truncate(2 ** 52);
  expect([content.held, content.allocated()]).toEqual([0, 0]);
  expect(content.nextHole(2 ** 51)).toBe(2 ** 51);
});

test("zeros that are written are data", () => {
  const content = new MemoryContent();
  content.truncate(100_000);
  content.write(8192, [new Uint8Array(4096)]);
  expect([content.nextData(0), content.nextHole(8192), content.nextData(12_288)]).toEqual([8192, 12_288, undefined]);
  expect(content.allocated()).toBe(4096);
});

test("a hole punched to the end takes the last block too, and what was cut off does not come back", () => {
  const content = new MemoryContent();
  content.write(0, [new Uint8Array(10_000).fill(1)]);
  content.punch(8192, 1808);
  expect(content.allocated()).toBe(8192);
  content.punch(0, 4095);
  expect(content.allocated()).toBe(8192);
  content.truncate(4096);
  content.truncate(10_000);
  const bytes = new Uint8Array(10_000).fill(9);
  content.read(0, [bytes]);
  expect(bytes.findLastIndex((byte) => byte !== 0)).toBe(4095);
  expect(content.nextHole(0)).toBe(4096);
});

test("memory is given back where all of 64 KiB is a hole", () => {
  const content = new MemoryContent();
  content.write(0, [new Uint8Array(2 ** 20).fill(1)]);
  content.punch(4096, 2 ** 20 - 8192);
  expect(content.held).toBe(128 * 1024);
  expect(content.allocated()).toBe(8192);
  expect([...content.extents()].map(([offset, bytes]) => [offset, bytes.length])).toEqual([
    [0, 4096],
    [2 ** 20 - 4096, 4096],
  ]);
});

/** The bytes of a file, and where its blocks of data begin. */
interface Model {
  readonly bytes: Uint8Array;
  readonly data: Set<number>;
}

function resized({ bytes, data }: Model, size: number): Model {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return { bytes: copy, data: new Set([...data].filter((at) => at < size)) };
}

function punch({ bytes, data }: Model, offset: number, end: number): void {
  bytes.fill(0, offset, end);
  for (const at of data) if (at >= offset && (at + BLOCK <= end || end >= bytes.length)) data.delete(at);
}

function nextIn({ bytes, data }: Model, offset: number, isData: boolean): number | undefined {
  let at = offset;
  while (at < bytes.length && data.has(at - (at % BLOCK)) !== isData) at += BLOCK - (at % BLOCK);
  return at < bytes.length ? at : undefined;
}

/** The content as its extents have it. */
function restored(content: MemoryContent): Buffer {
  const bytes = Buffer.alloc(content.size);
  let last = 0;
  for (const [offset, part] of content.extents()) {
    expect(offset).toBeGreaterThanOrEqual(last);
    bytes.set(part, offset);
    last = offset + part.length;
  }
  return bytes;
}
