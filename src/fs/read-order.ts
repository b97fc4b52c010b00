import type { DirectoryNode, FileNode } from "./node.js";

/** A larger directory is not put in order: that would take milliseconds. */
const LARGEST_DIRECTORY = 20_000;
/** Reads that must be in order before the next one is expected. */
const ENOUGH = 3;
/** Files that may be passed over between two of them: programs skip what does not interest them. */
const STRIDE = 4;
/** A file so far behind is one that another process reads, and no other way through the directory. */
const BEHIND = 32;

/** In which order the files of one directory are read: as they are listed or by name, forwards or backwards. */
export class ReadOrder {
  readonly #directory: DirectoryNode;
  readonly #recent: FileNode[] = [];
  #reads = 0;
  /** At so many reads an order is looked for again: twice as many each time, since that looks at the whole directory. */
  #nextLook = ENOUGH;
  #files: readonly FileNode[] = [];
  #positions: ReadonlyMap<FileNode, number> = new Map();
  #at = -1;
  #isWhole = false;

  constructor(directory: DirectoryNode) {
    this.#directory = directory;
  }

  /** Expects every file of the directory, in any order. */
  static whole(directory: DirectoryNode): ReadOrder {
    const order = new ReadOrder(directory);
    order.#isWhole = true;
    order.#files = filesOf(directory);
    order.#positions = positionsOf(order.#files);
    return order;
  }

  /** Whether it is known what will be read. */
  get isKnown(): boolean {
    return this.#isWhole || this.#at >= 0;
  }

  /** How many files have been passed or read, in an order. */
  get at(): number {
    return this.#at + 1;
  }

  /** Files before this position are not expected any more. */
  get begin(): number {
    return this.#isWhole ? 0 : this.#at - BEHIND;
  }

  /** The file is read. False: not in the order that was known. */
  follow(node: FileNode): boolean {
    if (this.#isWhole) return true;
    if (this.#at >= 0) {
      const position = this.#positions.get(node) ?? -Infinity;
      if (position < this.#at - BEHIND || position > this.#at + BEHIND) return false;
      this.#at = Math.max(this.#at, position);
      return true;
    }
    this.#recent.push(node);
    if (this.#recent.length > ENOUGH) this.#recent.shift();
    if (++this.#reads >= this.#nextLook) this.#look();
    return true;
  }

  /** The file at a position of the order. */
  file(position: number): FileNode | undefined {
    return this.#files[position];
  }

  #look(): void {
    this.#nextLook *= 2;
    const { children } = this.#directory;
    if (children === undefined || children.size > LARGEST_DIRECTORY) return;
    const listed = filesOf(this.#directory);
    if (this.#take(listed)) return;
    this.#take(listed.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** Expects the files in this order, if they were read in it so far, or in the reverse. */
  #take(forwards: readonly FileNode[]): boolean {
    let [files, positions] = [forwards, positionsOf(forwards)];
    const [first, last] = [this.#recent[0]!, this.#recent.at(-1)!];
    if ((positions.get(first) ?? 0) > (positions.get(last) ?? 0)) {
      files = forwards.toReversed();
      positions = positionsOf(files);
    }
    for (const [i, node] of this.#recent.entries()) {
      if (i === 0) continue;
      const step = (positions.get(node) ?? Number.NaN) - (positions.get(this.#recent[i - 1]!) ?? Number.NaN);
      if (!(step > 0 && step <= STRIDE)) return false;
    }
    this.#files = files;
    this.#positions = positions;
    this.#at = positions.get(last)!;
    return true;
  }
}

function filesOf({ children }: DirectoryNode): FileNode[] {
  const files: FileNode[] = [];
  for (const [, node] of children?.entries() ?? []) if (node.kind === "file") files.push(node);
  return files;
}

function positionsOf(files: readonly FileNode[]): Map<FileNode, number> {
  return new Map(files.map((node, position) => [node, position]));
}
