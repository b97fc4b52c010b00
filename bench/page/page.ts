import * as Comlink from "comlink";
import type { BenchWorker } from "./worker.js";

declare global {
  /** The machine's Worker; `newBench` ends it and starts another. */
  var bench: Comlink.Remote<BenchWorker>;
  var newBench: () => void;
  /** The first thing dropped on the page. */
  var dropped: Promise<FileSystemHandle | null>;
}

/** Chromium only; not in `lib.dom`. */
type ItemWithHandle = DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle | null> };

let worker: Worker | undefined;

globalThis.newBench = () => {
  worker?.terminate();
  worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  globalThis.bench = Comlink.wrap<BenchWorker>(worker);
};

globalThis.dropped = new Promise((resolve) => {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [item] = event.dataTransfer?.items ?? [];
    void (item as ItemWithHandle | undefined)?.getAsFileSystemHandle().then(resolve);
  });
});
