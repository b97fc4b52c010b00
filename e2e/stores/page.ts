import * as Comlink from "comlink";
import type { Lab } from "./worker.js";

declare global {
  /** Drives the worker, from `page.evaluate`. */
  var lab: Comlink.Remote<Lab>;
  /** The first thing dropped on the page. */
  var dropped: Promise<FileSystemHandle | null>;
  /** What `webkitGetAsEntry` gave for the same drop. */
  var droppedEntries: (FileSystemEntry | null)[];
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
globalThis.lab = Comlink.wrap<Lab>(worker);

globalThis.dropped = new Promise((resolve) => {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const items = [...(event.dataTransfer?.items ?? [])];
    globalThis.droppedEntries = items.map((item) => item.webkitGetAsEntry());
    void items[0]?.getAsFileSystemHandle().then(resolve);
  });
});
