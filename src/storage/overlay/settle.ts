import { childPath } from "../web/by-path.js";
import { note } from "./known.js";
import type { Overlay } from "./overlay.js";
import type { Entry, Put } from "./overlay-tree.js";

/**
 * Makes a directory show the folder's of its own path, with an entry for all that differs: the guest sees no change. The folder
 * has a directory there.
 */
export async function settle(overlay: Overlay, parent: number, name: string, path: string): Promise<number> {
  const entry = overlay.tree.get(parent, name);
  if (entry !== undefined && "through" in entry) return entry.id;
  if (entry?.kind === "directory" && "from" in entry && entry.from === path) {
    overlay.tree.put([parent, name, { kind: "directory", id: entry.id, through: true }]);
    return entry.id;
  }
  const theirs = await overlay.lowerEntries(path);
  const entries = entry?.kind === "directory" ? await ownEntries(overlay, entry) : new Map<string, Entry>();
  // What is known of the names of a directory that the guest removed from this path.
  const known = entry?.over?.kind === "directory" ? entry.over.id : undefined;
  const over = (each: string): { over?: NonNullable<Entry["over"]> } => {
    const hidden = known === undefined ? undefined : overlay.tree.get(known, each)?.over;
    if (hidden !== undefined) return { over: hidden };
    return theirs.has(each) ? { over: { kind: "unknown" } } : {};
  };
  const id = overlay.tree.newId();
  const puts: Put[] = [];
  for (const [each, { over: _, ...own }] of entries) {
    if (own.kind !== "gone") puts.push([id, each, { ...own, ...over(each) }]);
  }
  for (const each of theirs.keys()) {
    const own = entries.get(each);
    if (own === undefined || own.kind === "gone") puts.push([id, each, { kind: "gone", ...over(each) }]);
  }
  overlay.tree.put(...puts, [parent, name, { kind: "directory", id, through: true }]);
  return id;
}

/** An entry for each name in a directory that was made or moved here; what they knew is noted where it came from. */
async function ownEntries(overlay: Overlay, directory: Entry & { kind: "directory" }): Promise<Map<string, Entry>> {
  const entries = new Map(overlay.tree.entries(directory.id));
  const from = "from" in directory ? directory.from : undefined;
  if (from === undefined) return entries;
  for (const [name, { kind }] of await overlay.lowerEntries(from)) {
    const own = entries.get(name);
    const path = childPath(from, name);
    if (own?.over !== undefined) note(overlay, path, own.over);
    if (own !== undefined && !("through" in own)) continue;
    const id = own?.kind === "directory" ? own.id : overlay.tree.newId();
    entries.set(name, kind === "file" ? { kind, from: path } : { kind, id, from: path });
  }
  return entries;
}
