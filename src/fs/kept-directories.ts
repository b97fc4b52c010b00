import { subdirectoriesOf } from "./attributes.js";
import { type DirectoryNode, isSamePlace, placeOf } from "./node.js";
import { type NodeRecord, ROOT_RECORD } from "./records.js";

/** Times of directories that only their entries changed are kept when so many milliseconds have passed, or at a flush. */
const TIMES_INTERVAL = 1000;

/** What is kept of a directory now, and how to keep what it is by now. */
interface Keeping {
  kept(directory: DirectoryNode): NodeRecord | undefined;
  save(directory: DirectoryNode): void;
}

/**
 * When to keep what follows from a directory's entries: its times, and how many directories it has. The times may be kept late;
 * a count that the store does not bear out would be wrong after a crash, so that none is kept while the store is behind.
 */
export class KeptDirectories {
  /** Their times have moved since they were kept. */
  readonly #touched = new Set<DirectoryNode>();
  /** The records do not say how many directories they have. */
  readonly #uncounted = new Set<DirectoryNode>();
  #keptTimesAt = 0;

  constructor(
    private readonly now: () => number,
    private readonly keeping: Keeping,
  ) {}

  isCounted(directory: DirectoryNode): boolean {
    return !this.#uncounted.has(directory);
  }

  /** The store is about to have it. */
  begun(directory: DirectoryNode): void {
    this.#uncounted.add(directory);
  }

  /** Its times have moved, and perhaps how many directories it has. */
  touched(directory: DirectoryNode): void {
    this.#touched.add(directory);
    this.#uncount(directory);
    if (this.now() - this.#keptTimesAt > TIMES_INTERVAL) this.#keepTimes();
  }

  /** `isSettled`: the store has everything. */
  flush(isSettled: boolean): void {
    if (isSettled) {
      for (const directory of this.#uncounted) this.#touched.add(directory);
      this.#uncounted.clear();
    }
    this.#keepTimes();
  }

  /** Nothing is under way with the directory, and nobody will know this node any more. */
  forgotten(directory: DirectoryNode): void {
    const isUncounted = this.#uncounted.delete(directory);
    if (this.#touched.delete(directory) || isUncounted) this.keeping.save(directory);
  }

  #keepTimes(): void {
    this.#keptTimesAt = this.now();
    for (const directory of this.#touched) {
      // One on its way elsewhere is saved where it arrives.
      if (isRoot(directory) || isSamePlace(directory.stored, placeOf(directory))) this.keeping.save(directory);
    }
    this.#touched.clear();
    for (const directory of this.#uncounted) {
      if (!isRoot(directory) && placeOf(directory) === undefined) this.#uncounted.delete(directory);
    }
  }

  /** Before the store gets another directory in it, or has one less: a count that is kept would be wrong for a moment. */
  #uncount(directory: DirectoryNode): void {
    const kept = this.keeping.kept(directory)?.subdirectories;
    if (this.#uncounted.has(directory) || kept === subdirectoriesOf(directory)) return;
    this.#uncounted.add(directory);
    if (kept !== undefined) this.keeping.save(directory);
  }
}

function isRoot({ recordId }: DirectoryNode): boolean {
  return recordId === ROOT_RECORD;
}
