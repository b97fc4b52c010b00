import type { V86 } from "v86";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PCI_HEADER } from "../virtio/pci-config-space.js";
import type { PciFunction } from "../virtio/pci.js";
import { RegisterFile } from "../virtio/registers.js";
import { type GuestPorts, StoppedV86 } from "./testing/stopped-v86.js";
import { internals, type V86Cpu } from "./v86.js";
import { V86Memory } from "./v86-memory.js";
import { V86PciBus } from "./v86-pci-bus.js";

const PCI_ADDRESS = 0xcf8;
const PCI_DATA = 0xcfc;

let v86: V86;
let cpu: V86Cpu;
let ports: GuestPorts;
let bus: V86PciBus;

beforeEach(async () => {
  ({ v86, cpu, ports } = await StoppedV86.load({ disable_keyboard: true, disable_mouse: true }));
  bus = new V86PciBus(cpu);
});

afterEach(() => v86.destroy());

/** A function with a writable 32-bit register at 0 and bytes 1, 2, 3… behind it. */
function functionDouble(size = 16): PciFunction & { written: number } {
  const double = {
    name: "double",
    configSpace: PCI_HEADER.encode({ vendor_id: 0x1af4, device_id: 0x105a }),
    written: 0,
    bar: new RegisterFile(size, [
      { offset: 0, width: 4 as const, read: () => 0xfedcba98, write: (value: number) => void (double.written = value) },
      ...Array.from({ length: size - 4 }, (_, i) => ({ offset: 4 + i, width: 1 as const, read: () => i + 1 })),
    ]),
  };
  return double;
}

/** Configuration space of the functions that are plugged in, by slot. */
function plugged(): Map<number, { bar0: number; interrupt_pin: number; interrupt_line: number }> {
  const found = new Map<number, { bar0: number; interrupt_pin: number; interrupt_line: number }>();
  for (let slot = 0; slot < 32; slot++) {
    const space = cpu.devices.pci.device_spaces[slot << 3];
    if (!space || cpu.devices.pci.devices[slot << 3]!.name !== "double") continue;
    const { bar0, interrupt_pin, interrupt_line } = PCI_HEADER.decode(new Uint8Array(space.buffer));
    found.set(slot, { bar0, interrupt_pin, interrupt_line });
  }
  return found;
}

function select(slot: number, offset: number): void {
  ports.port_write32(PCI_ADDRESS, (0x80000000 | (slot << 11) | offset) >> 0);
  for (const [i, byte] of [offset, slot << 3, 0, 0x80].entries()) ports.port_write8(PCI_ADDRESS + i, byte);
}

test("a slot that v86 never uses, INTA#, and an interrupt that no device of v86 has", () => {
  bus.plug(functionDouble());
  bus.plug(functionDouble());
  // The IDE controller's is 10; slots 4 and 8 are the first free ones whose INTA# is not.
  expect(
    [...plugged()].map(([slot, { interrupt_pin, interrupt_line }]) => [slot, interrupt_pin, interrupt_line]),
  ).toEqual([
    [4, 1, 11],
    [8, 1, 11],
  ]);
});

test("the routes that the guest set are followed", () => {
  cpu.devices.pci.isa_bridge_space8.set([5, 9, 7, 5], 0x60);
  bus.plug(functionDouble());
  expect([...plugged().values()][0]!.interrupt_line).toBe(5);
});

test("every slot is used, with other pins and shared interrupts, before one is refused", () => {
  for (let i = 0; i < 21; i++) bus.plug(functionDouble());
  expect(plugged().size).toBe(21);
  expect(new Set([...plugged().values()].map(({ bar0 }) => bar0)).size).toBe(21);
  expect(() => bus.plug(functionDouble())).toThrow("every PCI slot is taken");
});

test("ports reach the function's registers in every width, signed as v86 wants them", () => {
  const double = functionDouble();
  bus.plug(double);
  const base = plugged().get(4)!.bar0 & ~1;
  expect(ports.port_read8(base + 4)).toBe(1);
  expect(ports.port_read16(base + 5)).toBe(0x0302);
  expect(ports.port_read32(base)).toBe(0xfedcba98 | 0);
  ports.port_write32(base, -2);
  expect(double.written).toBe(0xfffffffe);
  ports.port_write8(base, 0x11);
  expect(double.written).toBe(0xfedcba11);
});

test("the BAR is sized, moved, and freed where it is when the function is unplugged", () => {
  const slot = bus.plug(functionDouble());
  const first = plugged().get(4)!.bar0 & ~1;
  select(4, PCI_HEADER.offsets.bar0);
  ports.port_write32(PCI_DATA, -1);
  select(4, PCI_HEADER.offsets.bar0);
  expect(ports.port_read32(PCI_DATA) >>> 0).toBe(0xfffffff1);
  ports.port_write32(PCI_DATA, 0xc080);
  expect([ports.port_read8(0xc084), ports.port_read8(first + 4)]).toEqual([1, 0xff]);

  slot.unplug();
  expect(ports.port_read8(0xc084)).toBe(0xff);
  expect(plugged().size).toBe(0);
  select(4, 0);
  expect(ports.port_read32(PCI_DATA)).toBe(-1);
  bus.plug(functionDouble());
  expect(plugged().has(4)).toBe(true);
});

test("the guest may write to a slot that is empty", () => {
  select(20, PCI_HEADER.offsets.command);
  ports.port_write8(PCI_DATA, 1);
  ports.port_write16(PCI_DATA, 1);
  ports.port_write32(PCI_DATA, 1);
  bus.plug(functionDouble());
  select(4, PCI_HEADER.offsets.interrupt_line);
  ports.port_write8(PCI_DATA, 5);
  expect(plugged().get(4)!.interrupt_line).toBe(5);
});

test("a shared interrupt line stays up until the last function lets go", () => {
  const lowered: number[] = [];
  const lower = cpu.device_lower_irq;
  cpu.device_lower_irq = (irq) => {
    lowered.push(irq);
    lower(irq);
  };
  cpu.devices.pci.isa_bridge_space8.set([10, 10, 11, 11], 0x60);
  const [a, b] = [bus.plug(functionDouble()), bus.plug(functionDouble())];
  a.interrupt(false);
  expect(lowered).toEqual([]);
  a.interrupt(true);
  a.interrupt(true);
  b.interrupt(true);
  a.interrupt(false);
  expect(lowered).toEqual([]);
  b.unplug();
  expect(lowered).toEqual([11]);
});

test("memory is v86's, also after it has grown", () => {
  const memory = new V86Memory(cpu);
  expect(memory.byteLength).toBe(64 * 1024 * 1024);
  memory.writeUint32(memory.byteLength - 4, 0x12345678);
  expect(cpu.mem8[memory.byteLength - 4]).toBe(0x78);
  cpu.wasm_memory.grow(1);
  expect(memory.readUint32(memory.byteLength - 4)).toBe(0x12345678);
  expect([...memory.view(memory.byteLength - 2, 2)]).toEqual([0x34, 0x12]);
  expect(() => memory.view(memory.byteLength - 2, 3)).toThrow("not in RAM");
});

test("a member that v86 no longer has is named", () => {
  delete (cpu.devices.pci as { device_spaces?: unknown }).device_spaces;
  expect(() => internals(v86)).toThrow("cpu.devices.pci.device_spaces is undefined, not object");
});
