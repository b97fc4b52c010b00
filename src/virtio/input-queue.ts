import type { Awaitable } from "../posix/awaitable.js";
import type { DescriptorChain } from "./descriptor-chain.js";

/** Bytes on their way to the guest, waiting for its buffers. */
export class InputQueue {
  readonly #chunks: { readonly bytes: Uint8Array; readonly end: number }[] = [];
  /** Totals since the start: bytes pushed, and bytes taken by the guest or dropped. */
  #pushed = 0;
  #gone = 0;
  readonly #waiting: { readonly end: number; readonly resolve: () => void }[] = [];

  get pending(): number {
    return this.#pushed - this.#gone;
  }

  push(bytes: Uint8Array): void {
    this.#pushed += bytes.length;
    if (bytes.length > 0) this.#chunks.push({ bytes, end: this.#pushed });
  }

  /** Ends when everything pushed so far has gone. */
  taken(): Awaitable<void> {
    if (this.pending === 0) return;
    return new Promise((resolve) => this.#waiting.push({ end: this.#pushed, resolve }));
  }

  /** Fills a buffer of the driver with as much as it holds. */
  fill(chain: DescriptorChain): void {
    let filled = 0;
    for (let chunk; filled < chain.writableLength && (chunk = this.#chunks[0]);) {
      const rest = chunk.bytes.subarray(chunk.bytes.length - (chunk.end - this.#gone));
      const part = rest.subarray(0, chain.writableLength - filled);
      chain.copyOut(filled, part);
      filled += part.length;
      this.#advance(part.length);
    }
    chain.complete(filled);
  }

  /** Drops what is pending. */
  clear(): void {
    this.#advance(this.pending);
  }

  #advance(count: number): void {
    this.#gone += count;
    while (this.#chunks[0] && this.#chunks[0].end <= this.#gone) this.#chunks.shift();
    while (this.#waiting[0] && this.#waiting[0].end <= this.#gone) this.#waiting.shift()!.resolve();
  }
}
