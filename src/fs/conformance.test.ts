import { describe, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { cases, casesWithOutside, casesWithRecords, type Ground, runCase } from "./testing/conformance.js";
import { outsideOf } from "./testing/memory-outside.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

/** Ground of memory stores with a clock of its own. */
function memory(exclusive: boolean, wrap: (store: MemoryStore) => Store = (store) => store): () => Ground {
  return () => {
    let milliseconds = 1_750_000_000_000;
    const now = (): number => milliseconds;
    const store = new MemoryStore({}, { exclusive, now, capacity: 2 ** 33 });
    return {
      records: new MemoryRecordLog(),
      open: () => wrap(store),
      outside: outsideOf(store),
      options: { now, openFiles: 16 },
      elapse: async (duration) => {
        // What was begun ends meanwhile.
        for (let turns = 0; turns < 2000; turns++) await Promise.resolve();
        milliseconds += duration;
      },
    };
  };
}

/** One whose content answers at once is like OPFS: it knows no holes. */
const slowly = (seed: number, slowContent: boolean) => (store: MemoryStore) =>
  new SlowStore(store, { random: new Random(seed), slowContent, holes: slowContent });

describe.each([
  ["memory", memory(true)],
  ["memory, shared", memory(false)],
  ["slow names", memory(true, slowly(1, false))],
  ["slow names, shared", memory(false, slowly(2, false))],
  ["slow", memory(true, slowly(3, true))],
  ["slow, shared", memory(false, slowly(4, true))],
])("%s", (_name, ground) => {
  test.each([...cases, ...casesWithRecords])("$name", ({ run }) => runCase(ground, stillTimers, run));
});

describe.each([
  ["memory", memory(false)],
  ["slow names", memory(false, slowly(5, false))],
  ["slow", memory(false, slowly(6, true))],
])("%s, changed outside", (_name, ground) => {
  test.each(casesWithOutside)("$name", ({ run }) => runCase(ground, stillTimers, run));
});
