import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import { spell } from "../storage/spelling.js";
import type { Store, StoreDirectory, StoreFile } from "../storage/store.js";

const PART_BYTES = 2 ** 20;

/** What may still be copied. */
export interface Room {
  files: number;
  bytes: number;
}

/** Everything in `store`, with its times; undefined where there is not that much room. Nobody may change it meanwhile. */
export async function copyOfStore(store: Store, room: Room): Promise<DroppedEntry[] | undefined> {
  const found: DroppedEntry[] = [];
  return (await copyDirectory(store.root, "", found, room)) ? found : undefined;
}

async function copyDirectory(
  directory: StoreDirectory,
  path: string,
  into: DroppedEntry[],
  room: Room,
): Promise<boolean> {
  for (const entry of await directory.list()) {
    // Nothing is refused; what would be read as spelled is spelled.
    const below = path + spell(entry.name, () => -1);
    if (--room.files < 0) return false;
    if (entry.kind === "directory") {
      into.push({ path: below });
      if (!(await copyDirectory(entry.directory, `${below}/`, into, room))) return false;
    } else {
      const content = await copyFile(entry.file, room);
      if (!content) return false;
      into.push({ path: below, content });
    }
  }
  return true;
}

async function copyFile(file: StoreFile, room: Room): Promise<File | undefined> {
  const { size, lastModified } = await file.stat();
  room.bytes -= size;
  if (room.bytes < 0) return undefined;
  const open = await file.open(false);
  try {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < size;) {
      const part = new Uint8Array(Math.min(PART_BYTES, size - at));
      const read = await open.read(at, [part]);
      const bytes = typeof read === "number" ? part.subarray(0, read) : read.slice();
      if (bytes.length === 0) throw new Error("a file became shorter while it was copied");
      parts.push(bytes);
      at += bytes.length;
    }
    return new File(parts, "", { lastModified });
  } finally {
    await open.close();
  }
}
