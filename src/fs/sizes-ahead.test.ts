import { beforeEach, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Awaitable } from "../posix/awaitable.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore, type StoreCall } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const FILES = 300;
const name = (i: number): string => `f${String(i).padStart(3, "0")}`;

let now: number;
let before: (call: StoreCall) => Awaitable<void>;
/** Files that the store was asked about. */
let asked: string[];

beforeEach(() => {
  now = 1_750_000_000_000;
  before = () => {};
  asked = [];
});

async function mount(exclusive = true): Promise<Guest> {
  const files = Object.fromEntries(Array.from({ length: FILES }, (_, i) => [name(i), "x".repeat(i)]));
  const store = new SlowStore(new MemoryStore({ d: files, other: files }, { exclusive }), {
    random: new Random(1),
    slowContent: false,
    before: (call) => {
      if (call.operation === "stat") asked.push(call.path);
      return before(call);
    },
  });
  return Guest.mount(new ShareFileSystem(store, { now: () => now }), stillTimers);
}

/** Looks files up one after the other; returns those that were not answered at once. */
async function lookUp(guest: Guest, numbers: Iterable<number>, directory = "d"): Promise<number[]> {
  const parent = await guest.node(directory);
  const late = [];
  for (const i of numbers) {
    const entry = await guest.kernel.lookup(parent, name(i));
    if (!guest.kernel.answeredAtOnce) late.push(i);
    expect(entry.attr.size).toBe(i);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return late;
}

const all = Array.from({ length: FILES }, (_, i) => i);

test.each([true, false])("files are asked about before the guest looks them up (exclusive: %s)", async (exclusive) => {
  const late = await lookUp(await mount(exclusive), all);
  expect(late.slice(0, 3)).toEqual([0, 1, 2]);
  expect(late.length).toBeLessThan(20);
  expect(new Set(asked).size).toBe(FILES);
  expect(asked.length).toBe(FILES);
});

test("they are asked about again so, where others may have changed them since", async () => {
  const guest = await mount(false);
  await lookUp(guest, all);
  asked = [];
  now += 1000;
  expect((await lookUp(guest, all)).length).toBeLessThan(20);
  expect([new Set(asked).size, asked.length < FILES + 20]).toEqual([FILES, true]);
});

test("not where it asks for two of a directory", async () => {
  const guest = await mount();
  for (const i of [5, 9]) await lookUp(guest, [i]);
  await lookUp(guest, [5], "other");
  expect(asked).toEqual([`d/${name(5)}`, `d/${name(9)}`, `other/${name(5)}`]);
});

test("what cannot be had ahead fails for whoever asks for it, and nobody else", async () => {
  const guest = await mount();
  before = ({ operation, path }) => {
    if (operation === "stat" && path === `d/${name(7)}`) throw new FsError(Errno.EACCES);
  };
  await lookUp(guest, [0, 1, 2, 3, 4, 5, 6, 8, 9]);
  await expect(guest.stat(`d/${name(7)}`)).rejects.toMatchObject({ errno: Errno.EACCES });
});

test("so many at once", async () => {
  const guest = await mount();
  let [now, most] = [0, 0];
  before = async ({ operation }) => {
    if (operation !== "stat") return;
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  await lookUp(guest, all);
  expect(most).toBeGreaterThan(100);
  expect(most).toBeLessThanOrEqual(130);
});
