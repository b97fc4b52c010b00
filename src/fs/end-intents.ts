import type { Awaitable } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Store, StoreDirectory } from "../storage/store.js";
import { failureOf } from "./failure.js";
import { mergeDirectory } from "./merge-directory.js";
import { isSpecial } from "./node-records.js";
import type { TellProblem } from "./open-records.js";
import { TEMPORARY } from "./places.js";
import { type Intent, PARKING_RECORD, type Records, ROOT_RECORD, type Step } from "./records.js";

/**
 * Before a share is used again: ends what a killed tab had begun, and empties the parking directory. Each step that is said to
 * be done is; of the first that is not, the store shows whether it was made. Other changes commute with it, or came before.
 */
export async function endIntents(records: Records, store: Store, tell: TellProblem): Promise<void> {
  for (const { id } of records.intents) {
    for (let intent = find(records, id); intent !== undefined; intent = find(records, id)) {
      try {
        await redo(records, store, intent);
      } catch (error) {
        const [[, name]] = intent.steps[0]!;
        tell(`A rename of ${name} that was cut off could not be ended: ${failureOf(error).message}.`);
        records.end(intent);
      }
    }
  }
  if (store.parking !== undefined) await emptyParking(records, store, store.parking);
}

/** The store's directory that records know by that number. Undefined: it is gone. */
export async function storeDirectory(records: Records, store: Store, id: number): Promise<StoreDirectory | undefined> {
  if (id === ROOT_RECORD) return store.root;
  if (id === PARKING_RECORD) return store.parking;
  const place = records.placeOf(id);
  const parent = place && (await storeDirectory(records, store, place[0]));
  const entry = place && (await parent?.get(place[1]));
  return entry?.kind === "directory" ? entry.directory : undefined;
}

async function redo(records: Records, store: Store, intent: Intent): Promise<void> {
  const [from, to]: Step = intent.steps[0]!;
  const source = await storeDirectory(records, store, from[0]);
  const target = await storeDirectory(records, store, to[0]);
  const record = records.get(...from);
  if (record !== undefined && (isSpecial(record) || record.link !== undefined)) {
    // The store has only what this name replaces.
    if ((await target?.get(to[1])) !== undefined) {
      if (!store.exclusive) throw tellsBoth(to[1]);
      await target?.remove(to[1]);
    }
  } else if (source !== undefined && target !== undefined) {
    if (!store.exclusive) await checkFree(source, from[1], target, to[1]);
    await mergeDirectory(source, from[1], target, to[1]);
  }
  records.move(from, to, intent);
}

/**
 * Where others make files too, one that has the new name may be theirs, as may be one that has the old name: neither replaces the
 * other. What is below two directories of the names is looked at before anything is moved.
 */
async function checkFree(source: StoreDirectory, name: string, target: StoreDirectory, newName: string): Promise<void> {
  const from = await source.get(name);
  const to = from && (await target.get(newName));
  if (from === undefined || to === undefined) return;
  if (from.kind !== "directory" || to.kind !== "directory") throw tellsBoth(newName);
  for (const entry of await from.directory.list()) {
    await checkFree(from.directory, entry.name, to.directory, entry.name);
  }
}

function tellsBoth(name: string): FsError {
  return new FsError(Errno.EEXIST, `${name} is there, and may be another one: both are as they were`);
}

/** Files without a name went with their guest. What else is there is content of the visitor's: it gets a name. */
async function emptyParking(records: Records, store: Store, parking: StoreDirectory): Promise<void> {
  for (const { name } of await parking.list()) {
    if (name.startsWith(TEMPORARY)) await parking.remove(name);
    else await parking.rename(name, store.root, await freeName(store.root, `recovered-${name}`));
  }
  for (const name of records.in(PARKING_RECORD).keys()) records.delete(PARKING_RECORD, name);
}

async function freeName(directory: StoreDirectory, name: string): Promise<string> {
  const get = (candidate: string): Awaitable<unknown> => directory.get(candidate);
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if ((await get(candidate)) === undefined) return candidate;
  }
}

function find(records: Records, id: number): Intent | undefined {
  return records.intents.find((intent) => intent.id === id);
}
