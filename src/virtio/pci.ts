import type { RegisterFile } from "./registers.js";

/** A PCI function with one BAR, in I/O space, and one interrupt pin. */
export interface PciFunction {
  readonly name: string;
  /** Configuration space as after power on; the bus fills in BAR 0 and the interrupt pin and line. */
  readonly configSpace: Uint8Array;
  /** What BAR 0 shows; its size is a power of 2, at most 256. */
  readonly bar: RegisterFile;
}

/** A bus that functions can be plugged into, also while the guest runs. */
export interface PciBus {
  plug(pciFunction: PciFunction): PciSlot;
}

/** Where a function is plugged in. */
export interface PciSlot {
  /** Device number on the bus. */
  readonly number: number;
  /** Holds INTx asserted, or lets go of it. Level-triggered; saying the same twice is once. */
  interrupt(asserted: boolean): void;
  /** Takes the function out. The guest must have let go of it before. */
  unplug(): void;
}
