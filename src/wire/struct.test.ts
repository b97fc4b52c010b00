import { expect, test } from "vitest";
import { i32, i64, type Of, padding, struct, u8, u16, u32, u64 } from "./struct.js";

const point = struct({ x: i32, y: i32 });
const sample = struct({ a: u8, b: u16, hole: padding(5), c: u64, at: point, d: i64, e: u32 });
type Sample = Of<typeof sample>;

const value: Sample = { a: 1, b: 0x0203, c: 2 ** 40 + 5, at: { x: -1, y: 7 }, d: -(2 ** 33) - 1, e: 2 ** 32 - 1 };

test("members lie one after the other", () => {
  expect(sample.size).toBe(36);
  expect(sample.offsets).toEqual({ a: 0, b: 1, hole: 3, c: 8, at: 16, d: 24, e: 32 });
});

test("what is written is read back", () => {
  expect(sample.decode(sample.encode(value))).toEqual(value);
});

test("bytes are little-endian", () => {
  const bytes = [1, 3, 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 0, 0, 255, 255, 255, 255, 7, 0, 0, 0];
  expect([...sample.encode(value).subarray(0, 24)]).toEqual(bytes);
});

test("64 bits are exact to 2^53 on both sides of zero", () => {
  const wide = struct({ u: u64, i: i64 });
  for (const edge of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    expect(wide.decode(wide.encode({ u: edge, i: -edge }))).toEqual({ u: edge, i: -edge || 0 });
  }
});

test("writing clears the padding", () => {
  const bytes = new Uint8Array(sample.size).fill(0xff);
  sample.write(new DataView(bytes.buffer), 0, value);
  expect([...bytes.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
});

test("what encode is not given is zero", () => {
  expect(sample.decode(sample.encode({ b: 9 }))).toEqual({ a: 0, b: 9, c: 0, at: { x: 0, y: 0 }, d: 0, e: 0 });
});
