import { cases, casesWithOutside, runCase } from "../../src/fs/testing/conformance.js";
import type { Store } from "../../src/storage/store.js";

/** What the test does on the disk, behind the store's back. */
export interface DiskSide {
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  list(path: string): Promise<string[]>;
  makeDirectory(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

const timers = {
  now: () => performance.now(),
  setTimeout: (run: () => void, milliseconds: number) => setTimeout(run, milliseconds),
  clearTimeout: (timer: unknown) => clearTimeout(timer as number),
};

export function shareCaseNames(withOutside: boolean): string[] {
  return [...cases, ...(withOutside ? casesWithOutside : [])].map(({ name }) => name);
}

/** Runs one case of the file system's conformance suite over the stores that `open` makes of one tree. */
export async function runShareCase(name: string, open: () => Promise<Store>, outside?: DiskSide): Promise<void> {
  const found = [...cases, ...casesWithOutside].find((one) => one.name === name)!;
  await runCase(
    () => ({ open, ...(outside === undefined ? {} : { outside }) }),
    timers,
    (world) => found.run(world),
  );
}
