import type { Access } from "./types.js";

/** A folder of the visitor's disk that was shared, in this visit or an earlier one. */
export interface RememberedFolder {
  /** As `share.folder` has it. */
  readonly id: string;
  /** The folder's own, as the disk has it. */
  readonly name: string;
  /** As it was shared last. Undefined until it was mounted. */
  readonly tag: string | undefined;
  /** Undefined: `/mnt/TAG`. */
  readonly mountPoint: string | undefined;
  /** As it was shared last. */
  readonly access: Access;
  /** To share again, after `handle.requestPermission` in a click where the browser has not kept the permission. */
  readonly handle: FileSystemDirectoryHandle;
  /** When `share` was last called with it. */
  readonly lastShared: Date;
  /** The share was removed by `share.remove()`. */
  readonly removed: boolean;
  /** A machine has it now, of this tab or another. */
  readonly inUse: boolean;
  /** Removes every trace of it from the browser: attributes, and files that were not saved. Rejects with "busy" while it is shared. */
  forget(): Promise<void>;
}

/**
 * The folders that `vm.share(handle)` was called with, the last one first. The browser keeps their handles, and what the disk
 * cannot hold of their files' attributes, until they are forgotten. Empty where it keeps nothing for the page.
 */
export async function rememberedFolders(): Promise<RememberedFolder[]> {
  if (!("indexedDB" in globalThis) || !("locks" in navigator)) return [];
  const { listFolders } = await import("./list-folders.js");
  return listFolders();
}
