import type { FileNode } from "./node.js";

interface Handle {
  readonly node: FileNode;
  readonly writes: boolean;
}

/** The guest's open files, where it asks before it opens. A handle counts; content and position are the node's and the guest's. */
export class Handles {
  readonly #open = new Map<number, Handle>();
  #last = 0;

  /** Returns the handle's number, never used again. */
  add(node: FileNode, writes: boolean): number {
    const fh = ++this.#last;
    this.#open.set(fh, { node, writes });
    node.opens++;
    if (writes) node.writers++;
    return fh;
  }

  /** Of a guest that goes on from a snapshot. */
  restore(fh: number, node: FileNode, writes: boolean): void {
    this.#last = fh - 1;
    this.add(node, writes);
  }

  /** Every handle; a later `add` gives none of these numbers. */
  *all(): Generator<readonly [fh: number, node: FileNode, writes: boolean]> {
    for (const [fh, { node, writes }] of this.#open) yield [fh, node, writes];
  }

  /** Returns the file if that was its last handle. */
  remove(fh: number): FileNode | undefined {
    const handle = this.#open.get(fh);
    if (handle === undefined) return undefined;
    this.#open.delete(fh);
    const { node, writes } = handle;
    if (writes) node.writers--;
    return --node.opens === 0 ? node : undefined;
  }

  /** Returns the files that were open. */
  removeAll(): FileNode[] {
    const files: FileNode[] = [];
    for (const fh of this.#open.keys()) {
      const node = this.remove(fh);
      if (node !== undefined) files.push(node);
    }
    return files;
  }
}
