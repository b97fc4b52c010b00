import type { PciBus, PciFunction, PciSlot } from "../pci.js";

/** A PCI bus with its interrupt lines, one a function, for the driver's side to look at. */
export class BusDouble implements PciBus {
  readonly plugged: PciFunction[] = [];
  /** The interrupt line of the last function that was plugged in, and how often it went up. */
  asserted = false;
  interrupts = 0;

  plug(pciFunction: PciFunction): PciSlot {
    this.plugged.push(pciFunction);
    return {
      number: this.plugged.length,
      interrupt: (asserted) => {
        if (asserted && !this.asserted) this.interrupts++;
        this.asserted = asserted;
      },
      unplug: () => {
        this.plugged.splice(this.plugged.indexOf(pciFunction), 1);
      },
    };
  }
}
