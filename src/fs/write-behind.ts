import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { failureOf } from "./failure.js";
import type { ChangeQueue, Claim } from "./change-queue.js";
import type { Contents } from "./contents.js";
import type { Keeper } from "./keeper.js";
import {
  type DirectoryNode,
  entryKey,
  type FileNode,
  type FsNode,
  isSamePlace,
  type Place,
  placeOf,
  type SpecialNode,
} from "./node.js";
import { isStoredBelow, moveStored, type Places } from "./places.js";

export interface WriteBehindOptions {
  /** True: only an open handle uses a file that lost its name. False: a lookup may be an open file of the guest's. */
  readonly hasHandles: boolean;
  /** A change that the guest was told is made could not be brought to the store. */
  readonly failed: (node: FsNode, error: FsError) => void;
  /** A change of this name reached the store, or failed to. */
  readonly ended: (place: Place) => void;
}

/**
 * Brings to the store what has been done to the tree already. A change that fails leaves the guest's view as it is: the error
 * is kept for fsync, and the change is tried again at the next flush. Where the store has something that for the guest is
 * elsewhere or gone (it is *stranded*), nothing is put over it.
 */
export class WriteBehind {
  /** Nodes that the store does not have as the guest does, in the order in which they failed. */
  readonly #failed = new Set<FsNode>();
  readonly #stranded = new Map<string, FsNode>();

  constructor(
    private readonly queue: ChangeQueue,
    private readonly places: Places,
    private readonly contents: Contents,
    private readonly keeper: Keeper,
    private readonly options: WriteBehindOptions,
  ) {}

