import { beforeAll, describe, test } from "vitest";
import { ShareFileSystem } from "../fs/share-file-system.js";
import { Random } from "../fs/testing/random.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { type SeedRequest, seedRequests } from "./testing/corpus.js";
import { MoodyFileSystem } from "./testing/moody-file-system.js";
import { RequestStorm } from "./testing/request-storm.js";

const CASES = 12;
const STEPS = 2000;
const TREE = { "hello.txt": "hello, guest\n", directory: { deep: "x" } };

let seeds: SeedRequest[];

beforeAll(async () => {
  seeds = await seedRequests();
});

describe.each(Array.from({ length: CASES }, (_, seed) => seed))("mutated requests, seed %i", (seed) => {
  test("to a file system of moods", async () => {
    const random = new Random(seed);
    const moody = new MoodyFileSystem(random);
    await weather(new RequestStorm(moody, random, seeds, moody, seed % 4 === 3));
  });

  test("to a share", async () => {
    const random = new Random(seed);
    const share = new ShareFileSystem(new MemoryStore(TREE, { exclusive: seed % 2 === 0 }));
    await weather(new RequestStorm(share, random, seeds, {}, seed % 4 === 3));
  });
});

async function weather(storm: RequestStorm): Promise<void> {
  for (let step = 0; step < STEPS; step++) await storm.step();
  await storm.end();
}
