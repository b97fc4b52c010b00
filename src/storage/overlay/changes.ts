import type { StoreEntry } from "../store.js";
import { childPath } from "../web/by-path.js";
import type { Overlay, View } from "./overlay.js";
import { OverlayDirectory } from "./overlay-directory.js";

/** A name that differs between the folder and what the guest has. Directories come before what is in them. */
export interface Change {
  /** "a/b", as the guest sees it. */
  readonly path: string;
  readonly kind: "added" | "changed" | "deleted";
  readonly type: "file" | "directory";
  /** Bytes of the guest's file; of the folder's, where the guest deleted it. 0 for a directory. */
  readonly size: number;
  /** Bytes of the folder's file that was changed. */
  readonly oldSize?: number;
}

/** Where the same path leads on both sides. */
interface Sides {
  readonly path: string;
  /** The guest's directory; undefined: it has none. */
  readonly guest: View | undefined;
  /** The folder has a directory there. */
  readonly isInFolder: boolean;
}

/** What the guest added, changed and deleted, sorted by path. Only directories with changes are read, and those that were moved. */
export async function changesOf(overlay: Overlay): Promise<Change[]> {
  const found: Change[] = [];
  await compare(overlay, { path: "", guest: overlay.view(""), isInFolder: true }, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.kind < b.kind ? 1 : -1));
}

async function compare(overlay: Overlay, { path, guest, isInFolder }: Sides, found: Change[]): Promise<void> {
  const isSame = guest !== undefined && guest.lower === path && isInFolder;
  if (isSame && guest.id === undefined) return;
  const [here, there] = isSame
    ? await changedNames(overlay, path, guest.id!)
    : [
        guest === undefined ? new Map<string, StoreEntry>() : await guestEntries(overlay, path),
        isInFolder ? await overlay.lowerEntries(path) : new Map<string, StoreEntry>(),
      ];
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    await compareOne(overlay, childPath(path, name), here.get(name), there.get(name), found);
  }
}

async function compareOne(
  overlay: Overlay,
  path: string,
  ours: StoreEntry | undefined,
  theirs: StoreEntry | undefined,
  found: Change[],
): Promise<void> {
  const isSameKind = ours?.kind === theirs?.kind;
  if (theirs !== undefined && !isSameKind) {
    found.push({ path, kind: "deleted", type: theirs.kind, size: await sizeOf(theirs) });
  }
  if (ours?.kind === "file") {
    const sizes = { size: await sizeOf(ours), ...(isSameKind && { oldSize: await sizeOf(theirs!) }) };
    if (!isSameKind || !isTheSame(overlay, path)) {
      found.push({ path, kind: isSameKind ? "changed" : "added", type: "file", ...sizes });
    }
  } else if (ours !== undefined && !isSameKind) {
    found.push({ path, kind: "added", type: "directory", size: 0 });
  }
  if (ours?.kind !== "directory" && theirs?.kind !== "directory") return;
  const guest = ours?.kind === "directory" ? overlay.view(path) : undefined;
  await compare(overlay, { path, guest, isInFolder: theirs?.kind === "directory" }, found);
}

/** Both sides of the names with entries: all others are the folder's. */
async function changedNames(
  overlay: Overlay,
  path: string,
  id: number,
): Promise<[Map<string, StoreEntry>, Map<string, StoreEntry>]> {
  const [here, there] = [new Map<string, StoreEntry>(), new Map<string, StoreEntry>()];
  const directory = new OverlayDirectory(overlay, path);
  for (const name of overlay.tree.entries(id).keys()) {
    const [ours, theirs] = [await directory.get(name), await overlay.lowerEntry(childPath(path, name))];
    if (ours !== undefined) here.set(name, ours);
    if (theirs !== undefined) there.set(name, theirs);
  }
  return [here, there];
}

async function guestEntries(overlay: Overlay, path: string): Promise<Map<string, StoreEntry>> {
  const entries = await new OverlayDirectory(overlay, path).list();
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** The guest's file is the folder's of the same path. */
function isTheSame(overlay: Overlay, path: string): boolean {
  const entry = overlay.entry(path);
  if (entry !== undefined) return "from" in entry && entry.from === path;
  const slash = path.lastIndexOf("/");
  return overlay.view(slash < 0 ? "" : path.slice(0, slash))?.lower === (slash < 0 ? "" : path.slice(0, slash));
}

async function sizeOf(entry: StoreEntry): Promise<number> {
  return entry.kind === "file" ? (await entry.file.stat()).size : 0;
}
