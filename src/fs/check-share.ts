import type { Store } from "../storage/store.js";
import { storeDirectory } from "./end-intents.js";
import { isSpecial } from "./node-records.js";
import { type Records } from "./records.js";

/**
 * What fsck is to a disk: whether the store, the records and the intents of a share that nobody uses agree. Returns what does
 * not, in words. A record of a file that was removed outside is no such thing: it goes when its directory is listed.
 */
export async function checkShare(records: Records, store: Store): Promise<string[]> {
  const problems: string[] = [];
  for (const { steps } of records.intents) problems.push(`a rename was not ended: ${JSON.stringify(steps)}`);
  for (const { name } of (await store.parking?.list()) ?? []) problems.push(`${name} is parked`);
  for (const [[directory, name], record] of records.all()) {
    if (directory < 0) continue;
    const where = `${directory}/${name}`;
    const parent = await storeDirectory(records, store, directory);
    if (parent === undefined) {
      // Removed outside, with all that is in it.
      if (records.placeOf(directory) === undefined) problems.push(`${where}: its directory has no name`);
      continue;
    }
    const entry = await parent.get(name);
    if (record.link !== undefined && records.mainOf(record.link) === undefined) {
      problems.push(`${where}: a link of nothing`);
    }
    if (entry !== undefined && (isSpecial(record) || record.link !== undefined)) {
      problems.push(
        `${where}: the store has something of the name of a ${isSpecial(record) ? "special file" : "link"}`,
      );
    }
    if (entry?.kind === "file" && record.id !== undefined) problems.push(`${where}: a file with a directory's record`);
  }
  return problems;
}
