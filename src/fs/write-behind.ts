import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import type { StoreDirectory } from "../storage/store.js";
import { inOrder } from "./awaitables.js";
import type { ChangeQueue, Claim } from "./change-queue.js";
import type { Contents } from "./contents.js";
import type { Failures } from "./failures.js";
import type { Keeper } from "./keeper.js";
import { linksOf } from "./links.js";
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
import type { Places } from "./places.js";
import type { Exchanged, Renames, Renaming } from "./renames.js";
import type { StoreMoves } from "./store-moves.js";

/**
 * Brings to the store what has been done to the tree already. A change that fails leaves the guest's view as it is: the error
 * is kept for fsync, and the change is tried again at the next flush. Where the store has something that for the guest is
 * elsewhere or gone, nothing is put over it.
 *
 * A record is written before what it is about is made, and after that is removed; a rename is announced in the log. So each
 * moment at which the tab may be killed leaves a tree that the guest could have made.
 */
export class WriteBehind {
  /** Nodes with changes under way, and how many. */
  readonly #changes = new Map<FsNode, number>();

  constructor(
    private readonly queue: ChangeQueue,
    private readonly places: Places,
    private readonly contents: Contents,
    private readonly keeper: Keeper,
    private readonly moves: StoreMoves,
    private readonly renames: Renames,
    private readonly failures: Failures,
    /** A change of this name reached the store, or failed to. */
    private readonly ended: (place: Place) => void,
    /** What is under way is more or less than before. */
    private readonly changed: () => void,
  ) {}

  /** Nodes of which the store does not have everything yet, though nothing has failed and no content waits. */
  get changes(): number {
    let count = 0;
    for (const node of this.#changes.keys()) {
      const isCounted = node.failure !== undefined || (node.kind === "file" && node.waiting !== undefined);
      if (!isCounted) count++;
    }
    return count;
  }

  isChanging(node: FsNode): boolean {
    return this.#changes.has(node);
  }

