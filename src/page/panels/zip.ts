import { makeZip } from "client-zip";
import type { FileChange, Share } from "../../client/index.js";

const DELETED = "DELETED.txt";

/** Added and changed files with their paths, and a list of what was deleted; nothing is held in memory. */
export function zipOfChanges(share: Share, changes: readonly FileChange[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return makeZip(entries(share, changes), { metadata: [] }) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

function* entries(share: Share, changes: readonly FileChange[]) {
  const deleted = changes.filter(({ kind }) => kind === "deleted").map(({ path }) => path);
  const taken = new Set(changes.map(({ path }) => path));
  for (const { path, kind, type } of changes) {
    if (kind === "deleted") continue;
    if (type === "directory") yield { name: `${path}/`, lastModified: new Date() };
    else {
      // Not before it is this one's turn.
      yield { name: path, lastModified: new Date(), input: share.readChange(path) };
    }
  }
  let name = DELETED;
  while (taken.has(name)) name = `_${name}`;
  if (deleted.length > 0) yield { name, lastModified: new Date(), input: deleted.map((path) => `${path}\n`).join("") };
}
