import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Contents } from "./contents.js";
import type { Failures } from "./failures.js";
import type { Keeper, Move } from "./keeper.js";
import { mergeDirectory } from "./merge-directory.js";
import { type FsNode, isSamePlace, type Place, placeOf } from "./node.js";
import { isStoredBelow, moveStored, type Places } from "./places.js";
import type { Intent } from "./records.js";

/** Moves and removes what the store has, and its records with it. Every method runs inside a task that changes the nodes. */
export class StoreMoves {
  /** What the store has on its way, or in part where it was and in part where it goes. */
  readonly #halfway = new Map<FsNode, { intent: Intent; to: Place | undefined }>();
  #lastParked = 0;

  constructor(
    private readonly places: Places,
    private readonly contents: Contents,
    private readonly keeper: Keeper,
    private readonly failures: Failures,
    /** True: only an open handle uses a file that lost its name. False: a lookup may be an open file of the guest's. */
    private readonly hasHandles: boolean,
  ) {}

  /** Says what `run` is about to do, so that it is all done or none of it, even if the tab is killed. */
  wholly(
    moves: readonly Move[],
    run: (intent: Intent) => Awaitable<void>,
    leaves?: { readonly node: FsNode; readonly at: Place },
  ): Awaitable<void> {
    const intent = this.keeper.intend(moves, leaves);
    return recover(
      () => run(intent),
      (error) => {
        const isHalfway = [...this.#halfway.values()].some((left) => left.intent === intent);
        if (!isHalfway) this.keeper.abandon(intent);
        throw error;
      },
    );
  }

  /** Moves one of the names that are in the records alone. */
  moveLink(node: FsNode, from: Place, to: Place, intent?: Intent): void {
    this.keeper.linkMoved(node, from, to, intent);
  }

  /** Moves the node's entry in the store, over that of `replaced`. */
  move(node: FsNode, to: Place, replaced: FsNode | undefined, intent?: Intent): Awaitable<void> {
    const from = node.stored;
    if (from === undefined) throw node.failure ?? new FsError(Errno.EIO, "it never reached the store");
    if (node.kind === "special") {
      this.keeper.moved(from, to, intent);
      return moveStored(node, to);
    }
    // Only where an earlier move failed: for the guest, the one is not below the other.
    if (node.kind === "directory" && (to.parent === node || isStoredBelow(to.parent, node))) {
      throw to.parent.failure ?? new FsError(Errno.EIO, "into itself");
    }
    const begun = this.#halfway.get(node)?.to;
    const closed = node.kind === "directory" ? this.contents.closeBelowNow(node) : this.letGo(replaced);
    const moved = () => {
      this.keeper.moved(from, to, intent);
      this.arrived(node);
      moveStored(node, to);
      if (replaced === undefined) return;
      this.keeper.pruneLinks(replaced);
      this.failures.gone(replaced);
    };
    return chain(closed, () =>
      chain(this.places.directory(from.parent), (source) =>
        chain(this.places.directory(to.parent), (target) => {
          if (begun !== undefined) {
            return chain(mergeDirectory(source, from.name, target, to.name), moved);
          }
          const rename = () => source.rename(from.name, target, to.name);
          return chain(
            recover(rename, (error) => this.#stuck(node, to, intent, error)),
            moved,
          );
        }),
      ),
    );
  }

  /** Something of the node is elsewhere than the rest. */
  isHalfway(node: FsNode): boolean {
    return this.#halfway.get(node)?.to !== undefined;
  }

  /** Ends a move of the node that the store broke off. Before it is moved elsewhere, or removed. */
  finish(node: FsNode): Awaitable<void> {
    const to = this.#halfway.get(node)?.to;
    if (to !== undefined) return this.move(node, to, undefined);
  }

  /** Removes the node's entry from the store. */
  remove(node: FsNode): Awaitable<void> {
    return chain(this.finish(node), () => this.#remove(node));
  }

  #remove(node: FsNode): Awaitable<void> {
    const at = node.stored;
    if (at === undefined) return;
    const removed = () => {
      this.keeper.removed(at);
      this.keeper.pruneLinks(node);
      this.arrived(node);
      this.failures.gone(node);
    };
    if (node.kind === "special") return removed();
    return chain(this.letGo(node), () =>
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

  /** The node is left on its way, or part of it is in `to` already: only a later move ends the intent. */
  leave(node: FsNode, intent: Intent, to?: Place): void {
    const before = this.#halfway.get(node)?.intent;
    if (before !== undefined && before !== intent) this.keeper.abandon(before);
    this.#halfway.set(node, { intent, to });
  }

  /** The node is where it was to go, or gone. */
  arrived(node: FsNode): void {
    const left = this.#halfway.get(node);
    this.#halfway.delete(node);
    if (left !== undefined) this.keeper.abandon(left.intent);
  }

  /**
   * Throws if the store has something in that place that the guest has elsewhere; removes what the guest has removed. `alone`:
   * nothing else is under way, and what is in the way may be put aside until its own turn comes.
   */
  vacate(place: Place, node: FsNode, replaced?: FsNode, alone = false): Awaitable<void> {
    const coming = this.#comingTo(place);
    if (coming !== undefined && coming !== node) {
      if (!alone) throw coming.failure ?? new FsError(Errno.EIO, "the name is taken");
      return chain(this.finish(coming), () => {
        this.failures.stranded(coming);
        return this.vacate(place, node, replaced, alone);
      });
    }
    const stranded = this.failures.strandedAt(place);
    if (stranded === undefined || stranded === node || stranded === replaced) return;
    const target = placeOf(stranded);
    if (target === undefined) return this.remove(stranded);
    if (!alone || !this.places.canPark) throw stranded.failure ?? new FsError(Errno.EIO, "the name is taken");
    return chain(this.finish(stranded), () => {
      const from = stranded.stored;
      if (!isSamePlace(from, place)) return this.failures.stranded(stranded);
      const parked = this.parkingPlace();
      const aside: Move[] = [
        [place, parked],
        [parked, target],
      ];
      return this.wholly(aside, (intent) =>
        chain(this.move(stranded, parked, undefined, intent), () => {
          this.failures.stranded(stranded);
          this.leave(stranded, intent);
        }),
      );
    });
  }

  /** What is in part there already. */
  #comingTo(place: Place): FsNode | undefined {
    for (const [node, { to }] of this.#halfway) if (to !== undefined && isSamePlace(to, place)) return node;
    return undefined;
  }

  /** Where what is on its way to a name that is taken may wait. */
  parkingPlace(): Place {
    return { parent: this.places.parkingNode, name: `exchange-${++this.#lastParked}` };
  }

  letGo(node: FsNode | undefined): Awaitable<void> {
    if (node?.kind !== "file" || node.stored === undefined) return;
    return this.contents.letGoNow(node, useOf(node, this.hasHandles));
  }

  isUsed(node: FsNode): boolean {
    return useOf(node, this.hasHandles) !== "none";
  }

  /** Of a directory, some files may have been moved already. */
  #stuck(node: FsNode, to: Place, intent: Intent | undefined, error: unknown): never {
    if (node.kind === "directory" && intent !== undefined && mayBeHalfway(error)) this.leave(node, intent, to);
    throw error;
  }
}

/** A store moves a directory wholly or not at all, and says EIO where it could do neither. */
function mayBeHalfway(error: unknown): boolean {
  return !(error instanceof FsError) || error.errno === Errno.EIO;
}

/** What the guest may still do with a file that loses its name. */
function useOf(node: FsNode, hasHandles: boolean): "none" | "read" | "write" {
  if (node.kind !== "file") return "none";
  if (!hasHandles) return node.nlookup > 0 ? "write" : "none";
  if (node.opens === 0) return "none";
  return node.writers > 0 ? "write" : "read";
}
