import type { PciBus, PciFunction, PciSlot } from "../virtio/pci.js";
import { PCI_BASE_ADDRESS_SPACE_IO, PCI_HEADER } from "../virtio/pci-config-space.js";
import type { RegisterFile } from "../virtio/registers.js";
import type { V86DeviceCpu, V86Io, V86Pci, V86Port } from "./v86.js";

const SLOTS = 32;
const PINS = [1, 2, 3, 4];
/** Slots of v86's own devices, whether or not they are switched on. */
const V86_SLOTS = new Set([0, 1, 3, 5, 6, 7, 10, 11, 12, 18, 30]);
/** PIRQRCA: where the PIIX3 says which interrupt each of its four lines goes to. */
const PIRQ_ROUTE = 0x60;
/** What SeaBIOS writes there. */
const FIRMWARE_ROUTES = [10, 10, 11, 11] as const;
/** v86 moves BARs at and above this port only. */
const FIRST_PORT = 0x1000;
/** At the end of port space a BAR lies while its size is probed. */
const LAST_PORT = 0xff00;

/**
 * v86's PCI bus. Functions may be plugged in and out while the guest runs; it then looks for them itself
 * (`echo 1 > /sys/bus/pci/rescan`), and lets go of them before they are unplugged (`echo 1 > …/remove`).
 */
export class V86PciBus implements PciBus {
  readonly #io: V86Io;
  readonly #pci: V86Pci;
  /** pci_id of each function of ours that holds its interrupt line up. */
  readonly #asserting = new Set<number>();
  /** The ports of ours, by pci_id. */
  readonly #ours = new Map<number, readonly V86Port[]>();

