import type { GuestMemory } from "./guest-memory.js";

/** The guest-physical ranges that a chain's descriptors name, in order; ranges that touch are one. */
export class Segments {
  byteLength = 0;
  readonly #addresses: number[] = [];
  readonly #lengths: number[] = [];

  append(address: number, length: number): void {
    if (length === 0) return;
    this.byteLength += length;
    const last = this.#addresses.length - 1;
    if (last >= 0 && this.#addresses[last]! + this.#lengths[last]! === address) {
      this.#lengths[last]! += length;
    } else {
      this.#addresses.push(address);
      this.#lengths.push(length);
    }
  }

  /** Calls `visit` for each range of the bytes [offset, offset + length), clipped to what there is. */
  forEach(offset: number, length: number, visit: (address: number, length: number) => void): void {
    let skip = offset;
    let left = Math.min(length, this.byteLength - offset);
    for (let i = 0; left > 0; i++) {
      const here = this.#lengths[i]!;
      if (skip < here) {
        const count = Math.min(here - skip, left);
        visit(this.#addresses[i]! + skip, count);
        left -= count;
      }
      skip = Math.max(0, skip - here);
    }
  }

  views(memory: GuestMemory, offset: number, length: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    this.forEach(offset, length, (address, count) => views.push(memory.view(address, count)));
    return views;
  }
}
