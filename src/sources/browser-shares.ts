import { ResumableShare } from "../fs/resumable-share.js";
import { DroppedStore } from "../storage/dropped/dropped-store.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import type { PickedEvent } from "../storage/picked/picked-files.js";
import { PickedStore } from "../storage/picked/picked-store.js";
import { OWN_DIRECTORY, openScratch } from "../storage/web/opfs-scratch.js";
import { OPFS_IN_USE, openOpfs } from "./open-opfs.js";
import { type SharedFileSystem, shareFileSystem, type ShareOptions } from "./share-file-system.js";

/** How a directory of the origin private file system is shared. */
export interface ShareOpfsOptions extends Omit<ShareOptions, "records"> {
  /** Told what a killed tab left half done, and that another tab has the directory, which is read-only then. */
  readonly onProblem?: (problem: string) => void;
}

/**
 * A directory of the origin private file system ("projects/demo"; "": all of it), made where there is none. Modes, owners, times and
 * links are kept from visit to visit. One owner at a time, over all tabs: others get it read-only. In a dedicated Worker only, which
 * is where browsers have sync access handles.
 */
export async function shareOpfs(path: string, options: ShareOpfsOptions = {}): Promise<SharedFileSystem> {
  const { onProblem = (problem: string) => console.warn(problem), ...rest } = options;
  const names = path.split("/").filter((name) => name !== "");
  if (names[0] === OWN_DIRECTORY) throw new TypeError(`${OWN_DIRECTORY} is where records and scratch files are.`);
  const scratch = await openScratch();
  try {
    const root = await navigator.storage.getDirectory();
    const opened = await openOpfs(root, names, scratch, onProblem);
    const { store, records } = opened;
    if (!opened.isOwner) onProblem(OPFS_IN_USE);
    const onClosed = (): void => {
      opened.release?.();
      void scratch.close();
    };
    return new ResumableShare(store, { ...rest, ...(records && { records }), onClosed });
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

/** How a picked or dropped folder is shared. */
export interface ShareFolderOptions extends ShareOptions {
  /** Nothing is ever written into the folder. Default: false. */
  readonly readOnly?: boolean;
  /** What the visitor should be told: conflicts, what could not be saved, permission and folder gone or back. */
  readonly onEvent?: (event: PickedEvent) => void;
}

/**
 * A folder of the visitor's disk, from `showDirectoryPicker` or a drop (Chromium), live in both directions. The permission must have been
 * granted for it, "readwrite" unless `readOnly` is set.
 */
export async function shareFolder(
  folder: FileSystemDirectoryHandle,
  options: ShareFolderOptions = {},
): Promise<SharedFileSystem> {
  const { readOnly = false, onEvent, ...rest } = options;
  const scratch = await openScratch();
  const store = new PickedStore(folder, { scratch, readOnly, ...(onEvent && { onEvent }) });
  try {
    await store.root.list(); // says now, and not at the first command, that it cannot be read
  } catch (error) {
    await scratch.close();
    throw error;
  }
  return new ResumableShare(store, { ...rest, onClosed: () => void scratch.close() });
}

/** Files by path, read-only, such as what the visitor dropped or selected. An entry without content is a directory. */
export function shareFiles(entries: Iterable<DroppedEntry>, options: ShareOptions = {}): SharedFileSystem {
  return shareFileSystem(new DroppedStore(entries), options);
}
