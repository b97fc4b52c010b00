import type { Awaitable } from "../../posix/awaitable.js";
import { chain } from "../../posix/awaitable.js";
import { frame, frames } from "../record-frames.js";
import type { RecordLog, StoreStat } from "../store.js";
import { gather } from "../web/views.js";

/** What the folder had under a name when the guest first changed it there. */
export type Hidden =
  | ({ readonly kind: "file" } & StoreStat)
  /** `id`: a directory of the tree with what was known of its entries. */
  | { readonly kind: "directory"; readonly id?: number }
  /** Something that the guest never saw. */
  | { readonly kind: "unknown" };

/** What the guest made of a name: it stands over what the folder has there. Names without an entry are the folder's. */
export type Entry = (
  | { readonly kind: "file"; readonly content: number }
  /** The folder's own file, moved here from that path. */
  | { readonly kind: "file"; readonly from: string }
  /** The folder's directory of this name, with entries of ours over its own. */
  | { readonly kind: "directory"; readonly id: number; readonly through: true }
  /** A directory of the guest's, empty but for its entries; or the folder's, moved here from that path. */
  | { readonly kind: "directory"; readonly id: number; readonly from?: string }
  | { readonly kind: "gone" }
) & { readonly over?: Hidden };

/** An entry to be put in a directory of the tree; null takes it out. */
export type Put = readonly [directory: number, name: string, entry: Entry | null];

export const ROOT_ID = 0;
export const PARKING_ID = 1;
const FIRST_CHECKPOINT = 1000;

/**
 * What the guest changed, by directory and name: in memory, and in a log that is replayed when it is opened. Directories have
 * numbers, so that moving one is one line. Only names that were changed cost memory, and the directories above them.
 */
export class OverlayTree {
  readonly #directories = new Map<number, Map<string, Entry>>();
  #lastId = PARKING_ID;
  #end = 0;
  #lines = 0;

  private constructor(private readonly log: RecordLog) {}

  /** Reads the log; a torn end is cut off. */
  static open(log: RecordLog): Awaitable<OverlayTree> {
    return chain(log.read(), (bytes) => {
      const tree = new OverlayTree(log);
      for (const { text, end } of frames(bytes)) {
        tree.#apply(JSON.parse(text) as Put[]);
        tree.#lines++;
        tree.#end = end;
      }
      return tree;
    });
  }

  newId(): number {
    return ++this.#lastId;
  }

  get(directory: number, name: string): Entry | undefined {
    return this.#directories.get(directory)?.get(name);
  }

  entries(directory: number): ReadonlyMap<string, Entry> {
    return this.#directories.get(directory) ?? new Map();
  }

  /** All of it or, after a crash, nothing. Throws ENOSPC with nothing put. */
  put(...puts: readonly Put[]): void {
    if (puts.length === 0) return;
    if (this.#lines > FIRST_CHECKPOINT && this.#lines > 4 * this.#reached().length) this.#checkpoint();
    const bytes = frame(JSON.stringify(puts));
    this.log.write(this.#end, bytes, 0);
    this.#end += bytes.length;
    this.#lines++;
    this.#apply(puts);
  }

  /** Numbers of the content that entries have. */
  contents(): Set<number> {
    const found = this.#reached().map(([, , entry]) => (entry !== null && "content" in entry ? entry.content : 0));
    return new Set(found);
  }

  /** Names that were added, changed or deleted; one that was moved counts twice. */
  count(directory = ROOT_ID): number {
    let count = 0;
    for (const entry of this.entries(directory).values()) {
      if (!("through" in entry)) count++;
      if (entry.kind === "directory") count += this.count(entry.id);
      else if (entry.over?.kind === "directory" && entry.over.id !== undefined) count += this.count(entry.over.id);
    }
    return count;
  }

  flush(): Awaitable<void> {
    return this.log.flush();
  }

  #apply(puts: readonly Put[]): void {
    for (const [directory, name, entry] of puts) {
      let entries = this.#directories.get(directory);
      if (entries === undefined) this.#directories.set(directory, (entries = new Map()));
      if (entry === null) entries.delete(name);
      else entries.set(name, entry);
      const id = entry?.kind === "directory" ? entry.id : 0;
      const below = entry?.over?.kind === "directory" ? (entry.over.id ?? 0) : 0;
      this.#lastId = Math.max(this.#lastId, directory, id, below);
    }
  }

  /** Every entry that can be reached from the root or from the parking directory. */
  #reached(): Put[] {
    const found: Put[] = [];
    const waiting = [ROOT_ID, PARKING_ID];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const [name, entry] of this.entries(id)) {
        found.push([id, name, entry]);
        if (entry.kind === "directory") waiting.push(entry.id);
        if (entry.over?.kind === "directory" && entry.over.id !== undefined) waiting.push(entry.over.id);
      }
    }
    return found;
  }

  #checkpoint(): void {
    const reached = this.#reached();
    const bytes = gather(reached.map((put) => frame(JSON.stringify([put]))));
    this.log.replace(bytes);
    this.#end = bytes.length;
    this.#lines = reached.length;
    this.#directories.clear();
    this.#apply(reached);
  }
}
