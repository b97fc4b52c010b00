import { type HeldLock, holdLock } from "../web/locks.js";
import { type FolderEntry, deleteFolderEntry, folderEntries, folderEntry, putFolderEntry } from "./folder-entries.js";
import { folderLock } from "./folder-names.js";

/** Held while an entry is looked for and made, and while a folder and those inside and around it are locked. */
const ALL_FOLDERS = "v86-virtiofs:folders";

/** A folder that this Worker is the owner of, or that has another owner. */
export interface HeldFolder {
  readonly id: string;
  /** Why it may not be written to. Missing: nobody else writes to it. */
  readonly obstacle?: Obstacle;
  release(): void;
}

export interface Obstacle {
  /** "same": it is shared already. "inside", "around": it lies in `of`, or has it in it. */
  readonly kind: "same" | "inside" | "around";
  readonly of: FolderEntry;
}

/**
 * Remembers the folder under an id, the same at each visit, and becomes its one owner among all tabs and shares of the origin,
 * if it has none. As of directories of OPFS: its own lock exclusively, those of the folders inside and around it shared.
 */
export function holdFolder(handle: FileSystemDirectoryHandle): Promise<HeldFolder> {
  return navigator.locks.request(ALL_FOLDERS, async () => {
    // Without IndexedDB, as in some private windows, a folder is another one each time it is shared.
    const entries = await folderEntries().catch((): FolderEntry[] => []);
    const entry = (await findSame(handle, entries)) ?? {
      id: crypto.randomUUID(),
      handle,
      lastShared: Date.now(),
      removed: true,
    };
    if (!entries.includes(entry)) await putFolderEntry(entry).catch(unremembered);
    return hold(entry, entries);
  });
}

/** By its owner, before it lets go: the folder need not be known again, unless a machine had it once. */
export function forgetUnmounted(id: string): Promise<void> {
  return navigator.locks.request(ALL_FOLDERS, async () => {
    const entry = await folderEntry(id).catch(() => undefined); // As above, there may be no IndexedDB.
    if (entry && entry.tag === undefined) await deleteFolderEntry(id);
  });
}

async function hold(entry: FolderEntry, entries: readonly FolderEntry[]): Promise<HeldFolder> {
  const held: HeldLock[] = [];
  const release = (): void => held.forEach((lock) => lock.release());
  const refused = (kind: Obstacle["kind"], of: FolderEntry): HeldFolder => {
    release();
    return { id: entry.id, obstacle: { kind, of }, release: () => {} };
  };
  const own = await holdLock(folderLock(entry.id));
  if (own === undefined) return refused("same", entry);
  held.push(own);
  for (const of of entries) {
    if (of.id === entry.id) continue;
    const kind = await relation(entry.handle, of.handle);
    if (kind === undefined) continue;
    const lock = await holdLock(folderLock(of.id), "shared");
    if (lock === undefined) return refused(kind, of);
    held.push(lock);
  }
  return { id: entry.id, release };
}

async function findSame(
  handle: FileSystemDirectoryHandle,
  entries: readonly FolderEntry[],
): Promise<FolderEntry | undefined> {
  for (const entry of entries) if (await handle.isSameEntry(entry.handle)) return entry;
  return undefined;
}

/** Undefined: neither lies in the other. */
async function relation(
  handle: FileSystemDirectoryHandle,
  other: FileSystemDirectoryHandle,
): Promise<"inside" | "around" | undefined> {
  if ((await other.resolve(handle)) !== null) return "inside";
  return (await handle.resolve(other)) !== null ? "around" : undefined;
}

function unremembered(error: unknown): void {
  console.debug("The folder will not be remembered:", error);
}
