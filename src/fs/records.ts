import { type Awaitable, chain } from "../posix/awaitable.js";
import type { RecordLog } from "../storage/store.js";
import { joined } from "./bytes.js";
import { frame, frames } from "../storage/record-frames.js";
import { RecordIndex } from "./record-index.js";

/** What a store cannot hold of one name in a directory; what is missing is the default. */
export interface NodeRecord {
  /** A directory's: by which the records of its entries find it, wherever it moves. */
  readonly id?: number;
  /** A directory's: how many directories it has. */
  readonly subdirectories?: number;
  /** A file's with several names: what the records of the others hold as `link`. */
  readonly inode?: number;
  /** One more name of that inode; the record has nothing else then. */
  readonly link?: number;
  /** The inode number that the guest sees, where it is not the one that the name gives. */
  readonly ino?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly times?: KeptTimes;
  /** A symbolic link's, in the convention of `posix/name.ts`. */
  readonly target?: string;
  readonly rdev?: number;
  /** Values in the convention of `posix/name.ts`. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** atime, mtime, ctime and, if known, btime: seconds and nanoseconds of each. */
export interface KeptTimes {
  readonly stamps: readonly number[];
  /** A file's: they hold while the store's file is of this size and not modified after `at`, in milliseconds since 1970. */
  readonly size?: number;
  readonly at?: number;
}

/** A name in a directory that has a record id. */
export type RecordPlace = readonly [directory: number, name: string];

/** A move in the store, and then in the records. */
export type Step = readonly [from: RecordPlace, to: RecordPlace];

/**
 * What is about to be done, in order: a killed tab leaves it half done, and the next visit ends it. A step's `move` line says
 * that it is done.
 */
export interface Intent {
  readonly id: number;
  readonly steps: readonly Step[];
  /** A record that comes with the last step. */
  readonly leaves?: Leaving | undefined;
}

export type Leaving = readonly [place: RecordPlace, record: NodeRecord];

/** A line of the log: a record set, deleted, or moved (as a step of an intent); an intent begun, or ended before its last step. */
type Line =
  | readonly ["set", ...RecordPlace, NodeRecord]
  | readonly ["delete", ...RecordPlace]
  | readonly ["move", ...RecordPlace, ...RecordPlace, intent?: number]
  | readonly ["begin", number, readonly Step[], leaves?: Leaving]
  | readonly ["end", number];

/** The record id of the root. */
export const ROOT_RECORD = 0;
/** Where the root's own record is. */
const ABOVE_ROOT = -1;
/** The record id of the store's parking directory. */
export const PARKING_RECORD = -2;
const FIRST_CHECKPOINT = 1000;
/** Room that the lines which end an intent's steps may need: two names of 255 bytes, of which JSON makes six characters each. */
const STEP_ROOM = 4096;

/**
 * The attribute records of a share, by directory and name: in memory, and in a log that is replayed when it is opened. Without
 * a log they last as long as this object. Nothing here fails but `begin` and `flush`: a log that could not be written to is
 * written anew then.
 */
export class Records {
  readonly #index = new RecordIndex();
  readonly #intents = new Map<number, Intent>();
  #lastIntent = 0;
  #end = 0;
  #lines = 0;
  /** The log does not say what is here. */
  #isStale = false;

  private constructor(private readonly log: RecordLog | undefined) {}

  /** Records without a log. */
  static inMemory(): Records {
    return new Records(undefined);
  }

  /** Reads the log; a torn end is cut off. */
  static open(log: RecordLog): Awaitable<Records> {
    return chain(log.read(), (bytes) => {
      const records = new Records(log);
      for (const { text, end } of frames(bytes)) {
        records.#apply(JSON.parse(text) as Line);
        records.#lines++;
        records.#end = end;
      }
      return records;
    });
  }

  /** How many names have a record. */
  get size(): number {
    return this.#index.size;
  }

