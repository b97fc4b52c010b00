import type { StoreEntry, StoreFile } from "../store.js";
import { copyBytes } from "./copy-bytes.js";
import type { Overlay } from "./overlay.js";
import { hiddenOf } from "./overlay.js";
import type { Entry, Hidden, Put } from "./overlay-tree.js";
import { PARKING_ID, ROOT_ID } from "./overlay-tree.js";

/** A name of the tree. */
interface Spot {
  readonly directory: number;
  readonly name: string;
}

/** Where the guest shows something of the folder under another name than the folder's. */
interface Showing extends Spot {
  /** Undefined: nothing was changed there. */
  readonly entry: Entry | undefined;
  /** Needed for the spot to be there. */
  readonly puts: readonly Put[];
}

/** Copies what the guest shows of the folder's `path` elsewhere: it is about to be replaced or removed in the folder. */
export async function keepMoved(overlay: Overlay, path: string, there: StoreEntry): Promise<void> {
  for (const { directory, name, entry, puts } of showing(overlay, path)) {
    const isShown = entry === undefined || "through" in entry || ("from" in entry && entry.from === path);
    if (!isShown) continue;
    const hidden = entry?.over ?? (entry === undefined ? await hiddenOf(there) : undefined);
    const over = hidden && { over: hidden };
    if (there.kind === "directory") {
      const id = entry?.kind === "directory" ? entry.id : overlay.tree.newId();
      overlay.tree.put(...puts, [directory, name, { kind: "directory", id, ...over }]);
    } else {
      const content = await copyOf(overlay, there.file);
      overlay.tree.put(...puts, [directory, name, { kind: "file", content, ...over }]);
    }
  }
}

/** Hides a name that the folder is about to get from the directories that show what was moved from there. */
export function hideFromMoved(overlay: Overlay, path: string): void {
  for (const { directory, name, entry, puts } of showing(overlay, path)) {
    if (entry === undefined) overlay.tree.put(...puts, [directory, name, { kind: "gone", over: { kind: "unknown" } }]);
  }
}

/** What the guest knew of the folder's `path` when it changed that under another name; "shown": it shows it there as it is. */
export function knownElsewhere(overlay: Overlay, path: string): Hidden | "shown" | undefined {
  for (const { entry } of showing(overlay, path)) {
    if (entry === undefined || "through" in entry || ("from" in entry && entry.from === path)) return "shown";
    if (entry.over !== undefined) return entry.over;
  }
  return undefined;
}

function* showing(overlay: Overlay, path: string): Generator<Showing> {
  for (const { directory, name, entry } of moved(overlay)) {
    if (entry.from === path) yield { directory, name, entry, puts: [] };
    if (entry.kind !== "directory" || !path.startsWith(`${entry.from}/`)) continue;
    const names = path.slice(entry.from.length + 1).split("/");
    const last = names.pop()!;
    const puts: Put[] = [];
    const id = descend(overlay, entry.id, names, puts);
    if (id !== undefined) yield { directory: id, name: last, entry: overlay.tree.get(id, last), puts };
  }
}

/** Down a moved directory, as far as it shows the folder's. */
function descend(overlay: Overlay, id: number, names: readonly string[], puts: Put[]): number | undefined {
  for (const name of names) {
    const entry = overlay.tree.get(id, name);
    if (entry === undefined) {
      const below = overlay.tree.newId();
      puts.push([id, name, { kind: "directory", id: below, through: true }]);
      id = below;
    } else if ("through" in entry) id = entry.id;
    else if (entry.over?.kind === "directory" && entry.over.id !== undefined) id = entry.over.id;
    else return undefined;
  }
  return id;
}

/** Everything that was moved, the parking directory's included. */
function* moved(overlay: Overlay): Generator<Spot & { entry: Entry & { readonly from: string } }> {
  const waiting = [ROOT_ID, PARKING_ID];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const [name, entry] of overlay.tree.entries(id)) {
      if (entry.kind === "directory") waiting.push(entry.id);
      if ("from" in entry && entry.from !== undefined)
        yield { directory: id, name, entry: { ...entry, from: entry.from } };
    }
  }
}

async function copyOf(overlay: Overlay, file: StoreFile): Promise<number> {
  const content = await overlay.contents.create();
  const to = await overlay.contents.acquire(content);
  const from = await file.open(false);
  try {
    await copyBytes(from, to, from.size());
  } finally {
    await from.close();
    await overlay.contents.release(content);
  }
  return content;
}
