import type { Timers } from "../../posix/timers.js";
import type { Awaitable } from "../../posix/awaitable.js";
import type { RecordLog, Store } from "../../storage/store.js";
import type { ShareFileSystemOptions } from "../share.js";
import { ShareFileSystem } from "../share-file-system.js";
import { attributeCases } from "./attribute-cases.js";
import { contentCases } from "./content-cases.js";
import { directoryCases } from "./directory-cases.js";
import { Guest } from "./guest.js";
import { linkCases } from "./link-cases.js";
import { nameCases } from "./name-cases.js";
import { openFileCases } from "./open-file-cases.js";
import { openRecords } from "../open-records.js";
import { outsideCases } from "./outside-cases.js";
import { rangeCases } from "./range-cases.js";
import { recordCases } from "./record-cases.js";
import { savingCases } from "./saving-cases.js";

/** One rule that a share over any store keeps. */
export interface ConformanceCase {
  readonly name: string;
  run(world: World): Promise<void>;
}

/** What a case plays with: a guest that has mounted an empty share. */
export interface World {
  readonly guest: Guest;
  readonly fileSystem: ShareFileSystem;
  /** The other side of the store. Only cases of `outsideCases` need it. */
  readonly outside: Outside | undefined;
  /** Unmounts, and mounts a second file system over the same tree. */
  reload(): Promise<Guest>;
  /** Lets that many milliseconds pass. */
  elapse(milliseconds: number): Promise<void>;
}

/** Whoever else has the tree: for a picked folder, the person with an editor. Paths are from the root of the share. */
export interface Outside {
  write(path: string, text: string): Awaitable<void>;
  append(path: string, text: string): Awaitable<void>;
  read(path: string): Awaitable<string>;
  list(path: string): Awaitable<string[]>;
  makeDirectory(path: string): Awaitable<void>;
  remove(path: string): Awaitable<void>;
}

/** An empty tree of a kind of store, for one case. */
export interface Ground {
  /** A store over the tree; called again after the one before was closed. */
  open(): Awaitable<Store>;
  readonly outside?: Outside;
  /** Where attributes are kept that the store cannot hold. */
  readonly records?: RecordLog;
  /** Missing: time passes by the timers. */
  elapse?(milliseconds: number): Awaitable<void>;
  readonly options?: ShareFileSystemOptions;
  dispose?(): Awaitable<void>;
}

/** Rules of every store. */
export const cases: readonly ConformanceCase[] = [
  ...contentCases,
  ...nameCases,
  ...directoryCases,
  ...attributeCases,
  ...openFileCases,
  ...savingCases,
  ...rangeCases,
];

/** Rules of stores that others change too. */
export const casesWithOutside: readonly ConformanceCase[] = outsideCases;

/** Rules of shares with attribute records. */
export const casesWithRecords: readonly ConformanceCase[] = [...recordCases, ...linkCases];

/** Runs one case; rejects when it fails. */
export async function runCase(
  makeGround: () => Awaitable<Ground>,
  timers: Timers,
  run: (world: World) => Promise<void>,
): Promise<void> {
  const ground = await makeGround();
  const guests: Guest[] = [];
  const open = async (): Promise<ShareFileSystem> => {
    const store = await ground.open();
    const records = ground.records && { records: await openRecords(ground.records, store) };
    return new ShareFileSystem(store, { ...ground.options, ...records });
  };
  let fileSystem = await open();
  const mount = async (): Promise<Guest> => {
    const guest = await Guest.mount(fileSystem, timers);
    guests.push(guest);
    return guest;
  };
  const guest = await mount();
  try {
    await run({
      guest,
      fileSystem,
      outside: ground.outside,
      async reload() {
        await guests.at(-1)!.kernel.destroy();
        await fileSystem[Symbol.asyncDispose]();
        fileSystem = await open();
        return mount();
      },
      async elapse(milliseconds) {
        if (ground.elapse !== undefined) await ground.elapse(milliseconds);
        else await new Promise<void>((resolve) => timers.setTimeout(resolve, milliseconds));
      },
    });
    await fileSystem[Symbol.asyncDispose]();
  } finally {
    await ground.dispose?.();
  }
  for (const { bugs } of guests) if (bugs.length > 0) throw bugs[0];
}
