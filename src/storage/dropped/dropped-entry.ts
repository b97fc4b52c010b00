/**
 * One file or directory that the visitor dropped or selected, or that the page made up. Can be posted to a worker: a `File` is
 * a reference to the disk there, not its bytes.
 */
export interface DroppedEntry {
  /** "project/src/main.c", as a folder spells it: see `spelling.ts`. */
  readonly path: string;
  /** Missing for a directory. Those above a file need no entry of their own. */
  readonly content?: Blob | Uint8Array | string;
}

const READS_AT_ONCE = 16;

/** On the page, with what `webkitGetAsEntry` gave for each item of a drop: every file below them. Contents are not read. */
export async function entriesOfDrop(dropped: readonly FileSystemEntry[]): Promise<DroppedEntry[]> {
  const found: DroppedEntry[] = [];
  let waiting = [...dropped];
  while (waiting.length > 0) {
    const now = waiting.slice(0, READS_AT_ONCE);
    const below = await Promise.all(now.map((entry) => readEntry(entry, found)));
    waiting = [...waiting.slice(READS_AT_ONCE), ...below.flat()];
  }
  return found;
}

/** Of an `<input type="file">`, with or without `webkitdirectory`. */
export function entriesOfFileList(files: Iterable<File>): DroppedEntry[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, content: file }));
}

/** Of contents by path. A path that ends in "/" is a directory. */
export function entriesOfRecord(files: Readonly<Record<string, string | Uint8Array | Blob>>): DroppedEntry[] {
  return Object.entries(files).map(([path, content]) => (path.endsWith("/") ? { path } : { path, content }));
}

async function readEntry(entry: FileSystemEntry, found: DroppedEntry[]): Promise<FileSystemEntry[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path, content: file });
    return [];
  }
  found.push({ path });
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    // At most 100 at a time in Chromium; the end is an empty answer.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}
