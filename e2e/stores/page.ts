import * as Comlink from "comlink";
import { entriesOfDrop } from "../../src/storage/dropped/dropped-entry.js";
import type { DiskSide } from "./share-cases.js";
import type { Lab } from "./worker.js";

declare global {
  /** Drives the worker, from `page.evaluate`. */
  var lab: Comlink.Remote<Lab>;
  /** The first thing dropped on the page. */
  var dropped: Promise<FileSystemHandle | null>;
  /** Makes a store of what was dropped, as browsers without handles do. */
  var startDropped: () => Promise<void>;
  /** Does something on the disk; given by the test. */
  var onDisk: (action: keyof DiskSide, path: string, text?: string) => Promise<unknown>;
  /** The disk side of a directory of the folder, for the worker. */
  var diskSideIn: (directory: string) => DiskSide;
  /** The names that the browser does not let a page ask the directory for. */
  var refusedIn: (directory: FileSystemDirectoryHandle, names: readonly string[]) => Promise<string[]>;
  /** What `webkitGetAsEntry` gave for the same drop. */
  var droppedEntries: (FileSystemEntry | null)[];
}

/** Chromium only; not in `lib.dom`. */
type ItemWithHandle = DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle | null> };

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
globalThis.lab = Comlink.wrap<Lab>(worker);

globalThis.diskSideIn = (directory) => {
  const at = (path: string): string => `${directory}/${path}`;
  return Comlink.proxy({
    write: async (path, text) => void (await onDisk("write", at(path), text)),
    append: async (path, text) => void (await onDisk("append", at(path), text)),
    read: async (path) => (await onDisk("read", at(path))) as string,
    list: async (path) => (await onDisk("list", at(path))) as string[],
    makeDirectory: async (path) => void (await onDisk("makeDirectory", at(path))),
    remove: async (path) => void (await onDisk("remove", at(path))),
  } satisfies DiskSide);
};

globalThis.refusedIn = async (directory, names) => {
  const allowed = (name: string): Promise<boolean> =>
    directory.getFileHandle(name).then(
      () => true,
      (error: Error) => error.name === "NotFoundError",
    );
  const results = await Promise.all(names.map(allowed));
  return names.filter((_, index) => !results[index]);
};

globalThis.startDropped = async () => {
  const entries = droppedEntries.filter((entry) => entry !== null);
  await lab.startDropped(await entriesOfDrop(entries));
};

globalThis.dropped = new Promise((resolve) => {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const items = [...(event.dataTransfer?.items ?? [])];
    globalThis.droppedEntries = items.map((item) => item.webkitGetAsEntry());
    void (items[0] as ItemWithHandle | undefined)?.getAsFileSystemHandle().then(resolve);
  });
});
