import { describe, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { checkShare } from "./check-share.js";
import { openRecords } from "./open-records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Actor } from "./testing/actor.js";
import { Guest } from "./testing/guest.js";
import { stillTimers } from "./testing/still-timers.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";

const STEPS = 400;
const ACTORS = ["x", "y", "z"];
const SEEDS = Array.from(
  { length: Number(process.env["MODEL_SEEDS"] ?? 6) },
  (_, i) => Number(process.env["MODEL_SEED"] ?? 1) + i,
);

/** Few open files and little memory, so that both run out. */
const limits = { openFiles: 3, waitingBytes: 16 * 1024 };

/** A clock that moves by so many milliseconds each time it is looked at. */
function clock(step: number): () => number {
  let now = 1_750_000_000_000;
  return () => (now += step);
}

describe.each(SEEDS)("seed %i", (seed) => {
  /** Of what nobody waits for, every other guest's is held back until someone does. */
  const held = seed % 2 === 0 ? { timers: stillTimers } : {};

  test.each([
    { exclusive: true, slowContent: false },
    { exclusive: true, slowContent: true },
    { exclusive: false, slowContent: false },
    { exclusive: false, slowContent: true },
  ])("the guest sees what the model says, and the store gets it: %o", async ({ exclusive, slowContent }) => {
    // What was read gets old, and is asked for again, all the time.
    const now = clock(5);
    const memory = new MemoryStore({}, { exclusive, now });
    const store = new SlowStore(memory, { random: new Random(seed), slowContent, holes: slowContent });
    const log = new MemoryRecordLog();
    const fileSystem = new ShareFileSystem(store, { ...limits, ...held, now, records: await openRecords(log, store) });
    const guest = await Guest.mount(fileSystem, stillTimers);
    const actors = await makeActors(guest, seed);
    // Side by side, as processes of the guest are.
    await Promise.all(actors.map((actor) => actAndClose(actor)));
    await guest.kernel.syncfs(1);
    expect(await guest.tree()).toEqual(treeOfActors(actors));
    expect(guest.bugs).toEqual([]);
    expect(fileSystem.unsavedFiles()).toBe(0);
    await fileSystem[Symbol.asyncDispose]();
    await expectKept(memory, log, actors);
  });

  test.each([{ exclusive: true }, { exclusive: false }])(
    "a store that fails now and then: %o",
    async ({ exclusive }) => {
      const now = clock(0);
      const memory = new MemoryStore({}, { exclusive, now });
      const random = new Random(seed);
      let failing = false;
      const before = ({ operation }: { operation: string }): void => {
        const mayFail = failing && operation !== "closeFile" && operation !== "detach";
        if (mayFail && random.below(12) === 0) throw new FsError(random.pick([Errno.EIO, Errno.ENOSPC, Errno.EACCES]));
      };
      const store = new SlowStore(memory, { random: new Random(seed), slowContent: false, before });
      const log = new MemoryRecordLog();
      const fileSystem = new ShareFileSystem(store, {
        ...limits,
        ...held,
        now,
        records: await openRecords(log, store),
      });
      const guest = await Guest.mount(fileSystem, stillTimers);
      const actors = await makeActors(guest, seed, () => true);
      failing = true;
      for (let step = 0; step < STEPS; step++) for (const actor of actors) await actor.act();
      failing = false;
      for (const actor of actors) await actor.closeAll().catch(() => {});
      await fileSystem.save();
      expect(guest.bugs).toEqual([]);
      await fileSystem[Symbol.asyncDispose]();
      await expectKept(memory, log, actors);
    },
  );
});

/** Whoever opens the store next finds what the actors left. */
async function expectKept(memory: MemoryStore, log: MemoryRecordLog, actors: readonly Actor[]): Promise<void> {
  const records = await openRecords(log, memory);
  expect(await checkShare(records, memory)).toEqual([]);
  const guest = await Guest.mount(new ShareFileSystem(memory, { records }), stillTimers);
  expect(await guest.tree()).toEqual(treeOfActors(actors));
  for (const actor of actors) await actor.checkAll(guest);
}

async function makeActors(guest: Guest, seed: number, mayFail?: () => boolean): Promise<Actor[]> {
  const actors: Actor[] = [];
  for (const [i, root] of ACTORS.entries()) {
    await guest.mkdir(root);
    actors.push(new Actor(guest, root, new Random(seed * 10 + i), mayFail));
  }
  return actors;
}

async function actAndClose(actor: Actor): Promise<void> {
  for (let step = 0; step < STEPS; step++) await actor.act();
  await actor.closeAll();
}

function treeOfActors(actors: readonly Actor[]): Record<string, unknown> {
  return Object.fromEntries(ACTORS.map((root, i) => [root, actors[i]!.tree()]));
}
