import { MemoryContent } from "../storage/memory/memory-content.js";
import type { FileNode } from "./node.js";

/** Content that waits in memory until the store can take it, and how much there is of it. */
export class Waiting {
  readonly #nodes = new Set<FileNode>();
  #held = 0;
  #bytes = 0;

  /** `limit`: bytes of memory. */
  constructor(private readonly limit: number) {}

  /** Files that wait. */
  get count(): number {
    return this.#nodes.size;
  }

  /** Bytes of those files. */
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
    this.#bytes -= node.waiting.size;
    node.waiting = undefined;
    this.#nodes.delete(node);
  }

  hasRoom(content: MemoryContent, offset: number, length: number): boolean {
    return this.#held + content.growth(offset, length) <= this.limit;
  }

  change(node: FileNode, content: MemoryContent, change: () => void): void {
    const { held, size } = content;
    change();
    this.#held += content.held - held;
    this.#bytes += content.size - size;
    node.size = content.size;
  }
}
