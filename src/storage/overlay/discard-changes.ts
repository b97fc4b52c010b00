import { childPath } from "../web/by-path.js";
import { changesOf } from "./changes.js";
import type { Overlay } from "./overlay.js";
import type { Entry, Put } from "./overlay-tree.js";
import { ROOT_ID } from "./overlay-tree.js";
import { settle } from "./settle.js";
import { isSelected } from "./apply-changes.js";

/** Lets the folder's own show again: everywhere, or at and below each of `paths`. */
export async function discardChanges(overlay: Overlay, paths?: readonly string[]): Promise<void> {
  const before = overlay.tree.contents();
  if (paths === undefined) overlay.tree.put(...nothing(overlay, ROOT_ID));
  else {
    for (const { path } of await changesOf(overlay)) if (isSelected(path, paths)) await discard(overlay, path);
  }
  for (const [path, open] of overlay.open) {
    const entry = overlay.entry(path);
    if (entry === undefined || !("content" in entry)) open.applied(await overlay.hiddenAt(path));
  }
  const held = overlay.tree.contents();
  for (const content of before) {
    // What is open goes when it is closed.
    if (content !== 0 && !held.has(content) && !overlay.contents.isHeld(content))
      await overlay.contents.remove(content);
  }
}

function nothing(overlay: Overlay, directory: number): Put[] {
  return Array.from(overlay.tree.entries(directory).keys(), (name) => [directory, name, null] as const);
}

async function discard(overlay: Overlay, path: string): Promise<void> {
  const names = path.split("/");
  const last = names.pop()!;
  let id = ROOT_ID;
  let at = "";
  /** The directory shows the folder's of the same path. */
  let isInPlace = true;
  for (const name of names) {
    at = childPath(at, name);
    const entry: Entry | undefined = overlay.tree.get(id, name);
    if (entry !== undefined && "through" in entry) id = entry.id;
    else if (isInPlace && entry === undefined)
      return; // with what was discarded before
    else if (isInPlace && (await overlay.lowerEntry(at))?.kind === "directory") {
      id = await settle(overlay, id, name, at);
    } else {
      isInPlace = false;
      const puts: Put[] = [];
      if (overlay.view(at) === undefined) return; // with the directory above it
      id = overlay.idOf(at, puts);
      overlay.tree.put(...puts);
    }
  }
  const entry = overlay.tree.get(id, last);
  const lower = overlay.view(at)?.lower;
  if (isInPlace || lower === undefined) {
    if (entry !== undefined && !(isInPlace && "through" in entry)) overlay.tree.put([id, last, null]);
    return;
  }
  // It came here with the directory above it, and does not any more.
  const over = entry === undefined ? await overlay.hiddenAt(childPath(lower, last)) : entry.over;
  if (entry?.kind !== "gone") overlay.tree.put([id, last, over ? { kind: "gone", over } : null]);
}
