import * as Comlink from "comlink";
import type { Operation } from "./operations.js";
import type { FolderLab } from "./worker.js";

declare global {
  /** A new worker with a guest; the one before is killed. */
  var newFolderLab: () => Comlink.Remote<FolderLab>;
  var killFolderLab: () => void;
  /** The guest at work; `ended` is told how many operations have. */
  var playing: (operations: readonly Operation[], ended: (count: number) => void) => Promise<void>;
  var folderLab: Comlink.Remote<FolderLab>;
  /** The first thing dropped on the page. */
  var dropped: Promise<FileSystemHandle | null>;
}

/** Chromium only; not in `lib.dom`. */
type ItemWithHandle = DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle | null> };

let worker: Worker | undefined;

globalThis.killFolderLab = () => worker?.terminate();
globalThis.playing = (operations, ended) => folderLab.play(operations, Comlink.proxy(ended));

globalThis.newFolderLab = () => {
  killFolderLab();
  worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  globalThis.folderLab = Comlink.wrap<FolderLab>(worker);
  return globalThis.folderLab;
};
newFolderLab();

globalThis.dropped = new Promise((resolve) => {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [item] = event.dataTransfer?.items ?? [];
    void (item as ItemWithHandle | undefined)?.getAsFileSystemHandle().then(resolve);
  });
});
