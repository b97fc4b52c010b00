import { expect, test } from "vitest";
import { Random } from "../../fs/testing/random.js";
import { MemoryContent } from "./memory-content.js";

test("random reads, writes and truncations agree with one array", () => {
  const random = new Random(7);
  const content = new MemoryContent();
  let model = new Uint8Array(0);
  for (let step = 0; step < 2000; step++) {
    const offset = random.below(200_000);
    const length = random.below(70_000);
    if (random.below(3) === 0) {
      const from = [random.below(256), random.below(256)].map((byte) => new Uint8Array(length / 2).fill(byte));
      const held = content.held;
      const growth = content.growth(offset, from[0]!.length * 2);
      content.write(offset, from);
      expect(content.held).toBe(held + growth);
      const size = Math.max(model.length, offset + from[0]!.length * 2);
      if (from[0]!.length === 0) continue;
      model = resized(model, size);
      model.set(from[0]!, offset);
      model.set(from[1]!, offset + from[0]!.length);
    } else if (random.below(10) === 0) {
      content.truncate(offset);
      model = resized(model, offset);
    } else {
      const into = [new Uint8Array(length).fill(9), new Uint8Array(100).fill(9)];
      const count = content.read(offset, into);
      const expected = model.subarray(offset, offset + length + 100);
      expect(count).toBe(expected.length);
      expect(Buffer.concat(into).subarray(0, count).equals(expected)).toBe(true);
    }
    expect(content.size).toBe(model.length);
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
});

function resized(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}
