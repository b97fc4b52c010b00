import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import type { RecordLog } from "../storage/store.js";
import { joined } from "./bytes.js";
import { frame, frames } from "./record-frames.js";
import type { Timestamp } from "./timestamp.js";

/** What a store cannot hold of one name in a directory; what is missing is the default. */
export interface NodeRecord {
  /** A directory's: by which the records of its entries find it, wherever it moves. */
  readonly id?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly times?: KeptTimes;
  /** A symbolic link's, in the convention of `posix/name.ts`. */
  readonly target?: string;
  readonly rdev?: number;
}

/** Times that the guest has set. They hold while the store's file is of this size and not modified after `at`. */
export interface KeptTimes {
  readonly atime: Timestamp;
  readonly mtime: Timestamp;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A line of the log: a record set, removed, or moved to another place. */
type Line = [directory: number, name: string, record?: NodeRecord | number, newName?: string];

/** The record id of the root. */
export const ROOT_RECORD = 0;
/** Where the root's own record is. */
const ABOVE_ROOT = -1;
const FIRST_CHECKPOINT = 1000;

/**
 * The attribute records of a share, by directory and name: in memory, and in a log that is replayed when it is opened. Nothing
 * here fails but `flush`: a log that could not be appended to is written anew then.
 */
export class Records {
  readonly #directories = new Map<number, Map<string, NodeRecord>>();
  #lastId = ROOT_RECORD;
  #count = 0;
  #lines = 0;
  /** The log does not say what is here. */
  #isStale = false;
  #replacing: Promise<void> | undefined;

  private constructor(private readonly log: RecordLog) {}

  /** Reads the log; a torn end is cut off. */
  static open(log: RecordLog): Awaitable<Records> {
    return chain(log.read(), (bytes) => {
      const records = new Records(log);
      let end = 0;
      for (const payload of frames(bytes)) {
        records.#apply(JSON.parse(payload.text) as Line);
        records.#lines++;
        end = payload.end;
      }
      // What is appended behind a torn end would not be read.
      records.#isStale = end < bytes.length;
      return records;
    });
  }

  /** How many names have a record. */
  get size(): number {
    return this.#count;
  }

  /** An id for a directory. */
  newId(): number {
    return ++this.#lastId;
  }

  in(directory: number): ReadonlyMap<string, NodeRecord> {
    return this.#directories.get(directory) ?? new Map<string, NodeRecord>();
  }

  get(directory: number, name: string): NodeRecord | undefined {
    return this.#directories.get(directory)?.get(name);
  }

  set(directory: number, name: string, record: NodeRecord): void {
    if (JSON.stringify(this.get(directory, name)) !== JSON.stringify(record)) this.#write([directory, name, record]);
  }

  /** Removes the record, and those below a directory's. */
  delete(directory: number, name: string): void {
    if (this.get(directory, name) !== undefined) this.#write([directory, name]);
  }

  /** The name moved, over whatever had the new one. */
  move(directory: number, name: string, newDirectory: number, newName: string): void {
    if (this.get(directory, name) === undefined) this.delete(newDirectory, newName);
    else this.#write([directory, name, newDirectory, newName]);
  }

  get root(): NodeRecord | undefined {
    return this.get(ABOVE_ROOT, "");
  }

  set root(record: NodeRecord) {
    this.set(ABOVE_ROOT, "", record);
  }

  /** Ends when the log has everything. */
  flush(): Awaitable<void> {
    if (this.#replacing !== undefined) return this.#replacing.then(() => this.flush());
    return chain(this.#isStale ? this.#replace() : undefined, () => this.log.flush());
  }

  #write(line: Line): void {
    this.#apply(line);
    if (++this.#lines > FIRST_CHECKPOINT && this.#lines > 4 * this.#count) this.#isStale = true;
    if (this.#isStale || this.#replacing !== undefined) {
      this.#isStale = true;
      return;
    }
    try {
      this.log.append(frame(JSON.stringify(line)));
    } catch {
      this.#isStale = true; // the next flush writes it anew, and says if it cannot
    }
  }

  #apply([directory, name, record, newName]: Line): void {
    if (typeof record === "number") {
      const moved = this.get(directory, name);
      if (moved === undefined || newName === undefined) return;
      this.#put(directory, name, undefined);
      this.#put(record, newName, moved);
      return;
    }
    if (record === undefined) this.#forget(this.get(directory, name)?.id);
    this.#put(directory, name, record);
  }

  #put(directory: number, name: string, record: NodeRecord | undefined): void {
    const there = this.#directories.get(directory) ?? new Map<string, NodeRecord>();
    const replaced = there.get(name);
    if (replaced !== undefined) {
      this.#count--;
      if (record !== undefined && replaced.id !== record.id) this.#forget(replaced.id);
    }
    there.delete(name);
    if (record !== undefined) {
      there.set(name, record);
      this.#count++;
      this.#lastId = Math.max(this.#lastId, record.id ?? 0);
    }
    if (there.size > 0) this.#directories.set(directory, there);
    else this.#directories.delete(directory);
  }

  /** The directory is gone, and everything in it. */
  #forget(id: number | undefined): void {
    if (id === undefined) return;
    const below = this.#directories.get(id);
    this.#directories.delete(id);
    this.#count -= below?.size ?? 0;
    for (const record of below?.values() ?? []) this.#forget(record.id);
  }

  #replace(): Awaitable<void> {
    const lines: Uint8Array[] = [];
    for (const [directory, names] of this.#directories) {
      for (const [name, record] of names) lines.push(frame(JSON.stringify([directory, name, record] satisfies Line)));
    }
    this.#isStale = false;
    this.#lines = lines.length;
    const replaced = recover(
      () => this.log.replace(joined(lines)),
      (error) => {
        this.#isStale = true;
        throw error;
      },
    );
    if (!isPromise(replaced)) return;
    const over = () => (this.#replacing = undefined);
    this.#replacing = replaced.then(over, over);
    return replaced;
  }
}
