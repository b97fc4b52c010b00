import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Keeper, Move } from "./keeper.js";
import { type FsNode, isSamePlace, type Place, type SpecialNode } from "./node.js";
import type { Intent } from "./records.js";
import type { StoreMoves } from "./store-moves.js";

/** A rename that the tree has seen. */
export interface Renaming {
  readonly node: FsNode;
  readonly from: Place;
  readonly to: Place;
  /** The name is one of the node's links, which only the records know. */
  readonly isLink: boolean;
  /** A node that lost its last name to this one. */
  readonly replaced?: FsNode | undefined;
  /** A node that lost its main name to this one, and goes on under another. */
  readonly promoted?: { readonly node: FsNode; readonly main: Place } | undefined;
  /** A node that lost one of its other names to this one. */
  readonly unlinked?: FsNode | undefined;
  /** A rename that failed before: nothing else is done meanwhile. */
  readonly alone?: boolean;
  /** What is left at the old name. */
  readonly whiteout?: SpecialNode | undefined;
}

/** A name and its node, before they are exchanged. */
export interface Exchanged {
  readonly node: FsNode;
  readonly place: Place;
  readonly isLink: boolean;
}

/** Renames in the store and in the records: each wholly or not at all, even if the tab is killed meanwhile. */
export class Renames {
  constructor(
    private readonly moves: StoreMoves,
    private readonly keeper: Keeper,
  ) {}

  rename(renaming: Renaming): Awaitable<void> {
    const { node, to, replaced, promoted, whiteout, alone } = renaming;
    const ready = chain(this.moves.finish(node), () => this.moves.vacate(to, node, replaced ?? promoted?.node, alone));
    return chain(ready, () => {
      const from = renaming.isLink ? renaming.from : node.stored;
      if (from === undefined && node.parent === undefined) return this.#withoutNode(renaming);
      if (from === undefined) throw node.failure ?? new FsError(Errno.EIO, "it never reached the store");
      if (isSamePlace(from, to)) return;
      const isRecord = renaming.isLink || node.kind === "special";
      // One rename replaces what is at its end, if the store knows both.
      const isOne = !isRecord && replaced?.kind !== "special" && isSamePlace(replaced?.stored, to);
      const run = (intent?: Intent) => this.#rename(renaming, from, isOne, intent);
      const isOneMove = promoted === undefined && whiteout === undefined && (isOne || replaced === undefined);
      // What the guest still uses is put aside first.
      const isTwo = replaced !== undefined && this.moves.isUsed(replaced);
      const isPlain = node.kind !== "directory" && isOneMove && !isTwo;
      if (isPlain && (isRecord || !(this.keeper.hasRecord(from) || this.keeper.hasRecord(to)))) return run();
      const moves: Move[] =
        promoted === undefined
          ? [[from, to]]
          : [
              [to, promoted.main],
              [from, to],
            ];
      const leaves = whiteout && { node: whiteout, at: renaming.from };
      return chain(this.moves.wholly(moves, run, leaves), () => {
        if (whiteout !== undefined) whiteout.stored = renaming.from;
      });
    });
  }

  exchange(a: Exchanged, b: Exchanged): Awaitable<void> {
    return chain(this.moves.finish(a.node), () => chain(this.moves.finish(b.node), () => this.#exchange(a, b)));
  }

  #exchange(a: Exchanged, b: Exchanged): Awaitable<void> {
    const parked = this.moves.parkingPlace();
    const steps: [Exchanged, Move][] = [
      [a, [a.place, parked]],
      [b, [b.place, a.place]],
      [a, [parked, b.place]],
    ];
    for (const { node, place, isLink } of [a, b]) {
      if (!isLink && !isSamePlace(node.stored, place)) throw node.failure ?? new FsError(Errno.EIO, "not in its place");
    }
    return this.moves.wholly(
      steps.map(([, move]) => move),
      (intent) => {
        const step = (index: number) => {
          const [{ node, isLink }, [from, to]] = steps[index]!;
          if (isLink) return this.moves.moveLink(node, from, to, intent);
          return this.moves.move(node, to, undefined, intent);
        };
        return chain(step(0), () =>
          recover(
            () => chain(step(1), () => step(2)),
            (error) => {
              if (isSamePlace(a.node.stored, parked)) this.moves.leave(a.node, intent);
              throw error;
            },
          ),
        );
      },
    );
  }

  /** The node was removed, and the store never had it: only what its name replaced is left to do. */
  #withoutNode({ to, replaced, promoted, unlinked }: Renaming): Awaitable<void> {
    if (unlinked !== undefined) this.keeper.unlink(unlinked, to);
    if (replaced !== undefined) return this.moves.remove(replaced);
    if (promoted === undefined) return;
    const { node, main } = promoted;
    return this.moves.wholly([[to, main]], (intent) => this.moves.move(node, main, undefined, intent));
  }

  #rename(
    { node, to, isLink, replaced, promoted }: Renaming,
    from: Place,
    isOne: boolean,
    intent: Intent | undefined,
  ): Awaitable<void> {
    const promote = () => promoted && this.moves.move(promoted.node, promoted.main, undefined, intent);
    const remove = () => (isOne || replaced === undefined ? undefined : this.moves.remove(replaced));
    const move = () =>
      isLink
        ? this.moves.moveLink(node, from, to, intent)
        : this.moves.move(node, to, isOne ? replaced : undefined, intent);
    return chain(promote(), () => chain(remove(), move));
  }
}
