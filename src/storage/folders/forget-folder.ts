import { OpfsRecordLog } from "../opfs/opfs-record-log.js";
import { errorName, ifThere } from "../web/dom-errors.js";
import { holdLock } from "../web/locks.js";
import { COPY, JOURNAL, OWN_DIRECTORY, SCRATCH } from "../web/opfs-scratch.js";
import { readJournal, withoutCopies } from "../web/scratch-journal.js";
import { deleteFolderEntry } from "./folder-entries.js";
import { folderLock, folderRecords } from "./folder-names.js";

/** In {@link OWN_DIRECTORY}, by id: what Linux changed in folders that it does not write to. */
const CHANGES = "changes";

/**
 * Removes every trace of a folder from the browser: its attribute records, what was not saved, changes that were kept apart, and
 * last the entry itself, so that a tab which dies on the way leaves it to be forgotten again. False: it is shared now.
 */
export async function forgetFolder(id: string): Promise<boolean> {
  // Shared: whoever has a folder around it holds its lock so too, and keeps nothing under its id.
  const lock = await holdLock(folderLock(id), "shared");
  if (lock === undefined) return false;
  try {
    const own = await ownDirectory();
    if (own !== undefined) await removeContent(own, id);
    await deleteFolderEntry(id);
    return true;
  } finally {
    lock.release();
  }
}

/** Undefined: nothing was ever kept, or the browser keeps nothing. */
async function ownDirectory(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(OWN_DIRECTORY);
  } catch (error) {
    console.debug("Nothing is kept here:", error);
    return undefined;
  }
}

async function removeContent(own: FileSystemDirectoryHandle, id: string): Promise<void> {
  await OpfsRecordLog.remove(own, folderRecords(id));
  const changes = await ifThere("lookup", () => own.getDirectoryHandle(CHANGES));
  if (changes !== undefined) await ifThere("remove", () => changes.removeEntry(id, { recursive: true }));
  const scratch = await ifThere("lookup", () => own.getDirectoryHandle(SCRATCH));
  if (scratch === undefined) return;
  for await (const [name, owner] of scratch.entries()) {
    if (owner.kind === "directory") await removeCopies(scratch, name, owner, id);
  }
}

/** Removes the folder's copies of one owner, and their names from its journal; the directory, if that leaves nothing. */
async function removeCopies(
  scratch: FileSystemDirectoryHandle,
  name: string,
  owner: FileSystemDirectoryHandle,
  id: string,
): Promise<void> {
  const journal = await ifThere("lookup", () => owner.getFileHandle(JOURNAL));
  if (journal === undefined) return;
  const text = await (await journal.getFile()).text();
  const labels = [...readJournal(text)];
  const copies = labels.flatMap(([copy, label]) => (label !== "free" && label.folder === id ? [copy] : []));
  if (copies.length === 0) return;
  for (const copy of copies) await ifThere("remove", () => owner.removeEntry(`${COPY}${copy}`));
  const others = labels.some(([copy, label]) => label !== "free" && !copies.includes(copy));
  try {
    if (!others) return await scratch.removeEntry(name, { recursive: true });
    const writable = await journal.createWritable();
    await writable.write(withoutCopies(text, copies));
    await writable.close();
  } catch (error) {
    // A live tab has the journal open, which it removes when it ends. No copy of the folder is there any more.
    if (errorName(error) !== "NoModificationAllowedError") throw error;
  }
}