  /** What was begun and not ended. */
  get intents(): readonly Intent[] {
    return [...this.#intents.values()];
  }

  /** A number for a directory or an inode. */
  newId(): number {
    return this.#index.newId();
  }

  /** Those of a directory's entries, by name. */
  in(directory: number): ReadonlyMap<string, NodeRecord> {
    return this.#index.in(directory);
  }

  /** Undefined: everything is the default. */
  get(directory: number, name: string): NodeRecord | undefined {
    return this.#index.get(directory, name);
  }

  /** Every record. */
  all(): Generator<[place: RecordPlace, record: NodeRecord]> {
    return this.#index.all();
  }

  /** Where the directory of that id is. Undefined for the root, and for one that is gone. */
  placeOf(directory: number): RecordPlace | undefined {
    return this.#index.placeOf(directory);
  }

  /** The main name of an inode. */
  mainOf(inode: number): RecordPlace | undefined {
    return this.#index.mainOf(inode);
  }

  /** The other names of an inode; one that it gives may be deleted meanwhile. */
  linksOf(inode: number): Iterable<RecordPlace> {
    return this.#index.linksOf(inode);
  }

  /** Replaces the record. Logged only where it is another. */
  set(directory: number, name: string, record: NodeRecord): void {
    if (JSON.stringify(this.get(directory, name)) === JSON.stringify(record)) return;
    this.#write(["set", directory, name, record]);
  }

  /** Removes the record, and those below a directory's. */
  delete(directory: number, name: string): void {
    if (this.get(directory, name) !== undefined) this.#write(["delete", directory, name]);
  }

  /** The name moved, over whatever had the new one; the first step of `intent`, if one is given, is done. */
  move(from: RecordPlace, to: RecordPlace, intent?: Intent): void {
    if (intent !== undefined) this.#write(["move", ...from, ...to, intent.id]);
    else if (this.get(...from) !== undefined) this.#write(["move", ...from, ...to]);
    else this.delete(...to);
  }

  /** The root directory's own record. */
  get root(): NodeRecord | undefined {
    return this.get(ABOVE_ROOT, "");
  }

  set root(record: NodeRecord) {
    this.set(ABOVE_ROOT, "", record);
  }

  /** Throws, with nothing begun, when the log has no room for the beginning and the end. */
  begin(steps: readonly Step[], leaves?: Leaving): Intent {
    if (this.#isStale) this.#replace();
    const intent = { id: this.#lastIntent + 1, steps, leaves };
    this.#append(beginning(intent), steps.length * STEP_ROOM);
    this.#apply(beginning(intent));
    return intent;
  }

  /** No further step is to be done. */
  end(intent: Intent): void {
    if (this.#intents.has(intent.id)) this.#write(["end", intent.id]);
  }

  /** Ends when the log has everything. */
  flush(): Awaitable<void> {
    if (this.#isStale) this.#replace();
    return this.log?.flush();
  }

  #write(line: Line): void {
    this.#apply(line);
    if (this.log === undefined || this.#isStale) return;
    try {
      if (++this.#lines > FIRST_CHECKPOINT && this.#lines > 4 * this.size) this.#replace();
      else this.#append(line, 0);
    } catch {
      this.#isStale = true; // the next flush writes it anew, and says if it cannot
    }
  }

  #append(line: Line, room: number): void {
    if (this.log === undefined) return;
    const bytes = frame(JSON.stringify(line));
    let spare = room;
    for (const { steps } of this.#intents.values()) spare += steps.length * STEP_ROOM;
    this.log.write(this.#end, bytes, spare);
    this.#end += bytes.length;
  }

  #apply(line: Line): void {
    switch (line[0]) {
      case "set":
        return this.#index.put(line[1], line[2], line[3]);
      case "delete":
        return this.#index.put(line[1], line[2], undefined);
      case "move":
        this.#index.move([line[1], line[2]], [line[3], line[4]]);
        if (line[5] !== undefined) this.#stepDone(line[5]);
        return;
      case "begin":
        this.#intents.set(line[1], { id: line[1], steps: line[2], leaves: line[3] });
        this.#lastIntent = Math.max(this.#lastIntent, line[1]);
        return;
      case "end":
        this.#intents.delete(line[1]);
    }
  }

  #stepDone(id: number): void {
    const intent = this.#intents.get(id);
    if (intent === undefined) return;
    const steps = intent.steps.slice(1);
    if (steps.length > 0) {
      this.#intents.set(id, { ...intent, steps });
      return;
    }
    this.#intents.delete(id);
    if (intent.leaves !== undefined) this.#index.put(...intent.leaves[0], intent.leaves[1]);
  }

  #replace(): void {
    if (this.log === undefined) return;
    const lines: Uint8Array[] = [];
    for (const [place, record] of this.#index.all()) lines.push(frame(JSON.stringify(["set", ...place, record])));
    for (const intent of this.#intents.values()) lines.push(frame(JSON.stringify(beginning(intent))));
    const bytes = joined(lines);
    this.log.replace(bytes);
    this.#end = bytes.length;
    this.#lines = lines.length;
    this.#isStale = false;
  }
}

function beginning({ id, steps, leaves }: Intent): Line {
  return leaves === undefined ? ["begin", id, steps] : ["begin", id, steps, leaves];
}
