import { beforeAll, test } from "vitest";
import { Random } from "../fs/testing/random.js";
import { HostileDriver } from "../virtio/testing/hostile-driver.js";
import { type SeedRequest, seedRequests } from "./testing/corpus.js";
import { FsTarget } from "./testing/fs-target.js";

const CASES = 40;
const STEPS = 300;

let seeds: SeedRequest[];

beforeAll(async () => {
  seeds = await seedRequests();
});

test.each(Array.from({ length: CASES }, (_, seed) => seed))("a hostile driver and all of it, seed %i", async (seed) => {
  const random = new Random(seed);
  const hostile = new HostileDriver(new FsTarget(random, seeds), random);
  for (let step = 0; step < STEPS; step++) await hostile.step();
  await hostile.end();
});
