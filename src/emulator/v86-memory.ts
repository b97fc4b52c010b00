import { GuestMemory } from "../virtio/guest-memory.js";
import type { V86DeviceCpu } from "./v86.js";

/** The guest's RAM in v86's WebAssembly memory. */
export class V86Memory extends GuestMemory {
  readonly byteLength: number;
  readonly #byteOffset: number;
  #ram: DataView;

  constructor(private readonly cpu: V86DeviceCpu) {
    super();
    this.byteLength = cpu.mem8.length;
    this.#byteOffset = cpu.mem8.byteOffset;
    this.#ram = this.#map();
  }

  written(address: number, length: number): void {
    if (length > 0) this.cpu.jit_dirty_cache(address, address + length);
  }

  protected ram(): DataView {
    // WebAssembly memory that has grown has a new buffer; the old one is detached and empty.
    if (this.#ram.buffer.byteLength === 0) this.#ram = this.#map();
    return this.#ram;
  }

  #map(): DataView {
    return new DataView(this.cpu.wasm_memory.buffer, this.#byteOffset, this.byteLength);
  }
}
