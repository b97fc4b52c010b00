import type { FsError } from "../posix/fs-error.js";
import { failureOf } from "./failure.js";
import { entryKey, type FsNode, isSamePlace, type Place, placeOf } from "./node.js";
import { moveStored } from "./places.js";

/**
 * The nodes that the store does not have as the guest does, since a change failed. Where the store has something that for the
 * guest is elsewhere or gone, it is *stranded*.
 */
export class Failures {
  /** In the order in which they failed. */
  readonly #failed = new Set<FsNode>();
  readonly #stranded = new Map<string, FsNode>();
  /** Those of several names: which of them the records have is not known. */
  readonly #unlinked = new Set<FsNode>();

  /** `failed` is told of each. */
  constructor(private readonly failed: (node: FsNode, error: FsError) => void) {}

  get size(): number {
    return this.#failed.size;
  }

  /** The first error of a change that the store still lacks. */
  get first(): FsError | undefined {
    for (const node of this.#failed) return node.failure;
    return undefined;
  }

  nodes(): FsNode[] {
    return [...this.#failed];
  }

  /** What the store has there, though the guest has it elsewhere. */
  strandedAt(place: Place): FsNode | undefined {
    return this.#stranded.get(entryKey(place));
  }

  add(node: FsNode, error: unknown): void {
    const failure = failureOf(error);
    node.failure = failure;
    this.#failed.add(node);
    if (node.inode !== undefined || node.links) this.#unlinked.add(node);
    this.stranded(node);
    this.failed(node, failure);
  }

  /** Remembers where the store has a node that failed, if the guest has it elsewhere. */
  stranded(node: FsNode): void {
    for (const [key, stranded] of this.#stranded) if (stranded === node) this.#stranded.delete(key);
    if (node.stored !== undefined && !isSamePlace(node.stored, placeOf(node))) {
      this.#stranded.set(entryKey(node.stored), node);
    }
  }

  /** The records have the node's other names as the guest does. */
  relinked(node: FsNode): void {
    this.#unlinked.delete(node);
  }

  /** A change of the node succeeded: perhaps the store has it as the guest does. */
  succeeded(node: FsNode): void {
    if (!this.#failed.has(node) || this.#unlinked.has(node)) return;
    const waits = node.kind === "file" && node.waiting !== undefined;
    const isTemporary = node.kind === "file" && node.isTemporary && node.stored !== undefined;
    if (!waits && (isTemporary || isSamePlace(node.stored, placeOf(node)))) this.settle(node);
  }

  /** The store does not have the node any more. */
  gone(node: FsNode): void {
    if (this.#failed.has(node)) this.settle(node);
    moveStored(node, undefined);
  }

  /** The store has the node as the guest does. */
  settle(node: FsNode): void {
    node.failure = undefined;
    this.#failed.delete(node);
    this.#unlinked.delete(node);
    for (const [key, stranded] of this.#stranded) if (stranded === node) this.#stranded.delete(key);
  }
}
