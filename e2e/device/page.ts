import { MemoryStore, shareFileSystem } from "../../src/storage/index.js";
import { type Trial, tryDevice } from "./trial.js";
import type { OpfsTrial } from "./worker.js";

declare global {
  /** In the page, over files in memory. */
  var tryMemory: () => Promise<Trial>;
  /** In a Worker, over a directory of OPFS. */
  var tryOpfs: () => Promise<OpfsTrial>;
}

globalThis.tryMemory = () => tryDevice(shareFileSystem(new MemoryStore({ "from-host.txt": "hello guest\n" })));

globalThis.tryOpfs = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }) => resolve(data as OpfsTrial);
  });
