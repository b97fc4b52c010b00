import { unspell } from "../spelling.js";
import type { FolderChanged } from "../store.js";

/** What Chromium 133 tells of a directory (https://github.com/whatwg/fs/pull/165). Measured in Chromium 156: 1 to 8 ms late. */
interface ChangeRecord {
  readonly type: "appeared" | "disappeared" | "modified" | "moved" | "unknown" | "errored";
  readonly relativePathComponents: readonly string[] | null;
  readonly relativePathMovedFrom?: readonly string[] | null;
}

interface Observer {
  observe(handle: FileSystemHandle, options: { recursive: boolean }): Promise<void>;
  disconnect(): void;
}

declare global {
  var FileSystemObserver: (new (callback: (records: readonly ChangeRecord[]) => void) => Observer) | undefined;
}

/** As `Store.watch`; gives what ends it. Undefined: this browser, or this folder, cannot be watched. */
export async function watchFolder(
  folder: FileSystemDirectoryHandle,
  changed: FolderChanged,
  ended: () => void,
): Promise<(() => void) | undefined> {
  const { FileSystemObserver } = globalThis;
  if (FileSystemObserver === undefined) return undefined;
  const tell = (path: readonly string[] | null | undefined, isGone = false): void =>
    changed(path?.map(unspell), isGone);
  const observer = new FileSystemObserver((records) => {
    for (const { type, relativePathComponents, relativePathMovedFrom } of records) {
      if (type === "errored") ended();
      tell(type === "unknown" ? undefined : relativePathComponents, type === "disappeared");
      if (type === "moved") tell(relativePathMovedFrom, true);
    }
  });
  try {
    await observer.observe(folder, { recursive: true });
  } catch {
    return undefined; // not a folder of the disk, or not one that this system watches
  }
  return () => observer.disconnect();
}
