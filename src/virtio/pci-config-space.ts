import { type Of, padding, struct, u8, u16, u32 } from "../wire/struct.js";

/** Type 0 configuration space header (PCI Local Bus Specification 3.0, §6.1). */
export const PCI_HEADER = struct({
  vendor_id: u16,
  device_id: u16,
  command: u16,
  status: u16,
  revision_id: u8,
  programming_interface: u8,
  sub_class: u8,
  base_class: u8,
  cache_line_size: u8,
  latency_timer: u8,
  header_type: u8,
  bist: u8,
  bar0: u32,
  bar1: u32,
  bar2: u32,
  bar3: u32,
  bar4: u32,
  bar5: u32,
  cardbus_cis_pointer: u32,
  subsystem_vendor_id: u16,
  subsystem_id: u16,
  expansion_rom: u32,
  capabilities_pointer: u8,
  reserved: padding(7),
  interrupt_line: u8,
  interrupt_pin: u8,
  min_gnt: u8,
  max_lat: u8,
});
export const PCI_COMMAND_IO = 0x1;
export const PCI_COMMAND_MASTER = 0x4;
export const PCI_STATUS_CAP_LIST = 0x10;
export const PCI_BASE_ADDRESS_SPACE_IO = 0x1;
const CONFIG_SPACE_SIZE = 256;
const CAPABILITY_ALIGN = 4;

/** What kind of function it is (PCI Code and ID Assignment Specification, §1). */
export type PciClass = Pick<Of<typeof PCI_HEADER>, "base_class" | "sub_class">;

/** What differs from one function to the next. */
export type PciIdentity = PciClass &
  Pick<Of<typeof PCI_HEADER>, "vendor_id" | "device_id" | "revision_id" | "subsystem_vendor_id" | "subsystem_id">;

/** Configuration space of a function with these capabilities, in order; the second byte of each, its link, is filled in. */
export function pciConfigSpace(identity: PciIdentity, capabilities: readonly Uint8Array[]): Uint8Array {
  const space = new Uint8Array(CONFIG_SPACE_SIZE);
  space.set(
    PCI_HEADER.encode({
      ...identity,
      command: PCI_COMMAND_IO | PCI_COMMAND_MASTER,
      status: PCI_STATUS_CAP_LIST,
    }),
  );
  let link: number = PCI_HEADER.offsets.capabilities_pointer;
  let at = PCI_HEADER.size;
  for (const capability of capabilities) {
    space.set(capability, at);
    space[link] = at;
    link = at + 1;
    at += Math.ceil(capability.length / CAPABILITY_ALIGN) * CAPABILITY_ALIGN;
  }
  return space;
}
