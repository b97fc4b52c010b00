/**
 * Numbers of the Virtual I/O Device (VIRTIO) specification, version 1.3, in its order and spelling. Fields of 64 bits over PCI
 * are two of 32, low and high (§4.1.3).
 */
import { type Layout, padding, struct, u8, u16, u32, u64 } from "../wire/struct.js";

// §2.1 Device Status Field

export const ACKNOWLEDGE = 1;
export const DRIVER = 2;
export const DRIVER_OK = 4;
export const FEATURES_OK = 8;
export const DEVICE_NEEDS_RESET = 64;
export const FAILED = 128;

// §2.2 Feature Bits

/** Bits that one access of device_feature or driver_feature shows. */
export const FEATURE_WORD_BITS = 32;
/** The words that hold all bits this version reserves for devices and transport (0 to 63). */
export const FEATURE_WORDS = 2;

// §2.7 Split Virtqueues

/** "The maximum Queue Size value is 32768." */
export const VIRTQ_SIZE_MAX = 32768;
export const VIRTQ_DESC_ALIGN = 16;
export const VIRTQ_AVAIL_ALIGN = 2;
export const VIRTQ_USED_ALIGN = 4;

// §2.7.5 The Virtqueue Descriptor Table

export const VIRTQ_DESC = struct({ addr: u64, len: u32, flags: u16, next: u16 });
export const VIRTQ_DESC_F_NEXT = 1;
export const VIRTQ_DESC_F_WRITE = 2;
export const VIRTQ_DESC_F_INDIRECT = 4;
/** "Drivers MUST NOT add a descriptor chain longer than 2^32 bytes in total". */
export const VIRTQ_CHAIN_BYTES_MAX = 2 ** 32;

// §2.7.6 The Virtqueue Available Ring

/** Before ring[Queue Size]; used_event comes after it. */
export const VIRTQ_AVAIL = struct({ flags: u16, idx: u16 });
export const VIRTQ_AVAIL_ELEM = u16;
export const VIRTQ_AVAIL_F_NO_INTERRUPT = 1;
export const VIRTQ_USED_EVENT = u16;

// §2.7.8 The Virtqueue Used Ring

/** Before ring[Queue Size]; avail_event comes after it. */
export const VIRTQ_USED = struct({ flags: u16, idx: u16 });
export const VIRTQ_USED_ELEM = struct({ id: u32, len: u32 });
export const VIRTQ_USED_F_NO_NOTIFY = 1;
export const VIRTQ_AVAIL_EVENT = u16;

// §4.1.2 PCI Device Discovery

export const PCI_VENDOR_ID_VIRTIO = 0x1af4;
/** "The PCI Device ID is calculated by adding 0x1040 to the Virtio Device ID". */
export const PCI_DEVICE_ID_BASE = 0x1040;
/** "Non-transitional devices SHOULD have a PCI Revision ID of 1 or higher." */
export const PCI_REVISION_ID = 1;
/** "Non-transitional devices SHOULD have a PCI Subsystem Device ID of 0x40 or higher." */
export const PCI_SUBSYSTEM_DEVICE_ID = 0x40;

// §4.1.4 Virtio Structure PCI Capabilities

export const VIRTIO_PCI_CAP = struct({
  cap_vndr: u8,
  cap_next: u8,
  cap_len: u8,
  cfg_type: u8,
  bar: u8,
  id: u8,
  padding: padding(2),
  offset: u32,
  length: u32,
});
export const PCI_CAP_ID_VNDR = 0x09;
export const VIRTIO_PCI_CAP_COMMON_CFG = 1;
export const VIRTIO_PCI_CAP_NOTIFY_CFG = 2;
export const VIRTIO_PCI_CAP_ISR_CFG = 3;
export const VIRTIO_PCI_CAP_DEVICE_CFG = 4;
export const VIRTIO_PCI_CAP_PCI_CFG = 5;

// §4.1.4.3 Common configuration structure layout

export const VIRTIO_PCI_COMMON_CFG_MEMBERS = {
  device_feature_select: u32,
  device_feature: u32,
  driver_feature_select: u32,
  driver_feature: u32,
  config_msix_vector: u16,
  num_queues: u16,
  device_status: u8,
  config_generation: u8,
  queue_select: u16,
  queue_size: u16,
  queue_msix_vector: u16,
  queue_enable: u16,
  queue_notify_off: u16,
  queue_desc_lo: u32,
  queue_desc_hi: u32,
  queue_driver_lo: u32,
  queue_driver_hi: u32,
  queue_device_lo: u32,
  queue_device_hi: u32,
  queue_notify_data: u16,
  queue_reset: u16,
  admin_queue_index: u16,
  admin_queue_num: u16,
};
export const VIRTIO_PCI_COMMON_CFG = struct(VIRTIO_PCI_COMMON_CFG_MEMBERS);
export const VIRTIO_MSI_NO_VECTOR = 0xffff;

// §4.1.4.4 Notification structure layout

/** After struct virtio_pci_cap. */
export const VIRTIO_PCI_NOTIFY_CAP = struct({ notify_off_multiplier: u32 });
export const VIRTIO_PCI_NOTIFY = u16;

// §4.1.4.5 ISR status capability

export const VIRTIO_PCI_ISR = u8;
export const VIRTIO_PCI_ISR_QUEUE = 1;
export const VIRTIO_PCI_ISR_CONFIG = 2;

// §4.1.4.9 PCI configuration access capability

/** After struct virtio_pci_cap. */
export const VIRTIO_PCI_CFG_CAP = struct({ pci_cfg_data: u32 });

// §5.3 Console Device

export const VIRTIO_ID_CONSOLE = 3;
export const VIRTIO_CONSOLE_F_MULTIPORT = 1;
export const VIRTIO_CONSOLE_CONFIG = struct({ cols: u16, rows: u16, max_nr_ports: u32, emerg_wr: u32 });
export const VIRTIO_CONSOLE_CONTROL = struct({ id: u32, event: u16, value: u16 });
export const VIRTIO_CONSOLE_DEVICE_READY = 0;
export const VIRTIO_CONSOLE_DEVICE_ADD = 1;
export const VIRTIO_CONSOLE_PORT_READY = 3;
export const VIRTIO_CONSOLE_PORT_OPEN = 6;
export const VIRTIO_CONSOLE_PORT_NAME = 7;

// §5.11 File System Device

export const VIRTIO_ID_FS = 26;
export const VIRTIO_FS_TAG_SIZE = 36;
export const VIRTIO_FS_CONFIG = struct({ tag: bytes(VIRTIO_FS_TAG_SIZE), num_request_queues: u32 });

// §6 Reserved Feature Bits

export const VIRTIO_F_INDIRECT_DESC = 28;
export const VIRTIO_F_EVENT_IDX = 29;
export const VIRTIO_F_VERSION_1 = 32;

/** An array of `size` bytes, zero where the value is shorter. */
function bytes(size: number): Layout<Uint8Array> {
  const at = (view: DataView, offset: number) => new Uint8Array(view.buffer, view.byteOffset + offset, size);
  return {
    size,
    read: (view, offset) => at(view, offset).slice(),
    write: (view, offset, value) => at(view, offset).set(value),
  };
}
