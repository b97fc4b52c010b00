import type { DroppedEntry, FileToWrite, Share, ShareEntry, WriteFailure } from "../../client/index.js";
import { reason } from "../words.js";
import type { Report } from "./transfer.js";

/** What is to happen with a name that is there already. */
export type Choice = "replace" | "keep-both";

/** A name that is to be put where it is there already. */
export interface Conflict {
  readonly name: string;
  /** The new name, where both are kept. */
  readonly freeName: string;
  /** Undefined where one is a file and the other a folder: neither can take the other's place. */
  readonly both: "files" | "folders" | undefined;
}

interface Options {
  /** Rejects with an AbortError when nothing shall be put there at all. */
  readonly ask: (conflict: Conflict, others: number) => Promise<Choice>;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** What became of an upload. */
export interface Uploaded {
  /** Files that are there now. */
  readonly count: number;
  readonly failures: readonly WriteFailure[];
}

/** Puts files and folders into a directory of a share. */
export async function upload(
  share: Share,
  directory: string,
  entries: readonly DroppedEntry[],
  { ask, signal, report }: Options,
): Promise<Uploaded> {
  const choices = await choose(await share.list(directory), entries, ask);
  const full = new Set(entries.flatMap(({ path }) => directoriesAbove(path)));
  const files: FileToWrite[] = [];
  for (const { path, content } of entries) {
    if (content === undefined && full.has(path)) continue;
    const [name, ...below] = path.split("/") as [string, ...string[]];
    const { name: newName, replace } = choices.get(name)!;
    const target = [...(directory === "" ? [] : [directory]), newName, ...below].join("/");
    files.push({ path: target, replace, ...(content !== undefined && { content }) });
  }
  const total = files.reduce((sum, { content }) => sum + sizeOf(content), 0);
  const onProgress = (bytes: number, path: string): void => report(bytes, total, `Uploading “${path}”`);
  const failures = await share.writeAll(files, { signal, onProgress });
  const failed = new Set(failures.map(({ path }) => path));
  return { count: files.filter(({ path, content }) => content !== undefined && !failed.has(path)).length, failures };
}

/** With what is wrong first, where something is. */
export function uploadedInWords({ count, failures: [first, ...others] }: Uploaded): string {
  const uploaded = count === 1 ? "One file was uploaded." : `${count} files were uploaded.`;
  if (!first) return uploaded;
  const more = others.length === 0 ? "" : ` ${others.length} more failed.`;
  return `${reason(first.error)}${more} ${uploaded}`;
}

/** "a" and "a/b" of "a/b/c". */
function directoriesAbove(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

interface Place {
  readonly name: string;
  readonly replace: boolean;
}

/** For each name that is to come, the one that it gets. */
async function choose(
  there: readonly ShareEntry[],
  entries: readonly DroppedEntry[],
  ask: Options["ask"],
): Promise<ReadonlyMap<string, Place>> {
  const kinds = new Map(there.map(({ name, kind }) => [name, kind === "directory" ? "folders" : "files"] as const));
  const coming = new Map(entries.map(({ path, content }) => kindOf(path, content)));
  const taken = new Set([...kinds.keys(), ...coming.keys()]);
  const places = new Map<string, Place>();
  let others = [...coming.keys()].filter((name) => kinds.has(name)).length;
  for (const [name, kind] of coming) {
    if (!kinds.has(name)) {
      places.set(name, { name, replace: false });
      continue;
    }
    const freeName = freeNameFor(name, taken);
    const choice = await ask({ name, freeName, both: kinds.get(name) === kind ? kind : undefined }, --others);
    if (choice === "keep-both") taken.add(freeName);
    places.set(name, choice === "replace" ? { name, replace: true } : { name: freeName, replace: false });
  }
  return places;
}

function kindOf(path: string, content: DroppedEntry["content"]): readonly [string, "files" | "folders"] {
  const slash = path.indexOf("/");
  if (slash >= 0) return [path.slice(0, slash), "folders"];
  return [path, content === undefined ? "folders" : "files"];
}

/** "notes (2).txt" for "notes.txt". */
function freeNameFor(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 2; ; number++) {
    const free = `${stem} (${number})${ending}`;
    if (!taken.has(free)) return free;
  }
}

function sizeOf(content: DroppedEntry["content"]): number {
  return content instanceof Blob ? content.size : (content?.length ?? 0);
}
