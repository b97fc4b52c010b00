import { describe, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { OverlayStore } from "../storage/overlay/overlay-store.js";
import { cases, casesWithRecords, type Ground, runCase } from "./testing/conformance.js";
import { stillTimers } from "./testing/still-timers.js";

/** An empty folder that stays so: all that the guest does is kept beside it. */
function overlay(): Ground {
  let milliseconds = 1_750_000_000_000;
  const now = (): number => milliseconds;
  const lower = new MemoryStore({}, { readOnly: true, exclusive: false });
  const contents = new MemoryStore({}, { now, capacity: 2 ** 33 });
  const log = new MemoryRecordLog();
  return {
    records: new MemoryRecordLog(),
    open: () => OverlayStore.open({ lower, contents, log }),
    options: { now, openFiles: 16 },
    elapse: async (duration) => {
      // What was begun ends meanwhile.
      for (let turns = 0; turns < 2000; turns++) await Promise.resolve();
      milliseconds += duration;
    },
  };
}

describe("overlay", () => {
  test.each([...cases, ...casesWithRecords])("$name", ({ run }) => runCase(overlay, stillTimers, run));
});