  /** The first error of a change that the store still lacks. */
  get failure(): FsError | undefined {
    for (const node of this.#failed) return node.failure;
    return undefined;
  }

  get failures(): number {
    return this.#failed.size;
  }

  /** A new file, with the content that waits. */
  createFile(node: FileNode, at: Place): void {
    this.#land(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () => {
      if (useOf(node, this.options.hasHandles) === "none" && node.parent === undefined) return this.contents.drop(node);
      return chain(this.#vacate(at, node), () =>
        chain(this.places.directory(at.parent), (parent) =>
          chain(parent.createFile(at.name), (file) => {
            node.stored = at;
            node.file = file;
            node.under = parent;
            this.keeper.save(node);
            return this.#landNow(node, true);
          }),
        ),
      );
    });
  }

  /** The content that waits replaces that of the file. */
  replaceContent(node: FileNode): void {
    this.#land(node, placeOf(node), { changes: [node] }, () => {
      if (node.stored !== undefined) return this.#landNow(node, false);
    });
  }

  createDirectory(node: DirectoryNode, at: Place): void {
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () => {
      return chain(this.#vacate(at, node), () =>
        chain(this.places.directory(at.parent), (parent) =>
          chain(parent.createDirectory(at.name), (directory) => {
            node.stored = at;
            node.directory = directory;
            node.under = parent;
            this.keeper.save(node);
          }),
        ),
      );
    });
  }

  /** A node that only the records have. */
  createSpecial(node: SpecialNode, at: Place): void {
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () =>
      chain(this.#vacate(at, node), () => {
        node.stored = at;
        this.keeper.save(node);
      }),
    );
  }

  /** The guest has changed attributes. */
  saveAttributes(node: FsNode): void {
    void this.#behind(node, undefined, { changes: [node] }, () => this.keeper.save(node));
  }

  /** A node that has lost its name. */
  remove(node: FsNode, at: Place): Awaitable<void> {
    return this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () => this.#removeNow(node));
  }

  /** A node that was renamed, over `replaced` if that was there. */
  rename(node: FsNode, from: Place, to: Place, replaced: FsNode | undefined): void {
    const claim: Claim = {
      uses: [from.parent, to.parent],
      changes: [node, entryKey(from), entryKey(to), ...(replaced === undefined ? [] : [replaced])],
      everything: node.kind === "directory",
    };
    const renaming = this.#behind(node, to, claim, () =>
      recover(
        () => this.#renameNow(node, to, replaced),
        (error) => {
          if (replaced?.stored !== undefined) this.#keep(replaced, error);
          throw error;
        },
      ),
    );
    void chain(renaming, () => this.options.ended(from));
  }

  /** The guest has the node where the store has it: what failed is not tried again, nor told once more. */
  takeBack(node: FsNode): void {
    this.#succeeded(node);
    node.unreported = undefined;
  }

  /** Tries again what failed. */
  retry(): void {
    for (const node of Array.from(this.#failed)) {
      const place = placeOf(node);
      if (place === undefined) {
        if (node.stored === undefined) this.#failed.delete(node);
        else void this.remove(node, node.stored);
      } else if (node.stored === undefined) {
        if (node.kind === "file") this.createFile(node, place);
        else if (node.kind === "directory") this.createDirectory(node, place);
        else this.createSpecial(node, place);
      } else if (!isSamePlace(node.stored, place)) {
        this.rename(node, node.stored, place, undefined);
      } else if (node.kind === "file" && node.waiting !== undefined) {
        this.replaceContent(node);
      } else {
        this.#settle(node);
      }
    }
  }

  #renameNow(node: FsNode, to: Place, replaced: FsNode | undefined): Awaitable<void> {
    // One rename replaces what is at its end, if the store knows both.
    const isOne = isSamePlace(replaced?.stored, to) && node.kind !== "special" && replaced?.kind !== "special";
    if (replaced?.stored !== undefined && (node.stored === undefined || !isOne)) {
      return chain(this.#removeNow(replaced), () => this.#renameNow(node, to, undefined));
    }
    return chain(this.#vacate(to, node, replaced), () => {
      if (node.stored !== undefined) return chain(this.#letGoNow(replaced), () => this.#moveNow(node, to, replaced));
      throw node.failure ?? new FsError(Errno.EIO, "it never reached the store");
    });
  }

  #moveNow(node: FsNode, to: Place, replaced: FsNode | undefined): Awaitable<void> {
    const from = node.stored;
    if (from === undefined || isSamePlace(from, to)) return;
    // Only where an earlier move failed: for the guest, the one is not below the other.
    if (node.kind === "directory" && (to.parent === node || isStoredBelow(to.parent, node))) {
      throw to.parent.failure ?? new FsError(Errno.EIO, "into itself");
    }
    const moved = () => {
      this.keeper.moved(from, to);
      moveStored(node, to);
      if (replaced !== undefined) this.#gone(replaced);
    };
    if (node.kind === "special") return moved();
    const closed = node.kind === "directory" ? this.contents.closeBelowNow(node) : undefined;
    return chain(closed, () =>
      chain(this.places.directory(from.parent), (source) =>
        chain(this.places.directory(to.parent), (target) => chain(source.rename(from.name, target, to.name), moved)),
      ),
    );
  }

  #removeNow(node: FsNode): Awaitable<void> {
    const at = node.stored;
    if (at === undefined) return;
    const removed = () => {
      this.keeper.removed(at);
      this.#gone(node);
    };
    if (node.kind === "special") return removed();
    return chain(this.#letGoNow(node), () =>
      chain(this.places.directory(at.parent), (parent) =>
        chain(
          recover(
            () => parent.remove(at.name),
            (error) => {
              if (!(error instanceof FsError && error.errno === Errno.ENOENT)) throw error;
            },
          ),
          removed,
        ),
      ),
    );
  }

  /** Whose file nobody uses is closed: the store saves it then. */
  #landNow(node: FileNode, isNew: boolean): Awaitable<void> {
    return chain(this.contents.landNow(node, isNew), () => {
      if (useOf(node, this.options.hasHandles) === "none") return this.contents.closeNow(node);
    });
  }

  #letGoNow(node: FsNode | undefined): Awaitable<void> {
    if (node?.kind !== "file" || node.stored === undefined) return;
    return this.contents.letGoNow(node, useOf(node, this.options.hasHandles));
  }

  /** Throws if the store has something in that place that the guest has elsewhere; removes what the guest has removed. */
  #vacate(place: Place, node: FsNode, replaced?: FsNode): Awaitable<void> {
    const stranded = this.#stranded.get(entryKey(place));
    if (stranded === undefined || stranded === node || stranded === replaced) return;
    if (stranded.parent !== undefined) throw stranded.failure ?? new FsError(Errno.EIO, "the name is taken");
    return this.#removeNow(stranded);
  }

  #land(node: FileNode, at: Place | undefined, claim: Claim, run: () => Awaitable<void>): void {
    const landing = this.#behind(node, at, claim, run);
    if (!isPromise(landing)) return;
    const landed = landing.then(() => {
      if (node.landing === landed) node.landing = undefined;
    });
    node.landing = landed;
  }

  #behind(node: FsNode, at: Place | undefined, claim: Claim, run: () => Awaitable<void>): Awaitable<void> {
    return this.queue.behind(claim, () =>
      chain(
        recover(
          () => chain(run(), () => this.#succeeded(node)),
          (error) => this.#keep(node, error),
        ),
        () => at && this.options.ended(at),
      ),
    );
  }

  #succeeded(node: FsNode): void {
    if (!this.#failed.has(node)) return;
    const waits = node.kind === "file" && node.waiting !== undefined;
    if (!waits && isSamePlace(node.stored, placeOf(node))) this.#settle(node);
  }

  #gone(node: FsNode): void {
    if (this.#failed.has(node)) this.#settle(node);
    moveStored(node, undefined);
  }

  #settle(node: FsNode): void {
    node.failure = undefined;
    this.#failed.delete(node);
    for (const [key, stranded] of this.#stranded) if (stranded === node) this.#stranded.delete(key);
  }

  #keep(node: FsNode, error: unknown): void {
    const failure = failureOf(error);
    node.failure = failure;
    this.#failed.add(node);
    if (node.stored !== undefined && !isSamePlace(node.stored, placeOf(node))) {
      this.#stranded.set(entryKey(node.stored), node);
    }
    this.options.failed(node, failure);
  }
}

/** What the guest may still do with a file that loses its name. */
function useOf(node: FsNode, hasHandles: boolean): "none" | "read" | "write" {
  if (node.kind !== "file") return "none";
  if (!hasHandles) return node.nlookup > 0 ? "write" : "none";
  if (node.opens === 0) return "none";
  return node.writers > 0 ? "write" : "read";
}