  /** A new file, with the content that waits. */
  createFile(node: FileNode, at: Place): void {
    this.#land(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () => {
      if (node.parent === undefined && !node.isNeeded && !this.moves.isUsed(node)) return this.contents.drop(node);
      return this.#made(node, at, (parent) =>
        chain(parent.createFile(at.name), (file) => {
          node.stored = at;
          node.file = file;
          node.under = parent;
          return this.#landNow(node, true);
        }),
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
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () =>
      this.#made(node, at, (parent) =>
        chain(parent.createDirectory(at.name), (directory) => {
          node.stored = at;
          node.directory = directory;
          node.under = parent;
        }),
      ),
    );
  }

  /** A node that only the records have. */
  createSpecial(node: SpecialNode, at: Place): void {
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () =>
      chain(this.moves.vacate(at, node), () => {
        node.stored = at;
        this.keeper.save(node);
      }),
    );
  }

  /** The guest has changed attributes. */
  saveAttributes(node: FsNode): void {
    if (node.saving) return;
    node.saving = true;
    void this.#behind(node, undefined, { changes: [node] }, () => {
      node.saving = false;
      this.keeper.save(node);
    });
  }

  /** The times of the directory have moved with its entries. */
  touched(directory: DirectoryNode): void {
    this.keeper.touched(directory);
  }

  /** One more name. */
  link(node: FsNode, at: Place): void {
    need(node);
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () =>
      chain(this.moves.vacate(at, node), () => {
        this.keeper.link(node, at);
        this.keeper.save(node);
      }),
    );
  }

  /** A name that was not the main one is gone. */
  unlink(node: FsNode, at: Place): void {
    void this.#behind(node, at, { uses: [at.parent], changes: [node, entryKey(at)] }, () => {
      this.keeper.unlink(node, at);
      this.keeper.save(node);
    });
  }

  /** A node that has lost its last name. */
  remove(node: FsNode, at: Place): Awaitable<void> {
    const claim = { uses: [at.parent], changes: [node, entryKey(at)] };
    return this.#behind(node, at, claim, () => this.moves.remove(node));
  }

  rename(renaming: Renaming): void {
    const { node, from, to, replaced, promoted } = renaming;
    need(node);
    const others = [replaced, promoted?.node, renaming.unlinked, renaming.whiteout].filter(
      (node) => node !== undefined,
    );
    const claim: Claim = {
      uses: [from.parent, to.parent, ...(promoted === undefined ? [] : [promoted.main.parent])],
      changes: [node, entryKey(from), entryKey(to), ...others, ...(promoted ? [entryKey(promoted.main)] : [])],
      everything: node.kind === "directory" || renaming.alone === true,
    };
    const run = () =>
      recover(
        () => chain(this.renames.rename(renaming), () => this.keeper.save(node)),
        (error) => {
          if (replaced?.stored !== undefined) this.failures.add(replaced, error);
          if (promoted !== undefined && !isSamePlace(promoted.node.stored, promoted.main)) {
            this.failures.add(promoted.node, error);
          }
          throw error;
        },
      );
    void chain(this.#behind(node, to, claim, run), () => this.ended(from));
  }

  /** Two names whose nodes have been exchanged. */
  exchange(a: Exchanged, b: Exchanged): void {
    need(a.node);
    need(b.node);
    const claim: Claim = {
      uses: [a.place.parent, b.place.parent],
      changes: [a.node, b.node, entryKey(a.place), entryKey(b.place)],
      everything: a.node.kind === "directory" || b.node.kind === "directory",
    };
    const run = () =>
      recover(
        () => this.renames.exchange(a, b),
        (error) => {
          this.failures.add(b.node, error);
          throw error;
        },
      );
    void chain(this.#behind(a.node, b.place, claim, run), () => this.ended(a.place));
  }

  /** The guest has the node where the store has it: what failed is not tried again, nor told once more. */
  takeBack(node: FsNode): void {
    this.failures.succeeded(node);
    node.unreported = undefined;
  }

  /** Tries again what failed. */
  retry(): void {
    for (const node of this.failures.nodes()) {
      const place = placeOf(node);
      if (place === undefined) {
        if (node.stored === undefined) this.failures.settle(node);
        else if (node.kind === "file" && node.isTemporary) this.replaceContent(node);
        else void this.remove(node, node.stored);
      } else if (node.stored === undefined) {
        if (node.kind === "file") this.createFile(node, place);
        else if (node.kind === "directory") this.createDirectory(node, place);
        else this.createSpecial(node, place);
      } else if (!isSamePlace(node.stored, place) || this.moves.isHalfway(node)) {
        this.rename({ node, from: node.stored, to: place, isLink: false, alone: true });
      } else if (node.kind === "file" && node.waiting !== undefined) {
        this.replaceContent(node);
      }
      this.#relink(node);
    }
  }

  /** After a failure: each of the node's other names, and no others, are in the records. */
  #relink(node: FsNode): void {
    void this.#behind(node, undefined, { changes: [node], everything: true }, () =>
      chain(
        inOrder([...linksOf(node)].values(), (place) =>
          chain(this.moves.vacate(place, node, undefined, true), () => this.keeper.link(node, place)),
        ),
        () => {
          this.keeper.pruneLinks(node);
          this.keeper.save(node);
          this.failures.relinked(node);
        },
      ),
    );
  }

  /** Makes a node in the store, with its record there before it. */
  #made(node: FsNode, at: Place, make: (parent: StoreDirectory) => Awaitable<void>): Awaitable<void> {
    return chain(this.moves.vacate(at, node), () =>
      chain(this.places.directory(at.parent), (parent) => {
        this.keeper.saveAs(node, at);
        return recover(
          () => make(parent),
          (error) => {
            if (node.stored === undefined) this.keeper.removed(at);
            throw error;
          },
        );
      }),
    );
  }

  /** Whose file nobody uses is closed: the store saves it then. */
  #landNow(node: FileNode, isNew: boolean): Awaitable<void> {
    return chain(this.contents.landNow(node, isNew), () => {
      if (!this.moves.isUsed(node)) return this.contents.closeNow(node);
    });
  }

  #land(node: FileNode, at: Place | undefined, claim: Claim, run: () => Awaitable<void>): void {
    const landing = this.#behind(node, at, claim, run);
    if (!isPromise(landing)) return;
    const landed = landing.then(() => {
      if (node.landing === landed) node.landing = undefined;
    });
    node.landing = landed;
  }

  #succeeded(node: FsNode): void {
    if (!this.moves.isHalfway(node)) this.failures.succeeded(node);
  }

  #behind(node: FsNode, at: Place | undefined, claim: Claim, run: () => Awaitable<void>): Awaitable<void> {
    this.#count(node, 1);
    return this.queue.behind(claim, () =>
      chain(
        recover(
          () => chain(run(), () => this.#succeeded(node)),
          (error) => this.failures.add(node, error),
        ),
        () => {
          this.#count(node, -1);
          if (at !== undefined) this.ended(at);
        },
      ),
    );
  }

  #count(node: FsNode, change: 1 | -1): void {
    const count = (this.#changes.get(node) ?? 0) + change;
    if (count > 0) this.#changes.set(node, count);
    else this.#changes.delete(node);
    this.changed();
  }
}

/** What follows its creation changes more than the node itself. */
function need(node: FsNode): void {
  if (node.kind === "file" && node.stored === undefined) node.isNeeded = true;
}
