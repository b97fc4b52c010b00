import { describe, expect, test } from "vitest";
import { Random } from "../fs/testing/random.js";
import { HostileDriver, type Target } from "./testing/hostile-driver.js";
import { RingAccounts } from "./testing/ring-accounts.js";
import { ConsoleTarget, PlainTarget } from "./testing/targets.js";

const CASES = 60;
const STEPS = 200;

const targets: Record<string, (random: Random) => Target> = {
  "a plain device": (random) => new PlainTarget(random),
  "the console": (random) => new ConsoleTarget(random),
};

describe.each(Object.keys(targets))("a hostile driver and %s", (name) => {
  test.each(Array.from({ length: CASES }, (_, seed) => seed))("seed %i", async (seed) => {
    const random = new Random(seed);
    const hostile = new HostileDriver(targets[name]!(random), random);
    for (let step = 0; step < STEPS; step++) await hostile.step();
    await hostile.end();
  });
});

test("every chain is used once, or the device says that it needs a reset", () => {
  const outcomes = { used: 0, broken: 0 };
  for (let seed = 0; seed < CASES * 3; seed++) {
    const accounts = new RingAccounts(new Random(seed));
    for (let step = 0; step < STEPS; step++) accounts.step();
    accounts.end();
    outcomes.used += accounts.used;
    outcomes.broken += accounts.broken;
  }
  // Both happen often, or this test tests nothing.
  expect(outcomes.used).toBeGreaterThan(CASES * 20);
  expect(outcomes.broken).toBeGreaterThan(CASES);
});
