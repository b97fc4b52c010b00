import { MachineError } from "../machine/machine-error.js";
import { type FolderEntry, folderEntries } from "../storage/folders/folder-entries.js";
import { folderLock } from "../storage/folders/folder-names.js";
import { forgetFolder } from "../storage/folders/forget-folder.js";
import { unspell } from "../storage/spelling.js";
import type { RememberedFolder } from "./remembered-folders.js";
import type { Access } from "./types.js";

/** What the browser has in IndexedDB, as `rememberedFolders` gives it. */
export async function listFolders(): Promise<RememberedFolder[]> {
  const entries = await folderEntries().catch((error: unknown): FolderEntry[] => {
    console.debug("No folders are remembered:", error); // as in some private windows
    return [];
  });
  const { held = [] } = await navigator.locks.query();
  const folders = entries.map(({ id, handle, tag, mountPoint, access, lastShared, removed = false }) => {
    const name = unspell(handle.name);
    const forget = async (): Promise<void> => {
      if (await forgetFolder(id)) return;
      throw new MachineError("busy", `“${name}” is shared now: remove the share first, also in other tabs.`);
    };
    const inUse = held.some((lock) => lock.name === folderLock(id) && lock.mode === "exclusive");
    return {
      id,
      name,
      tag,
      mountPoint,
      access: (access as Access | undefined) ?? "read-write",
      handle,
      lastShared: new Date(lastShared),
      removed,
      inUse,
      forget,
    };
  });
  return folders.toSorted((a, b) => b.lastShared.getTime() - a.lastShared.getTime());
}
