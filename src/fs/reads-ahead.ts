import type { StoreFile, StoreStat } from "../storage/store.js";
import { lengthOf } from "./bytes.js";
import type { ChangeQueue } from "./change-queue.js";
import type { Contents } from "./contents.js";
import type { DirectoryNode, FileNode, FsNode } from "./node.js";
import type { Places } from "./places.js";
import { ReadOrder } from "./read-order.js";

/** A larger file is opened and read by the guest's own read-ahead. */
const LARGEST_FILE = 64 << 10;
/** Bytes held for one directory, more or less. */
const DIRECTORY_BYTES = 4 << 20;
/** Directories that are read side by side. */
const DIRECTORIES = 4;
/** Where the guest reads a file here and one there, as git does in `.git/objects`, directories of that many entries are read whole. */
const SMALL_DIRECTORY = 64;
/** Directories in a row, of each of which a file was read, make the next one such. */
const STRAYS = 8;
/** So many of them are kept, the ones read last, and so many bytes. */
const SMALL_DIRECTORIES = 256;
const SMALL_BYTES = 8 << 20;
/** The store's answers that are waited for at once. */
const AT_ONCE = 64;
/** So many files ahead at first, and at most: it doubles with each file that was expected. */
const FIRST_WINDOW = 8;
const WINDOW = 128;

/** A file's content, read before the guest asked for it. Counts while the file is what and where it was then. */
interface Ahead {
  readonly file: StoreFile;
  version: number;
  /** In the order of the directory. */
  readonly position: number;
  bytes: Uint8Array | undefined;
  /** Ends when there are bytes, or will be none. */
  reading: Promise<void>;
}

/** A directory whose files the guest reads. */
interface Run {
  readonly order: ReadOrder;
  readonly isWhole: boolean;
  readonly held: Map<FileNode, Ahead>;
  bytes: number;
  window: number;
  /** The position in the order of the next file to read ahead. */
  next: number;
}

/**
 * Reads small files before the guest asks for them, where it reads those of a directory in some order: each wait for a browser's
 * storage costs a slice of the emulator, and these share it. Nothing is opened, locked or claimed: what changes a file does not
 * wait, and the bytes do not count any more.
 */
export class ReadsAhead {
  /** The directory that was read longest ago first. */
  readonly #runs = new Map<DirectoryNode, Run>();
  /** Likewise, of directories that are read whole. */
  readonly #whole = new Map<DirectoryNode, Run>();
  #strays = 0;
  #underWay = 0;

  /** `found`: is told what the store says of a file. */
  constructor(
    private readonly queue: ChangeQueue,
    private readonly places: Places,
    private readonly contents: Contents,
    private readonly found: (node: FileNode, stat: StoreStat) => void,
  ) {}

  /** Bytes in memory. */
  get bytes(): number {
    return bytesOf(this.#runs) + bytesOf(this.#whole);
  }

  /** As `Contents.read`. */
  read(node: FileNode, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    const directory = node.stored?.parent;
    if (directory === undefined || !this.contents.isAway(node)) return this.contents.read(node, offset, into);
    if (this.places.knownFile(node)?.readWhole === undefined) return this.contents.read(node, offset, into);
    let ahead = this.#runOf(directory)?.held.get(node);
    if (offset === 0) this.#follow(directory, node);
    ahead ??= this.#whole.get(directory)?.held.get(node);
    if (ahead === undefined) return this.contents.read(node, offset, into);
    if (ahead.bytes !== undefined)
      return this.#taken(node, ahead, offset, into) ?? this.contents.read(node, offset, into);
    const bytes = new Uint8Array(lengthOf(into));
    return ahead.reading.then(async () => {
      const read = this.#taken(node, ahead, offset, [bytes]) ?? this.contents.read(node, offset, [bytes]);
      return typeof read === "number" ? bytes.subarray(0, read) : read;
    });
  }

  /** The guest does not know the node any more. */
  forget(node: FsNode): void {
    if (node.kind === "directory") {
      this.#runs.delete(node);
      this.#whole.delete(node);
    }
    const run = node.kind === "file" && node.stored !== undefined && this.#runOf(node.stored.parent);
    if (run) drop(run, node);
  }

  clear(): void {
    this.#runs.clear();
    this.#whole.clear();
  }

  #runOf(directory: DirectoryNode): Run | undefined {
    return this.#runs.get(directory) ?? this.#whole.get(directory);
  }

