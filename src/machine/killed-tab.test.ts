import { afterEach, expect, test, vi } from "vitest";
import { Random } from "../fs/testing/random.js";
import { OpfsDouble, type TabDouble } from "../storage/opfs/testing/opfs-double.js";
import { type Found, explain } from "./testing/crash/admissible.js";
import { CrashGuest, checkCrashed, recover } from "./testing/crash/crash-guest.js";
import { Tree } from "./testing/crash/tree.js";
import { Workload } from "./testing/crash/workload.js";

// As e2e/crash does it with Chromium and its tabs, over a double of OPFS: more lives in a second, and each one the same again.

const SHARE = "crash";
const FROM = Number(process.env["HUNT_FROM"] ?? 1);
const SEEDS = Array.from({ length: Number(process.env["HUNT_SEEDS"] ?? 8) }, (_, index) => FROM + index);
const LIVES = 10;
/** A tab dies after so many changes of OPFS at most. */
const CHANGES = { wide: 400, dense: 150 };
/** A recovery that is cut off dies after so many. */
const RECOVERY_CHANGES = 30;
/** Where the store is at work for a millisecond, this many calls end. */
const CALLS_IN_A_MILLISECOND = 3;

afterEach(() => void vi.unstubAllGlobals());

test.each(SEEDS)(
  "what was synced is there, and all is as the guest made it, whenever the tab dies: seed %i",
  async (seed) => {
    const random = new Random(seed);
    const manner = seed % 2 === 0 ? "wide" : "dense";
    const workload = new Workload(new Random(-seed), manner);
    const opfs = new OpfsDouble(1_750_000_000_000);
    let tree = new Tree();
    for (let life = 0; life < LIVES; life++) {
      workload.restart(tree);
      const durable = await live(opfs, workload, random, CHANGES[manner]);
      if (random.below(4) === 0) await cutOffRecovery(opfs, random);
      const { problems, found } = await check(opfs, random);
      expect(problems, `life ${life}`).toEqual([]);
      const explained = explain(tree, workload.steps, durable, found);
      if (typeof explained === "string") expect.fail(`life ${life}\n${explained}`);
      tree = explained;
    }
  },
);

/** Gives the number of steps that the last sync has brought to the store. */
async function live(opfs: OpfsDouble, workload: Workload, random: Random, changes: number): Promise<number> {
  const tab = open(opfs, random);
  const guest = await CrashGuest.mount(SHARE, new Random(random.below(1000)), aliveIn(tab));
  tab.dieAfter(1 + random.below(changes));
  let durable = 0;
  const synced = (step: number): void => void (durable = step);
  const playing = async (): Promise<void> => {
    while (!tab.isDead) await guest.play(workload.next(true), synced);
  };
  const played = playing().catch((error: unknown) => {
    if (!tab.isDead) throw error; // else it is the death that it failed of
    return tab.death;
  });
  await Promise.race([tab.death, played]);
  return durable;
}

/** The next visit is as short. */
async function cutOffRecovery(opfs: OpfsDouble, random: Random): Promise<void> {
  const tab = open(opfs, random);
  tab.dieAfter(random.below(RECOVERY_CHANGES));
  await Promise.race([
    tab.death,
    recover(SHARE).catch((error: unknown) => {
      if (!tab.isDead) throw error;
    }),
  ]);
}

/** What somebody finds who comes later. */
function check(opfs: OpfsDouble, random: Random): Promise<{ problems: string[]; found: Found }> {
  return checkCrashed(SHARE, aliveIn(open(opfs, random)));
}

function open(opfs: OpfsDouble, random: Random): TabDouble {
  const order = new Random(random.below(2 ** 30));
  const tab = opfs.open({ pick: (count) => order.below(count) });
  vi.stubGlobal("navigator", tab);
  return tab;
}

function aliveIn(tab: TabDouble) {
  return { pause: (length: number) => tab.pass(1 + CALLS_IN_A_MILLISECOND * length), now: () => tab.opfs.now() };
}
