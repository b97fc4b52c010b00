import { describe, expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { Records } from "./records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

// What takes time in proportion to the number of entries takes the same time for each, however many there are. Where it goes
// with the square, eight times as many take eight times as long each.

const FEW = 1500;
const MANY = 8 * FEW;
/** What the processor's caches and the collection of garbage may cost. */
const AT_MOST = 4;

const stores: Record<string, () => Store> = {
  "a memory store": () => new MemoryStore(),
  "a memory store that others change": () => new MemoryStore({}, { exclusive: false }),
  "a store that takes time": () => new SlowStore(new MemoryStore(), { random: new Random(1), slowContent: false }),
};

test("10,000, 50,000 and 100,000 entries are listed whole, each in the same time", async () => {
  const lengths = [10_000, 10_000, 50_000, 100_000]; // the first for the compiler
  const times: Times[] = [];
  for (const length of lengths) times.push(await listed(length));
  expectLinear(times.slice(1));
}, 120_000);

describe.each(Object.entries(stores))("%s", (_name, makeStore) => {
  test("entries are made, renamed, removed and forgotten, each in the same time", async () => {
    const run = (length: number) => used(makeStore(), length);
    await run(FEW); // for the compiler
    // Of two, as the garbage of one phase is collected in another now and then.
    const [few, many] = [least(await run(FEW), await run(FEW)), least(await run(MANY), await run(MANY))];
    expectLinear([few, many]);
  }, 120_000);
});

/** Microseconds of the processor for each entry, by what was done. */
type Times = Record<string, number>;

async function listed(length: number): Promise<Times> {
  const store = new MemoryStore();
  const names = numbered(length);
  for (const name of names) store.root.createFile(name);
  const guest = await Guest.mount(new ShareFileSystem(store), stillTimers);
  const times = new Stopwatch(length);
  expect((await times.take("names", () => guest.list(""))).toSorted()).toEqual(names);
  const entries = await times.take("attributes", () => guest.listPlus(""));
  expect(entries.map(({ name }) => name).toSorted()).toEqual(names);
  expect(new Set(entries.map(({ ino }) => ino)).size).toBe(length);
  return times.taken;
}

async function used(store: Store, length: number): Promise<Times> {
  const records = await Records.open(new MemoryRecordLog());
  const share = new ShareFileSystem(store, { records });
  const guest = await Guest.mount(share, stillTimers);
  const { kernel } = guest;
  const names = numbered(length);
  const times = new Stopwatch(length);
  const directory = await guest.mkdir("d");
  await times.take("make", async () => {
    for (const name of names) await guest.close(await made(name));
    await share.save();
  });
  await times.take("rename", async () => {
    for (const name of names) await kernel.rename(directory, name, directory, `${name}-renamed`);
    await share.save();
  });
  await times.take("remove", async () => {
    for (const name of names) await kernel.unlink(directory, `${name}-renamed`);
    await share.save();
  });
  await times.take("forget what was removed", async () =>
    forget([...kernel.lookups.keys()].filter((node) => node !== directory)),
  );
  for (const name of names) await guest.close(await made(name));
  await share.save();
  await times.take("forget, the directory first", async () => forget(kernel.lookups.keys()));
  await guest.listPlus("d");
  await times.take("forget, the last first", async () => {
    const nodes = [...kernel.lookups.keys()];
    forget([nodes.shift()!, ...nodes.toReversed()]);
    await share.save();
  });
  await guest.listPlus("d");
  await times.take("unmount", async () => kernel.destroy());
  expect(guest.bugs).toEqual([]);
  return times.taken;

  async function made(name: string) {
    const { entry, open } = await kernel.create(directory, name, 0o102);
    return { node: entry.nodeid, fh: open.fh };
  }

  function forget(nodes: Iterable<number>): void {
    for (const node of nodes) kernel.forget(node);
  }
}

class Stopwatch {
  readonly taken: Times = {};

  constructor(private readonly entries: number) {}

  async take<T>(what: string, run: () => Promise<T>): Promise<T> {
    const start = process.cpuUsage();
    const result = await run();
    const { user, system } = process.cpuUsage(start);
    this.taken[what] = (user + system) / this.entries;
    return result;
  }
}

function least(a: Times, b: Times): Times {
  return Object.fromEntries(Object.entries(a).map(([what, time]) => [what, Math.min(time, b[what]!)]));
}

function expectLinear(times: readonly Times[]): void {
  const first = times[0]!;
  const tooLong = times.flatMap((later) =>
    Object.entries(later)
      // Below a microsecond the clock's own grain shows.
      .filter(([what, time]) => time > AT_MOST * Math.max(first[what]!, 1))
      .map(([what, time]) => `${what}: ${time.toFixed(1)} µs an entry, not ${first[what]!.toFixed(1)}`),
  );
  expect(tooLong).toEqual([]);
}

function numbered(length: number): string[] {
  return Array.from({ length }, (_, i) => `file-${String(i).padStart(6, "0")}`);
}
