import type { StoreEntry } from "../store.js";
import { childPath } from "../web/by-path.js";
import { knownElsewhere } from "./moved.js";
import type { Overlay } from "./overlay.js";
import { hiddenOf } from "./overlay.js";
import type { Entry, Hidden, Put } from "./overlay-tree.js";
import { ROOT_ID } from "./overlay-tree.js";

/**
 * Whether the folder has at `path` what the guest has seen there, so that it may be replaced or removed. What the guest shows
 * elsewhere is no loss: `keepMoved` copies it first.
 */
export async function isAsKnown(overlay: Overlay, path: string, there: StoreEntry): Promise<boolean> {
  const atPlace = knownAtPlace(overlay, path);
  const known = atPlace === undefined || atPlace.kind === "unknown" ? knownElsewhere(overlay, path) : atPlace;
  if (known === undefined || known === "shown") return known === "shown";
  const now = await hiddenOf(there);
  if (known.kind !== "file" || now?.kind !== "file") return known.kind === now?.kind;
  return known.size === now.size && known.lastModified === now.lastModified;
}

/** Notes what the guest knew of the folder's `path`, where the guest has nothing now. */
export function note(overlay: Overlay, path: string, over: Hidden): void {
  const names = path.split("/");
  const last = names.pop()!;
  const puts: Put[] = [];
  let id = ROOT_ID;
  let isHidden = false;
  for (const name of names) {
    const entry = overlay.tree.get(id, name);
    if (entry === undefined && !isHidden) return; // it shows
    isHidden ||= entry === undefined || !("through" in entry);
    const below = entry && belowOf(entry);
    if (below === undefined) {
      const next = overlay.tree.newId();
      puts.push([id, name, { ...(entry ?? { kind: "gone" }), over: { kind: "directory", id: next } }]);
      id = next;
    } else id = below;
  }
  const entry = overlay.tree.get(id, last);
  if (entry === undefined && !isHidden) return;
  if (entry === undefined) puts.push([id, last, { kind: "gone", over }]);
  else if (!("through" in entry) && !isKnown(entry.over)) puts.push([id, last, { ...entry, over }]);
  overlay.tree.put(...puts);
  if (entry === undefined || over.kind !== "directory" || over.id === undefined || belowOf(entry) === over.id) return;
  if (!isKnown(entry.over)) return;
  for (const [name, below] of overlay.tree.entries(over.id)) {
    const known: Hidden | undefined = "through" in below ? { kind: "directory", id: below.id } : below.over;
    if (known !== undefined) note(overlay, childPath(path, name), known);
  }
}

/** By the entry at the path itself, also under a directory that the guest emptied and removed. */
function knownAtPlace(overlay: Overlay, path: string): Hidden | undefined {
  const names = path.split("/");
  const last = names.pop()!;
  let id: number | undefined = ROOT_ID;
  for (const name of names) {
    const entry: Entry | undefined = id === undefined ? undefined : overlay.tree.get(id, name);
    id = entry && belowOf(entry);
  }
  const entry = id === undefined ? undefined : overlay.tree.get(id, last);
  return entry !== undefined && "through" in entry ? { kind: "directory" } : entry?.over;
}

function isKnown(over: Hidden | undefined): over is Hidden {
  return over?.kind === "file" || (over?.kind === "directory" && over.id !== undefined);
}

/** Where what is known of the names in the folder's directory of that name is. */
function belowOf(entry: Entry): number | undefined {
  if ("through" in entry) return entry.id;
  return entry.over?.kind === "directory" ? entry.over.id : undefined;
}
