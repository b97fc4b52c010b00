import { type Awaitable, chain } from "../posix/awaitable.js";
import { MemoryContent } from "../storage/memory/memory-content.js";
import type { OpenStoreFile } from "../storage/store.js";
import { inOrder } from "./awaitables.js";
import type { FileNode } from "./node.js";

/** Content that waits in memory until the store can take it, and how much there is of it. */
export class Waiting {
  readonly #nodes = new Set<FileNode>();
  #held = 0;
  #bytes = 0;

  /** `limit`: bytes of memory. `short` is told when half of it is used: the store should take some. */
  constructor(
    private readonly limit: number,
    private readonly short: () => void,
  ) {}

  /** Files that wait. */
  get count(): number {
    return this.#nodes.size;
  }

  /** Bytes of those files, holes apart. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The file's content begins anew, empty. */
  add(node: FileNode): void {
    this.delete(node);
    node.waiting = new MemoryContent();
    node.size = 0;
    this.#nodes.add(node);
  }

  delete(node: FileNode): void {
    if (node.waiting === undefined) return;
    this.#held -= node.waiting.held;
    this.#bytes -= unsavedIn(node.waiting);
    node.waiting = undefined;
    this.#nodes.delete(node);
  }

  hasRoom(content: MemoryContent, offset: number, length: number): boolean {
    const held = this.#held + content.growth(offset, length);
    if (held > this.limit / 2) this.short();
    return held <= this.limit;
  }

  change(node: FileNode, content: MemoryContent, change: () => void): void {
    const { held } = content;
    const unsaved = unsavedIn(content);
    change();
    this.#held += content.held - held;
    this.#bytes += unsavedIn(content) - unsaved;
    node.size = content.size;
  }
}

/** Makes the open file what `content` is, holes and all. */
export function land(content: MemoryContent, open: OpenStoreFile): Awaitable<void> {
  const emptied = open.size() > 0 ? open.truncate(0) : undefined;
  return chain(emptied, () =>
    chain(
      inOrder(content.extents(), ([offset, bytes]) => open.write(offset, [bytes])),
      () => (open.size() < content.size ? open.truncate(content.size) : undefined),
    ),
  );
}

function unsavedIn(content: MemoryContent): number {
  return Math.min(content.size, content.allocated());
}
