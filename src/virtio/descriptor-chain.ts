import type { GuestMemory } from "./guest-memory.js";
import type { Segments } from "./segments.js";

/** Where a chain goes back to when the device has done with it. */
export interface ChainOwner {
  /** False once the device was reset: the chain's buffers are the driver's again. */
  readonly live: boolean;
  used(head: number, written: number): void;
}

/**
 * One buffer of a driver: bytes the device may read, then bytes it may write. After a reset of the device nothing is left to see
 * or to fill, and `complete` does nothing.
 */
export class DescriptorChain {
  #completed = false;

  constructor(
    private readonly memory: GuestMemory,
    private readonly owner: ChainOwner,
    private readonly head: number,
    private readonly readable: Segments,
    private readonly writable: Segments,
  ) {}

  get readableLength(): number {
    return this.readable.byteLength;
  }

  get writableLength(): number {
    return this.writable.byteLength;
  }

  /** Copies device-readable bytes from `offset` on into `into`; returns how many there were, at most `into.length`. */
  copyIn(offset: number, into: Uint8Array): number {
    let copied = 0;
    if (this.#held) {
      this.readable.forEach(offset, into.length, (address, length) => {
        into.set(this.memory.view(address, length), copied);
        copied += length;
      });
    }
    return copied;
  }

  /** Views of the device-readable bytes [offset, offset + length), clipped; good until control goes back to the event loop. */
  readableViews(offset: number, length: number): Uint8Array[] {
    return this.#held ? this.readable.views(this.memory, offset, length) : [];
  }

  /** Views of the device-writable bytes [offset, offset + length), clipped; good until control goes back to the event loop. */
  writableViews(offset: number, length: number): Uint8Array[] {
    return this.#held ? this.writable.views(this.memory, offset, length) : [];
  }

  /** Copies `bytes` to the device-writable bytes at `offset`. */
  copyOut(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.writableLength) {
      throw new RangeError(
        `${bytes.length} bytes at ${offset} do not fit ${this.writableLength} device-writable bytes`,
      );
    }
    if (!this.#held) return;
    let copied = 0;
    this.writable.forEach(offset, bytes.length, (address, length) => {
      this.memory.view(address, length).set(bytes.subarray(copied, copied + length));
      copied += length;
    });
  }

  /** Gives the buffer back, its first `written` device-writable bytes filled in. Exactly once. */
  complete(written: number): void {
    if (this.#completed) throw new Error(`chain ${this.head} was completed before`);
    if (written > this.writableLength) throw new RangeError(`${written} of ${this.writableLength} bytes written`);
    const held = this.#held;
    this.#completed = true;
    if (!held) return;
    this.writable.forEach(0, written, (address, length) => this.memory.written(address, length));
    this.owner.used(this.head, written);
  }

  get #held(): boolean {
    return this.owner.live && !this.#completed;
  }
}
