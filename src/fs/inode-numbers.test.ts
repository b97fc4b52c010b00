import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { openRecords } from "./open-records.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { InodeNumbers } from "./inode-numbers.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { stillTimers } from "./testing/still-timers.js";

class Share extends ShareFileSystem {
  get numbers(): number {
    return this.share.inodes.size;
  }
}

const TREE = { a: "a", d: { b: "b", c: "c", e: { f: "f" } } };
const PATHS = ["a", "d", "d/b", "d/c", "d/e", "d/e/f"];

async function numbersOf(guest: Guest): Promise<readonly number[]> {
  const numbers = [];
  for (const path of PATHS) numbers.push((await guest.stat(path)).ino);
  return numbers;
}

function forgetAll({ kernel }: Guest): void {
  for (const node of Array.from(kernel.lookups.keys()).toReversed()) if (node !== ROOT_NODE_ID) kernel.forget(node);
}

test("a file has the number that it had, forgotten or at another visit", async () => {
  const share = new Share(new MemoryStore(TREE));
  const guest = await Guest.mount(share, stillTimers);
  const before = await numbersOf(guest);
  expect(new Set(before).size).toBe(PATHS.length);
  expect(Math.min(...before)).toBeGreaterThan(1);
  expect(Math.max(...before)).toBeLessThan(2 ** 30);
  forgetAll(guest);
  expect(share.numbers).toBeLessThan(PATHS.length);
  expect(await numbersOf(guest)).toEqual(before);
  const next = await Guest.mount(new ShareFileSystem(new MemoryStore(TREE)), stillTimers);
  expect(await numbersOf(next)).toEqual(before);
});

test("a renamed file keeps its number, and what takes its name gets another", async () => {
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore(TREE)), stillTimers);
  const { ino } = await guest.stat("a");
  await guest.rename("a", "z");
  await guest.put("a", "another");
  expect((await guest.stat("z")).ino).toBe(ino);
  expect((await guest.stat("a")).ino).not.toBe(ino);
});

test("also where another file had the name", async () => {
  const store = new MemoryStore({ a: "old" });
  const log = new MemoryRecordLog();
  const first = await Guest.mount(new Share(store, { records: await openRecords(log, store) }), stillTimers);
  await first.stat("a");
  await first.rename("a", "b");
  await first.put("a", "new");
  await first.kernel.syncfs(ROOT_NODE_ID);
  const before = await Promise.all(["a", "b"].map(async (path) => (await first.stat(path)).ino));
  forgetAll(first);
  expect(await Promise.all(["a", "b"].map(async (path) => (await first.stat(path)).ino))).toEqual(before);
  await first.kernel.destroy();
  const next = await Guest.mount(new Share(store, { records: await openRecords(log, store) }), stillTimers);
  expect(await Promise.all(["a", "b"].map(async (path) => (await next.stat(path)).ino))).toEqual(before);
});

test("two that would have the same number do not", () => {
  const numbers = new InodeNumbers();
  const taken = Array.from({ length: 100 }, () => numbers.take(undefined, "same"));
  expect(new Set(taken).size).toBe(100);
  for (const number of taken) numbers.release(number);
  expect(numbers.size).toBe(0);
  expect(numbers.take(undefined, "same")).toBe(taken[0]);
});

test("100,000 names are spread over all numbers", () => {
  const numbers = new InodeNumbers();
  const taken = Array.from({ length: 100_000 }, (_, i) => numbers.take(undefined, `f${i}`));
  const buckets = new Uint32Array(64);
  for (const number of taken) buckets[number >>> 24]!++;
  expect(Math.min(...buckets)).toBeGreaterThan(1300);
  expect(Math.max(...buckets)).toBeLessThan(1850);
});
