import { setTimeout as after } from "node:timers/promises";
import { expect } from "playwright/test";
import { Random } from "../../src/fs/testing/random.js";
import { Deferred } from "../../src/machine/deferred.js";
import { type Found, explain } from "../../src/machine/testing/crash/admissible.js";
import { Tree } from "../../src/machine/testing/crash/tree.js";
import { Workload } from "../../src/machine/testing/crash/workload.js";
import { type Death, type MortalBrowser, test } from "./fixtures.js";

// src/machine/killed-tab.test.ts does the same over a double of OPFS: what this finds is likely to be found there, and again.

const SHARE = "crash";
const KILLS = Number(process.env["CRASH_KILLS"] ?? 50);
const SEED = Number(process.env["CRASH_SEED"] ?? 1);

interface Life {
  readonly guest: "machine" | "double";
  readonly death: Death;
}

/** The lives of one share, each from where the one before was cut off. A machine takes seconds to start, and a double none. */
function livesOf(seed: number): readonly Life[] {
  return [
    { guest: "double", death: "kill" },
    { guest: "double", death: "crash" },
    { guest: seed % 2 === 1 ? "machine" : "double", death: "kill" },
    { guest: "double", death: "kill the browser" },
    { guest: "double", death: "kill" },
  ];
}
const LIVES = 5;
/** A life ends so many syncs after its beginning, and then at most so many milliseconds later. */
const SYNCS = 6;
const MILLISECONDS = { machine: 200, double: 60 };
/** Or it ends instead of a change of OPFS, of so many at most; a recovery that is cut off does. */
const CHANGES = 400;
const RECOVERY_CHANGES = 30;

for (let from = 0; from < KILLS; from += LIVES) {
  const seed = SEED + from / LIVES;
  test(`what was synced is there, and all is as the guest made it, whenever the tab dies: seed ${seed}`, async ({
    mortal,
  }) => {
    const random = new Random(seed);
    const workload = new Workload(new Random(-seed), seed % 4 < 2 ? "wide" : "dense");
    let tree = new Tree();
    for (const [index, life] of livesOf(seed)
      .slice(0, KILLS - from)
      .entries()) {
      await test.step(`life ${index}: ${life.guest}, ${life.death}`, async () => {
        workload.restart(tree);
        const durable = await live(mortal, workload, random, life);
        if (random.below(4) === 0) await cutOffRecovery(mortal, random);
        const { problems, found } = await check(mortal);
        expect(problems).toEqual([]);
        const explained = explain(tree, workload.steps, durable, found);
        if (typeof explained === "string") throw new Error(explained);
        tree = explained;
      });
    }
  });
}

/** Gives the number of steps that the last sync that the page heard of has brought to the store. */
async function live(
  mortal: MortalBrowser,
  workload: Workload,
  random: Random,
  { guest, death }: Life,
): Promise<number> {
  let durable = 0;
  let left = 1 + random.below(SYNCS);
  let isOver = false;
  const [due, stopped] = [new Deferred<void>(), new Deferred<void>()];
  const failed = (error: Error): void => [due, stopped].forEach(({ reject }) => reject(error));
  const give = async (): Promise<void> => {
    if (!isOver) await page.evaluate((commands) => player(commands), workload.next(guest === "double"));
  };
  const { page, kill } = await mortal.open({
    failed: (why: string) => failed(new Error(why)),
    stopped: () => stopped.resolve(),
    synced: (step: number) => {
      durable = step;
      if (--left === 0) due.resolve();
      give().catch(failed);
    },
  });
  await page.evaluate(
    async ([guest, share, seed]) => {
      globalThis.player = await guests[guest](share, seed);
    },
    [guest, SHARE, random.below(1000)] as const,
  );
  const isStopped = guest === "double" && random.below(4) > 0;
  if (isStopped) await page.evaluate((change) => stopAt(change), 1 + random.below(CHANGES));
  // One is played while the next is on its way.
  await Promise.all([give(), give()]);
  if (isStopped) await stopped.promise;
  else {
    await due.promise;
    await after(random.below(MILLISECONDS[guest])); // dies at any moment
  }
  await kill(death);
  isOver = true;
  return durable;
}

/** The next visit is as short. */
async function cutOffRecovery(mortal: MortalBrowser, random: Random): Promise<void> {
  const stopped = new Deferred<void>();
  const { page, kill } = await mortal.open({ stopped: () => stopped.resolve() });
  await page.evaluate((change) => stopAt(change), 1 + random.below(RECOVERY_CHANGES));
  const recovered = page.evaluate((share) => crashLab.recover(share), SHARE);
  await Promise.race([stopped.promise, recovered]);
  await kill("kill");
}

/** What somebody finds who comes later. */
async function check(mortal: MortalBrowser): Promise<{ problems: string[]; found: Found }> {
  const { page } = await mortal.open();
  const result = await page.evaluate((share) => crashLab.check(share), SHARE);
  await page.close();
  return result;
}
