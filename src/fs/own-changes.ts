import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import type { FileNode, FsNode } from "./node.js";

/** For so long after a file was saved what the store tells of it may be that. */
const RECENT = 1000;

/**
 * Tells our own changes of files from others', where the store tells of both alike: what is told of a file that we are saving, or have
 * just saved, is looked at.
 */
export class OwnChanges {
  /** Files that are looked at, and whether something was told of them meanwhile. */
  readonly #looking = new Map<FileNode, boolean>();

  /** `isBusy`: something of ours is under way with the node. `isOthers`: asks the store whether the file is what we left there. */
  constructor(
    private readonly now: () => number,
    private readonly isBusy: (node: FsNode) => boolean,
    private readonly isOthers: (node: FileNode) => Awaitable<boolean>,
  ) {}

  /** What is told of the node now may be our own change. */
  mayBe(node: FsNode): boolean {
    return this.isBusy(node) || this.now() - (node.savedAt ?? -Infinity) < RECENT;
  }

  /** The store told of a change of the file. `others` is called, at once or later, unless it was our own. */
  told(node: FileNode, others: () => void): void {
    if (this.#looking.has(node)) this.#looking.set(node, true);
    else if (this.mayBe(node)) this.#look(node, others);
    else others();
  }

  #look(node: FileNode, others: () => void): void {
    this.#looking.set(node, false);
    const looked = recover(
      () => this.isOthers(node),
      () => true,
    );
    void chain(looked, (isOthers) => {
      const isToldAgain = this.#looking.get(node) === true;
      this.#looking.delete(node);
      if (isOthers) others();
      else if (isToldAgain) this.told(node, others);
    });
  }
}