  /** Copies what was read ahead, if it still counts; lets go of it at its end. */
  #taken(node: FileNode, ahead: Ahead, offset: number, into: readonly Uint8Array[]): number | undefined {
    const { bytes } = ahead;
    const run = node.stored && this.#runOf(node.stored.parent);
    const isValid = bytes !== undefined && this.#counts(node, ahead);
    if (run?.held.get(node) === ahead && (!isValid || offset + lengthOf(into) >= bytes.length)) drop(run, node);
    return isValid ? copy(bytes.subarray(offset), into) : undefined;
  }

  #counts(node: FileNode, ahead: Ahead): boolean {
    return this.contents.isAway(node) && node.version === ahead.version && this.places.knownFile(node) === ahead.file;
  }

  #follow(directory: DirectoryNode, node: FileNode): void {
    const isForgotten = directory.nlookup === 0 && directory.parent !== undefined;
    let run = this.#runOf(directory);
    const known = run !== undefined;
    this.#runs.delete(directory);
    this.#whole.delete(directory);
    if (isForgotten) return;
    if (run?.order.follow(node) !== true) {
      if (!known) this.#strays++;
      run = this.#begun(directory, node);
    } else if (run.isWhole) {
      // Most of what was read ahead was taken, and this as well: the guest has let go of its own copies, and begins again.
      const isTaken = !run.held.has(node) && isSmall(node) && 2 * run.held.size <= (directory.children?.size ?? 0);
      if (isTaken) run.next = 0;
    } else if (run.order.at > 0) {
      this.#strays = 0;
      run.window = Math.min(2 * run.window, WINDOW);
    }
    const runs = run.isWhole ? this.#whole : this.#runs;
    runs.set(directory, run);
    const [oldest] = runs.keys();
    const isFull = run.isWhole ? runs.size > SMALL_DIRECTORIES || bytesOf(runs) > SMALL_BYTES : runs.size > DIRECTORIES;
    if (isFull) runs.delete(oldest!);
    this.#fill(directory, run);
  }

  #begun(directory: DirectoryNode, node: FileNode): Run {
    const isWhole = this.#strays > STRAYS && (directory.children?.size ?? Infinity) <= SMALL_DIRECTORY;
    const order = isWhole ? ReadOrder.whole(directory) : new ReadOrder(directory);
    order.follow(node);
    return { order, isWhole, held: new Map(), bytes: 0, window: isWhole ? SMALL_DIRECTORY : FIRST_WINDOW, next: 0 };
  }

  #fill(directory: DirectoryNode, run: Run): void {
    const { order, held } = run;
    if (!order.isKnown) return;
    run.next = Math.max(run.next, order.at);
    for (const [node, { position }] of held) {
      if (position >= order.begin) break;
      drop(run, node);
    }
    // Many at a time: the store reads those together that are asked for at once.
    if (order.at > 0 && run.next - order.at > run.window / 2) return;
    while (this.#underWay < AT_ONCE && run.next < order.at + run.window && run.bytes < DIRECTORY_BYTES) {
      const position = run.next++;
      const node = order.file(position);
      if (node === undefined) return;
      if (node.stored?.parent === directory && !held.has(node)) this.#begin(directory, run, node, position);
    }
  }

  #begin(directory: DirectoryNode, run: Run, node: FileNode, position: number): void {
    const file = this.places.knownFile(node);
    if (file?.readWhole === undefined || !this.contents.isAway(node) || this.queue.isClaimed(node)) return;
    if (node.size !== undefined && !isSmall(node)) return;
    const ahead: Ahead = { file, version: node.version, position, bytes: undefined, reading: Promise.resolve() };
    const ended = (bytes?: Uint8Array) => {
      this.#underWay--;
      if (this.#runOf(directory) !== run) return;
      if (run.held.get(node) === ahead) {
        if (bytes !== undefined && isSmall(node) && bytes.length === node.size && this.#counts(node, ahead)) {
          ahead.bytes = bytes;
          run.bytes += bytes.length;
        } else {
          run.held.delete(node);
        }
      }
      this.#fill(directory, run);
    };
    this.#underWay++;
    run.held.set(node, ahead);
    // Whoever needs the file asks for it again, and is told why it cannot be read.
    ahead.reading = this.#content(node, file, ahead).then(ended, () => ended());
  }

  #content(node: FileNode, file: StoreFile, ahead: Ahead): Promise<Uint8Array | undefined> {
    return file.readWhole!(LARGEST_FILE, (stat) => {
      if (!this.#counts(node, ahead) || this.queue.isClaimed(node)) return;
      this.found(node, stat);
      ahead.version = node.version; // the bytes come after
    });
  }
}

function bytesOf(runs: ReadonlyMap<DirectoryNode, Run>): number {
  let bytes = 0;
  for (const run of runs.values()) bytes += run.bytes;
  return bytes;
}

function isSmall({ size = 0 }: FileNode): boolean {
  return size > 0 && size <= LARGEST_FILE;
}

function drop(run: Run, node: FileNode): void {
  run.bytes -= run.held.get(node)?.bytes?.length ?? 0;
  run.held.delete(node);
}

/** Returns how many bytes there was room for. */
function copy(from: Uint8Array, into: readonly Uint8Array[]): number {
  let done = 0;
  for (const view of into) {
    const part = from.subarray(done, done + view.length);
    view.set(part);
    done += part.length;
  }
  return done;
}
