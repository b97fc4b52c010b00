import { chain } from "../posix/awaitable.js";
import type { FolderChanged, Store } from "../storage/store.js";
import type { DirectoryNode } from "./node.js";
import type { OwnChanges } from "./own-changes.js";

/**
 * How old an answer of the store may be where others change the tree too, in milliseconds. With the second that the guest
 * keeps it, and the time that asking takes, a change made outside is seen within two.
 */
const FRESH = 900;
/** The same where the store tells of changes: not of all (Chromium tells of no chmod, and of no utimes). */
const FRESH_WATCHED = 30_000;
/** What is asked for so soon after a change may have changed again, without a word: a copy gets its time after its content. */
const SETTLED = 1500;

/** Whether what the store said still holds. */
export class Freshness {
  #isWatched = false;
  /** When anything may have changed anywhere. */
  #disturbedAt = -Infinity;

  constructor(
    private readonly exclusive: boolean,
    private readonly now: () => number,
  ) {}

  /** Asks the store to tell what others change below `root`; it tells of our own changes too. */
  watch(store: Store, root: DirectoryNode, own: OwnChanges): void {
    const watched = (isWatched: boolean): void => {
      this.#isWatched = isWatched;
      this.#disturbedAt = this.now();
    };
    const changed: FolderChanged = (path, isGone = false) => this.#disturb(root, path, isGone, own);
    void chain(store.watch?.(changed, () => watched(false)) ?? false, watched);
  }

  /** What to remember of a question that is asked now. */
  asked(): number {
    return this.exclusive ? 0 : this.now();
  }

  /** `askedAt`: when the store was asked about an entry of the directory, or for all. Undefined: never. */
  isFresh(askedAt: number | undefined, directory: DirectoryNode): boolean {
    if (this.exclusive) return true;
    if (askedAt === undefined) return false;
    const age = this.now() - askedAt;
    if (age < FRESH || !this.#isWatched) return age < FRESH;
    const disturbedAt = Math.max(directory.disturbedAt ?? Infinity, this.#disturbedAt);
    return age < FRESH_WATCHED && askedAt - disturbedAt > SETTLED;
  }

  /**
   * Something was changed at the path below `root`, as far as its directories are known; undefined: anything. It says nothing of the
   * directories above the one that it is in.
   */
  #disturb(root: DirectoryNode, path: readonly string[] | undefined, isGone: boolean, own: OwnChanges): void {
    const now = this.now();
    if (path === undefined) {
      this.#disturbedAt = now;
      return;
    }
    let at = root;
    for (const [depth, name] of path.entries()) {
      const { children, listing, questions } = at;
      const node = children?.get(name);
      const isLast = depth === path.length - 1;
      if (isLast && node?.kind === "file") return own.told(node, () => (at.disturbedAt = this.now()));
      // We have removed it ourselves, or never knew it.
      if (isLast && isGone && node === undefined && listing === undefined && questions.size === 0) return;
      const isOurs = isLast && !isGone && node !== undefined && own.mayBe(node);
      if (node?.kind !== "directory" || (isLast && !isOurs)) at.disturbedAt = now;
      if (node?.kind !== "directory") return;
      at = node;
    }
    at.disturbedAt = now;
  }
}
