import { expect, test } from "vitest";
import { READ_AHEAD_BYTES, ReadAhead } from "./read-ahead.js";

const MIB = 1 << 20;
const window = (start: number, length: number) => ({
  start,
  bytes: new Uint8Array(length).map((_, i) => (start + i) % 251),
});

test("bytes are found in one window, and across windows that meet", () => {
  const held = new ReadAhead();
  const [a, b] = [{}, {}];
  for (const [start, length] of [
    [100, 50],
    [0, 100],
    [200, 10],
  ] as const)
    held.keep(a, window(start, length));
  held.keep(b, window(0, 10));
  expect(held.find(a, 20, 40)).toEqual(window(20, 20).bytes);
  expect(held.find(a, 20, 150)).toEqual(window(20, 130).bytes);
  expect(held.find(a, 140, 151)).toBeUndefined();
  expect(held.find(a, 160, 170)).toBeUndefined();
  expect(held.find(b, 5, 11)).toBeUndefined();
  expect([held.end(a, 20), held.end(a, 160), held.end(a, 205)]).toEqual([150, 160, 210]);
  expect([held.gap(a, 160, 0, 500), held.gap(a, 300, 250, 500), held.gap(b, 20, 0, 30)]).toEqual([
    [150, 200],
    [250, 500],
    [10, 30],
  ]);
});

test("what was used longest ago is forgotten, where it is more than the bound", () => {
  const held = new ReadAhead();
  const [a, b] = [{}, {}];
  held.keep(b, window(0, MIB));
  for (let at = 0; at < READ_AHEAD_BYTES - MIB; at += MIB) held.keep(a, { start: at, bytes: new Uint8Array(MIB) });
  expect(held.bytes).toBe(READ_AHEAD_BYTES);
  held.find(a, 0, 10);
  held.keep(b, window(MIB, MIB));
  expect(held.bytes).toBe(READ_AHEAD_BYTES);
  expect(held.find(b, 0, 10)).toBeUndefined(); // older than all of the other file's
  held.keep(b, window(2 * MIB, MIB));
  expect([held.find(a, 0, 10)?.length, held.find(a, MIB, MIB + 10)]).toEqual([10, undefined]);
  held.forget(a);
  expect(held.bytes).toBe(2 * MIB);
});

test("what a reader has passed is let go of", () => {
  const held = new ReadAhead();
  const reader = {};
  for (const start of [0, 10, 20]) held.keep(reader, window(start, 10));
  held.pass(reader, 20);
  expect([held.bytes, held.find(reader, 15, 20), held.find(reader, 20, 30)?.length]).toEqual([10, undefined, 10]);
});
