import { cases, casesWithOutside, casesWithRecords, runCase } from "../../src/fs/testing/conformance.js";
import type { RecordLog, Store } from "../../src/storage/store.js";

/** What the test does on the disk, behind the store's back. */
export interface DiskSide {
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
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

/** A directory of OPFS and changes beside a folder have records, a picked folder an outside. */
const casesOf = {
  opfs: [...cases, ...casesWithRecords],
  overlay: [...cases, ...casesWithRecords],
  picked: [...cases, ...casesWithOutside],
};

export function shareCaseNames(kind: keyof typeof casesOf): string[] {
  return casesOf[kind].map(({ name }) => name);
}

/** Runs one case of the file system's conformance suite over the stores that `open` makes of one tree. */
export async function runShareCase(
  kind: keyof typeof casesOf,
  name: string,
  open: () => Promise<Store>,
  beside: { readonly outside?: DiskSide | undefined; readonly records?: RecordLog | undefined },
): Promise<void> {
  const { outside, records } = beside;
  await runCase(
    () => ({ open, ...(outside && { outside }), ...(records && { records }) }),
    timers,
    (world) => casesOf[kind].find((one) => one.name === name)!.run(world),
  );
}
