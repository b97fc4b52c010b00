import { shareOpfs } from "../../src/storage/index.js";
import { type Trial, tryDevice } from "./trial.js";

export interface OpfsTrial extends Trial {
  /** What OPFS has in from-guest.txt afterwards. */
  readonly written: string;
  /** Whether the directory is free again. */
  readonly isFree: boolean;
}

const root = await navigator.storage.getDirectory();
const directory = await root.getDirectoryHandle("device", { create: true });
const writable = await (await directory.getFileHandle("from-host.txt", { create: true })).createWritable();
await writable.write("hello guest\n");
await writable.close();
const trial = await tryDevice(await shareOpfs("device"));
const written = await (await (await directory.getFileHandle("from-guest.txt")).getFile()).text();
const problems: string[] = [];
const again = await shareOpfs("device", { onProblem: (problem) => problems.push(problem) });
await again[Symbol.asyncDispose]();
postMessage({ ...trial, written, isFree: problems.length === 0 } satisfies OpfsTrial);
