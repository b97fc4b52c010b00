import type { Awaitable } from "../posix/awaitable.js";
import type { StoreFile } from "../storage/store.js";
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
/** The store's answers that are waited for at once. */
const AT_ONCE = 64;
/** So many files ahead at first, and at most: it doubles with each file that was expected. */
const FIRST_WINDOW = 8;
const WINDOW = 128;

/** A file's content, read before the guest asked for it. Counts while the file is what and where it was then. */
interface Ahead {
  readonly file: StoreFile;
  readonly version: number;
  /** In the order of the directory. */
  readonly position: number;
  bytes: Uint8Array | undefined;
  /** Ends when there are bytes, or will be none. */
  reading: Promise<void>;
}

/** A directory whose files the guest reads. */
interface Run {
  readonly order: ReadOrder;
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
  #underWay = 0;

  /** `measured`: brings a node's size and times up to date. */
  constructor(
    private readonly queue: ChangeQueue,
    private readonly places: Places,
    private readonly contents: Contents,
    private readonly measured: (node: FileNode) => Awaitable<void>,
  ) {}

  /** Bytes in memory. */
  get bytes(): number {
    return [...this.#runs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** As `Contents.read`. */
  read(node: FileNode, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    const directory = node.stored?.parent;
    if (directory === undefined || !this.contents.isAway(node)) return this.contents.read(node, offset, into);
    if (this.places.knownFile(node)?.readWhole === undefined) return this.contents.read(node, offset, into);
    const ahead = this.#runs.get(directory)?.held.get(node);
    if (offset === 0) this.#follow(directory, node);
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
    if (node.kind === "directory") this.#runs.delete(node);
    const run = node.kind === "file" && node.stored !== undefined && this.#runs.get(node.stored.parent);
    if (run) drop(run, node);
  }

  clear(): void {
    this.#runs.clear();
  }

  /** Copies what was read ahead, if it still counts; lets go of it at its end. */
  #taken(node: FileNode, ahead: Ahead, offset: number, into: readonly Uint8Array[]): number | undefined {
    const { bytes } = ahead;
    const run = node.stored && this.#runs.get(node.stored.parent);
    const isValid = bytes !== undefined && this.#counts(node, ahead);
    if (run?.held.get(node) === ahead && (!isValid || offset + lengthOf(into) >= bytes.length)) drop(run, node);
    return isValid ? copy(bytes.subarray(offset), into) : undefined;
  }

  #counts(node: FileNode, ahead: Ahead): boolean {
    return this.contents.isAway(node) && node.version === ahead.version && this.places.knownFile(node) === ahead.file;
  }

  #follow(directory: DirectoryNode, node: FileNode): void {
    const isForgotten = directory.nlookup === 0 && directory.parent !== undefined;
    let run = this.#runs.get(directory);
    this.#runs.delete(directory);
    if (isForgotten) return;
    if (run === undefined || !run.order.follow(node)) {
      run = { order: new ReadOrder(directory), held: new Map(), bytes: 0, window: FIRST_WINDOW, next: 0 };
      run.order.follow(node);
    } else if (run.order.at > 0) {
      run.window = Math.min(2 * run.window, WINDOW);
    }
    this.#runs.set(directory, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > DIRECTORIES) this.#runs.delete(oldest!);
    this.#fill(directory, run);
  }

  #fill(directory: DirectoryNode, run: Run): void {
    const { order, held } = run;
    if (order.at === 0) return;
    run.next = Math.max(run.next, order.at);
    for (const [node, { position }] of held) {
      if (position >= order.begin) break;
      drop(run, node);
    }
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
      if (this.#runs.get(directory) !== run) return;
      if (run.held.get(node) === ahead) {
        if (bytes !== undefined && bytes.length === node.size && this.#counts(node, ahead)) {
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
    ahead.reading = this.#content(node, file).then(ended, () => ended());
  }

  async #content(node: FileNode, file: StoreFile): Promise<Uint8Array | undefined> {
    if (node.size === undefined) await this.measured(node);
    return isSmall(node) ? file.readWhole!(LARGEST_FILE) : undefined;
  }
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
