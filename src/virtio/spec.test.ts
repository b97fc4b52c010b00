import { expect, test } from "vitest";
import { PCI_HEADER } from "./pci-config-space.js";
import * as spec from "./spec.js";

// Right-hand sides: the offsets in include/uapi/linux/virtio_pci.h, virtio_ring.h, virtio_console.h, virtio_fs.h and pci_regs.h.

test("struct virtio_pci_common_cfg", () => {
  expect(spec.VIRTIO_PCI_COMMON_CFG.offsets).toEqual({
    device_feature_select: 0, // VIRTIO_PCI_COMMON_DFSELECT
    device_feature: 4,
    driver_feature_select: 8,
    driver_feature: 12,
    config_msix_vector: 16,
    num_queues: 18,
    device_status: 20,
    config_generation: 21,
    queue_select: 22,
    queue_size: 24,
    queue_msix_vector: 26,
    queue_enable: 28,
    queue_notify_off: 30,
    queue_desc_lo: 32,
    queue_desc_hi: 36,
    queue_driver_lo: 40,
    queue_driver_hi: 44,
    queue_device_lo: 48,
    queue_device_hi: 52,
    queue_notify_data: 56,
    queue_reset: 58,
    admin_queue_index: 60,
    admin_queue_num: 62,
  });
  expect(spec.VIRTIO_PCI_COMMON_CFG.size).toBe(64);
});

test("struct virtio_pci_cap and what follows it", () => {
  expect(spec.VIRTIO_PCI_CAP.offsets).toMatchObject({
    cap_next: 1,
    cap_len: 2,
    cfg_type: 3,
    bar: 4,
    offset: 8,
    length: 12,
  });
  expect(spec.VIRTIO_PCI_CAP.size + spec.VIRTIO_PCI_NOTIFY_CAP.size).toBe(20);
  expect(spec.VIRTIO_PCI_CAP.size + spec.VIRTIO_PCI_CFG_CAP.size).toBe(20);
});

test("split virtqueue", () => {
  expect(spec.VIRTQ_DESC.offsets).toEqual({ addr: 0, len: 8, flags: 12, next: 14 });
  expect(spec.VIRTQ_DESC.size).toBe(16);
  expect(spec.VIRTQ_AVAIL.offsets).toEqual({ flags: 0, idx: 2 });
  expect(spec.VIRTQ_USED_ELEM.size).toBe(8);
  // §2.7: "Available Ring: 6 + 2 * Queue Size, Used Ring: 6 + 8 * Queue Size".
  expect(spec.VIRTQ_AVAIL.size + spec.VIRTQ_USED_EVENT.size).toBe(6);
  expect(spec.VIRTQ_USED.size + spec.VIRTQ_AVAIL_EVENT.size).toBe(6);
});

test("device configuration", () => {
  expect(spec.VIRTIO_FS_CONFIG.offsets).toEqual({ tag: 0, num_request_queues: 36 });
  expect(spec.VIRTIO_FS_CONFIG.size).toBe(40);
  expect(spec.VIRTIO_CONSOLE_CONFIG.offsets).toEqual({ cols: 0, rows: 2, max_nr_ports: 4, emerg_wr: 8 });
  expect(spec.VIRTIO_CONSOLE_CONTROL.offsets).toEqual({ id: 0, event: 4, value: 6 });
});

test("PCI configuration space header", () => {
  expect(PCI_HEADER.offsets).toMatchObject({
    command: 0x04,
    status: 0x06,
    revision_id: 0x08,
    base_class: 0x0b,
    header_type: 0x0e,
    bar0: 0x10,
    subsystem_vendor_id: 0x2c,
    capabilities_pointer: 0x34,
    interrupt_line: 0x3c,
    interrupt_pin: 0x3d,
  });
  expect(PCI_HEADER.size).toBe(0x40);
});
