import { openRecords } from "../fs/open-records.js";
import type { Records } from "../fs/records.js";
import { lockDirectory } from "../storage/opfs/directory-lock.js";
import { OpfsRecordLog } from "../storage/opfs/opfs-record-log.js";
import { OpfsStore } from "../storage/opfs/opfs-store.js";
import type { Scratch } from "../storage/web/scratch.js";

/** A directory of the origin private file system, with what is kept beside it. */
export interface OpenedOpfs {
  readonly store: OpfsStore;
  /** False: another tab or device is, and the store is read-only. */
  readonly isOwner: boolean;
  readonly records?: Records;
  /** Lets go of lock and records, when the store is closed. */
  release?(): void;
}

export const OPFS_IN_USE = "Another tab or share has it open: read-only here. Close that one and reload to write.";

/** Opens the directory at `path` below `root`, made where there is none. `tell` hears of what a killed tab left half done. */
export async function openOpfs(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
  scratch: Scratch,
  tell: (problem: string) => void,
): Promise<OpenedOpfs> {
  let directory = root;
  for (const part of path) directory = await directory.getDirectoryHandle(part, { create: true });
  const lock = await lockDirectory(path);
  if (!lock) return { store: await OpfsStore.open(directory, { scratch, readOnly: true }), isOwner: false };
  try {
    const share = path.join("/");
    const store = await OpfsStore.open(directory, { scratch, parking: await OpfsStore.parkingOf(share) });
    const log = await OpfsRecordLog.open(share);
    const release = (): void => {
      log.close();
      lock.release();
    };
    return { store, isOwner: true, records: await openRecords(log, store, tell), release };
  } catch (error) {
    lock.release();
    throw error;
  }
}
