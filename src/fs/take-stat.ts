import type { StoreStat } from "../storage/store.js";
import { touch } from "./attributes.js";
import type { FileNode } from "./node.js";
import { keptBirth, restoreTimes } from "./node-records.js";
import { timestampOf } from "./timestamp.js";

/**
 * Takes over what the store said of a file at `now`. `isOurs`: what we have of it is newer, but where its size is not known.
 * `exclusive`: so it always is. True: others have changed the file.
 */
export function takeStat(
  node: FileNode,
  { size, lastModified }: StoreStat,
  now: number,
  isOurs: boolean,
  exclusive: boolean,
): boolean {
  const last = node.lastStat;
  const time = timestampOf(lastModified);
  if (!exclusive) node.lastStat = { size, lastModified };
  node.checkedAt = now;
  const known = node.size;
  if (known === undefined) {
    const kept = node.keptTimes;
    node.keptTimes = undefined;
    Object.assign(node, { size, atime: time, mtime: time, ctime: time });
    if (kept === undefined) return false;
    if (kept.size === size && lastModified <= (kept.at ?? 0)) restoreTimes(node, kept);
    else node.btime = keptBirth(kept);
    return false;
  }
  if (isOurs || (size === known && (last === undefined || last.lastModified === lastModified))) return false;
  node.size = size;
  touch(node, time);
  return true;
}
