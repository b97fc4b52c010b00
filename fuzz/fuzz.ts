// npm run fuzz -- [--seconds N] [--seed N] [--only NAME] [--steps N] [--cases N]: throws random rings and requests at the device
// and its server until time is up. What it finds is shrunk to a shorter run, and printed with what repeats it.
import { parseArgs } from "node:util";
import { Random } from "../src/fs/testing/random.js";
import { type Storm, storms } from "./storms.js";

const REPORT_EVERY = 10_000;

const { values } = parseArgs({
  // After `node`, run-typescript.mjs and this file.
  args: process.argv.slice(3),
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    steps: { type: "string", default: "500" },
    cases: { type: "string", default: "Infinity" },
  },
});
const firstSeed = Number(values.seed);
const steps = Number(values.steps);
const all = Object.entries(await storms()).filter(([name]) => name.includes(values.only));
if (all.length === 0) throw new Error(`no storm of the name ${values.only}`);

const rejections: unknown[] = [];
process.on("unhandledRejection", (error) => rejections.push(error));

const start = Date.now();
const end = start + Number(values.seconds) * 1000;
let reported = start;
let index = 0;
let found = 0;
for (; index < Number(values.cases) && Date.now() < end; index++) {
  const seed = firstSeed + index;
  for (const [name, make] of all) found += Number(await fails(name, make, seed));
  if (Date.now() - reported > REPORT_EVERY) {
    reported = Date.now();
    const megabytes = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
    console.log(`${Math.round((reported - start) / 1000)} s: seed ${seed}, ${found} found, heap ${megabytes} MiB`);
  }
}
console.log(
  `${index} cases of ${steps} steps for each of ${all.length} storms from seed ${firstSeed} on: ${found} found`,
);
process.exitCode = found === 0 ? 0 : 1;

async function fails(name: string, make: (random: Random) => Storm, seed: number): Promise<boolean> {
  const failure = await run(make, seed, steps);
  if (failure === undefined) return false;
  const shortest = await shorten(make, seed, failure);
  console.error(`${name}: ${shortest.after} steps of seed ${seed}`);
  console.error(`  npm run fuzz -- --only "${name}" --seed ${seed} --steps ${shortest.after} --cases 1`);
  console.error(shortest.error);
  return true;
}

interface Failure {
  /** Steps that were done. */
  readonly after: number;
  readonly error: unknown;
}

async function run(make: (random: Random) => Storm, seed: number, limit: number): Promise<Failure | undefined> {
  rejections.length = 0;
  let after = 0;
  try {
    const storm = make(new Random(seed));
    for (; after < limit && rejections.length === 0; after++) await storm.step();
    await storm.end();
    await new Promise((resolve) => setImmediate(resolve)); // for rejections that nobody handled
    if (rejections.length > 0) throw new Error("a rejection that nobody handled", { cause: rejections[0] });
    return undefined;
  } catch (error) {
    return { after: Math.min(after + 1, limit), error };
  }
}

/** Looks for a shorter run that fails too: what a later step finds may have happened long before. */
async function shorten(make: (random: Random) => Storm, seed: number, failure: Failure): Promise<Failure> {
  let shortest = failure;
  let fine = 0;
  while (fine + 1 < shortest.after) {
    const middle = Math.floor((fine + shortest.after) / 2);
    const shorter = await run(make, seed, middle);
    if (shorter === undefined) fine = middle;
    else shortest = shorter;
  }
  return shortest;
}
