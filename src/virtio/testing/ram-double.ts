import { GuestMemory } from "../guest-memory.js";

const GUARD = 4096;
const GUARD_BYTE = 0xa5;

/** Guest RAM in an array, between guard bytes that nobody may touch or look at; notes what was reported as written. */
export class RamDouble extends GuestMemory {
  readonly bytes: Uint8Array;
  readonly writtenRanges: { address: number; length: number }[] = [];
  readonly #all: Uint8Array;
  readonly #view: DataView;
  /** How often RAM may be looked at before that counts as a hang. */
  budget = Infinity;
  #allocated = 0;

  constructor(readonly byteLength = 1024 * 1024) {
    super();
    this.#all = new Uint8Array(byteLength + 2 * GUARD).fill(GUARD_BYTE);
    this.bytes = this.#all.subarray(GUARD, GUARD + byteLength).fill(0);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, byteLength);
  }

  /** False when bytes beside RAM changed. */
  get guardsIntact(): boolean {
    const guards = [this.#all.subarray(0, GUARD), this.#all.subarray(GUARD + this.byteLength)];
    return guards.every((guard) => guard.every((byte) => byte === GUARD_BYTE));
  }

  written(address: number, length: number): void {
    this.writtenRanges.push({ address, length });
  }

  override view(address: number, length: number): Uint8Array {
    const view = super.view(address, length);
    const start = view.byteOffset - this.bytes.byteOffset;
    if (start < 0 || start + view.length > this.byteLength) throw new Error(`a view of ${length} bytes at ${address}`);
    return view;
  }

  /** Lets `allocate` begin anew. */
  freeAll(): void {
    this.#allocated = 0;
  }

  /** Takes bytes that nobody has. */
  allocate(length: number, align = 16): number {
    const address = Math.ceil(this.#allocated / align) * align;
    this.#allocated = address + length;
    this.check(address, length);
    return address;
  }

  protected ram(): DataView {
    if (--this.budget < 0) throw new Error("no end of looking at RAM");
    return this.#view;
  }
}
