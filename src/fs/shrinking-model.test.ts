import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { checkShare } from "./check-share.js";
import { openRecords } from "./open-records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Actor } from "./testing/actor.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

/** `MODEL_RUNS=10000 npx vitest run src/fs/shrinking-model.test.ts` runs for longer. */
const numRuns = Number(process.env["MODEL_RUNS"] ?? 60);
const limits = { openFiles: 3, waitingBytes: 16 * 1024 };

/** Choices that fast-check makes, and takes away to find the shortest row of them that fails. */
class Choices extends Random {
  #at = 0;

  constructor(private readonly numbers: readonly number[]) {
    super(0);
  }

  get areOver(): boolean {
    return this.#at >= this.numbers.length;
  }

  override next(): number {
    return (this.numbers[this.#at++] ?? 0) / 2 ** 32;
  }

  /** One choice for all of them. */
  override bytes(length: number): Uint8Array {
    return new Random(this.below(2 ** 31)).bytes(length);
  }
}

/** An operation takes about eight. */
const choices = fc.array(fc.nat(2 ** 32 - 1), { minLength: 40, maxLength: 3000, size: "max" });

test.each([
  ["a memory store", (memory: MemoryStore): Store => memory],
  ["a slow store", (memory: MemoryStore): Store => new SlowStore(memory, { random: new Random(1), slowContent: true })],
])("over %s, no row of operations leads elsewhere than in the model", async (_name, wrap) => {
  const run = async (numbers: readonly number[]): Promise<void> => {
    const memory = new MemoryStore();
    const store = wrap(memory);
    const log = new MemoryRecordLog();
    // Nothing ends what is held back but those who need it.
    const options = { ...limits, timers: stillTimers, records: await openRecords(log, store) };
    const fileSystem = new ShareFileSystem(store, options);
    const guest = await Guest.mount(fileSystem, stillTimers);
    await guest.mkdir("root");
    const random = new Choices(numbers);
    const actor = new Actor(guest, "root", random);
    while (!random.areOver) await actor.act();
    await actor.closeAll();
    await fileSystem[Symbol.asyncDispose]();
    expect(guest.bugs).toEqual([]);
    const records = await openRecords(log, memory);
    expect(await checkShare(records, memory)).toEqual([]);
    const again = await Guest.mount(new ShareFileSystem(memory, { records }), stillTimers);
    expect(await again.tree("root")).toEqual(actor.tree());
    await actor.checkAll(again);
  };
  await fc.assert(fc.asyncProperty(choices, run), { numRuns, seed: Number(process.env["MODEL_SEED"] ?? 1) });
});