  constructor(cpu: V86DeviceCpu) {
    this.#io = cpu.io;
    this.#pci = cpu.devices.pci;
    ignoreWritesToEmptySlots(this.#pci);
  }

  get isFull(): boolean {
    return this.#freeSlots().length === 0;
  }

  /** `wanted`: its device number, where it is free. */
  plug(pciFunction: PciFunction, wanted?: number): PciSlot {
    const { slot, pin } = this.#chooseSlot(wanted);
    const pciId = slot << 3;
    const { size } = pciFunction.bar;
    const base = this.#chooseBase(size);
    const space = pciFunction.configSpace.slice();
    new DataView(space.buffer).setUint32(PCI_HEADER.offsets.bar0, base | PCI_BASE_ADDRESS_SPACE_IO, true);
    space[PCI_HEADER.offsets.interrupt_pin] = pin;
    // Firmware fills this in for what it finds at boot only.
    space[PCI_HEADER.offsets.interrupt_line] = this.#route(slot, pin);

    for (let offset = 0; offset < size; offset++) registerPort(this.#io, base + offset, pciFunction, offset);
    const ports = this.#io.ports.slice(base, base + size);
    this.#pci.register_device({ name: pciFunction.name, pci_id: pciId, pci_space: space, pci_bars: [{ size }] });
    this.#ours.set(pciId, ports);
    return {
      number: slot,
      interrupt: (asserted) => this.#interrupt(pciId, asserted),
      unplug: () => this.#unplug(pciId, ports),
    };
  }

  /** After v86 restored every configuration space: a BAR that it moved may have emptied ports where another had come to lie. */
  settle(): void {
    for (const [pciId, ports] of this.#ours) {
      const base = this.#base(pciId);
      ports.forEach((port, offset) => (this.#io.ports[base + offset] = port));
    }
  }

  #unplug(pciId: number, ports: readonly V86Port[]): void {
    this.#interrupt(pciId, false);
    const base = this.#base(pciId);
    ports.forEach((port, offset) => {
      if (this.#io.ports[base + offset] === port) this.#io.ports[base + offset] = this.#io.create_empty_entry();
    });
    this.#pci.device_spaces[pciId] = undefined;
    this.#pci.devices[pciId] = undefined;
    this.#ours.delete(pciId);
  }

  /** Where its ports are now. */
  #base(pciId: number): number {
    const bar = this.#pci.device_spaces[pciId]![PCI_HEADER.offsets.bar0 / Int32Array.BYTES_PER_ELEMENT]!;
    return bar & ~PCI_BASE_ADDRESS_SPACE_IO & 0xffff;
  }

  /** v86's interrupt lines are not wired-OR: a line stays up for as long as any of ours holds it. */
  #interrupt(pciId: number, asserted: boolean): void {
    if (asserted) {
      this.#asserting.add(pciId);
      this.#pci.raise_irq(pciId);
    } else if (this.#asserting.delete(pciId)) {
      const line = this.#routeOf(pciId);
      if (![...this.#asserting].some((other) => this.#routeOf(other) === line)) this.#pci.lower_irq(pciId);
    }
  }

  /**
   * A free slot and a pin whose interrupt no device of v86 uses, because such a device would lower it under us. INTA# where
   * that is possible: it is the pin of functions that are alone in their slot (PCI 3.0, §2.2.6).
   */
  #chooseSlot(wanted?: number): { slot: number; pin: number } {
    const free = this.#freeSlots().filter((slot) => slot === (wanted ?? slot));
    const theirs = this.#pci.devices.flatMap((device, pciId) =>
      device && !this.#ours.has(pciId) && this.#pin(pciId) ? [this.#routeOf(pciId)] : [],
    );
    const candidates = PINS.flatMap((pin) => free.map((slot) => ({ slot, pin })));
    const choice = candidates.find(({ slot, pin }) => !theirs.includes(this.#route(slot, pin))) ?? candidates[0];
    if (!choice) throw new Error(wanted === undefined ? "every PCI slot is taken" : `PCI slot ${wanted} is taken`);
    return choice;
  }

  #freeSlots(): number[] {
    return Array.from({ length: SLOTS }, (_, slot) => slot).filter(
      (slot) => !V86_SLOTS.has(slot) && !this.#pci.devices[slot << 3],
    );
  }

  /** Ports that no device has. The guest, or its firmware, moves the BAR to where it likes. */
  #chooseBase(size: number): number {
    for (let base = FIRST_PORT; base < LAST_PORT; base += size) {
      if (this.#io.ports.slice(base, base + size).every((port) => port.device === undefined)) return base;
    }
    throw new Error("no I/O ports are free");
  }

  #routeOf(pciId: number): number {
    return this.#route(pciId >> 3, this.#pin(pciId));
  }

  #pin(pciId: number): number {
    const space = this.#pci.device_spaces[pciId]!;
    return new DataView(space.buffer).getUint8(PCI_HEADER.offsets.interrupt_pin);
  }

  /** The interrupt that a slot's pin is routed to, or will be once firmware has run. */
  #route(slot: number, pin: number): number {
    const line = (pin - 1 + slot - 1) & 3;
    return this.#pci.isa_bridge_space8[PIRQ_ROUTE + line] || FIRMWARE_ROUTES[line]!;
  }
}

function registerPort(io: V86Io, port: number, pciFunction: PciFunction, offset: number): void {
  const { bar }: { bar: RegisterFile } = pciFunction;
  io.register_read(
    port,
    pciFunction,
    () => bar.read(offset, 1),
    () => bar.read(offset, 2),
    () => bar.read(offset, 4) | 0,
  );
  io.register_write(
    port,
    pciFunction,
    (value) => bar.write(offset, 1, value & 0xff),
    (value) => bar.write(offset, 2, value & 0xffff),
    (value) => bar.write(offset, 4, value >>> 0),
  );
}

/** v86 looks for nothing behind an empty slot on writes of 8 and 16 bits, and would end with a TypeError. */
function ignoreWritesToEmptySlots(pci: V86Pci): void {
  for (const name of ["pci_write8", "pci_write16"] as const) {
    const write = pci[name];
    pci[name] = (address, value) => {
      if (pci.device_spaces[(address >> 8) & 0xffff]) write.call(pci, address, value);
    };
  }
}
