import { DriverError } from "./driver-error.js";
import type { GuestMemory } from "./guest-memory.js";
import { Segments } from "./segments.js";
import * as spec from "./spec.js";

/** The table that a walk starts in. */
export interface DescriptorTable {
  readonly descriptorTable: number;
  readonly size: number;
  readonly indirectDesc: boolean;
}

/**
 * Follows a descriptor chain (§2.7.5) from `head` to its end, through at most one indirect table, and checks every rule on the
 * way. A table is left or the walk ends after as many steps as it has descriptors, so that a loop is an error, not a hang.
 */
export function walkDescriptors(
  memory: GuestMemory,
  { descriptorTable, size, indirectDesc }: DescriptorTable,
  head: number,
): { readable: Segments; writable: Segments } {
  const readable = new Segments();
  const writable = new Segments();
  let table = descriptorTable;
  let entries = size;
  let budget = size;
  let index = head;
  let nested = false;

  for (;;) {
    if (index >= entries) throw new DriverError(`descriptor ${index} of ${entries}`);
    if (budget-- === 0) throw new DriverError(`descriptor chain ${head} has a loop`);
    const descriptor = table + index * spec.VIRTQ_DESC.size;
    const address = memory.readUint64(descriptor + spec.VIRTQ_DESC.offsets.addr);
    const length = memory.readUint32(descriptor + spec.VIRTQ_DESC.offsets.len);
    const flags = memory.readUint16(descriptor + spec.VIRTQ_DESC.offsets.flags);

    if (flags & spec.VIRTQ_DESC_F_INDIRECT) {
      if (!indirectDesc) throw new DriverError("indirect descriptor without VIRTIO_F_INDIRECT_DESC");
      if (nested) throw new DriverError("indirect descriptor in an indirect table");
      if (flags & spec.VIRTQ_DESC_F_NEXT) throw new DriverError("indirect descriptor with NEXT");
      entries = indirectEntries(memory, address, length);
      table = address;
      budget = entries;
      index = 0;
      nested = true;
      continue;
    }

    if (length > 0) {
      memory.check(address, length);
      if (flags & spec.VIRTQ_DESC_F_WRITE) {
        writable.append(address, length);
      } else {
        if (writable.byteLength > 0) throw new DriverError("device-readable descriptor after a device-writable one");
        readable.append(address, length);
      }
      if (readable.byteLength + writable.byteLength > spec.VIRTQ_CHAIN_BYTES_MAX) {
        throw new DriverError("descriptor chain longer than 2^32 bytes");
      }
    }

    if (!(flags & spec.VIRTQ_DESC_F_NEXT)) return { readable, writable };
    index = memory.readUint16(descriptor + spec.VIRTQ_DESC.offsets.next);
  }
}

/** §2.7.4.1: "The device MAY have a reasonable limit of descriptors it will allow in a chain." */
function indirectEntries(memory: GuestMemory, address: number, length: number): number {
  const entries = length / spec.VIRTQ_DESC.size;
  if (!Number.isInteger(entries) || entries < 1 || entries > spec.VIRTQ_SIZE_MAX) {
    throw new DriverError(`indirect table of ${length} bytes`);
  }
  memory.check(address, length);
  return entries;
}
