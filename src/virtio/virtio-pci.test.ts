import { expect, test } from "vitest";
import { DriverError } from "./driver-error.js";
import { PCI_HEADER } from "./pci-config-space.js";
import * as spec from "./spec.js";
import { DeviceDouble } from "./testing/device-double.js";
import { DriverDouble } from "./testing/driver-double.js";

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET, FAILED } = spec;
const NEGOTIATED = ACKNOWLEDGE | DRIVER | FEATURES_OK;

test("PCI identity", () => {
  const { pci } = new DriverDouble(new DeviceDouble());
  expect(PCI_HEADER.decode(pci.configSpace)).toMatchObject({
    vendor_id: 0x1af4,
    device_id: 0x105a,
    revision_id: 1,
    subsystem_id: 0x40,
    capabilities_pointer: 0x40,
  });
  expect(pci.configSpace).toHaveLength(256);
});

test("every structure that a device must present lies in the BAR, aligned", () => {
  const driver = new DriverDouble(new DeviceDouble());
  const common = driver.structure(spec.VIRTIO_PCI_CAP_COMMON_CFG);
  const notify = driver.structure(spec.VIRTIO_PCI_CAP_NOTIFY_CFG);
  const device = driver.structure(spec.VIRTIO_PCI_CAP_DEVICE_CFG);
  const isr = driver.structure(spec.VIRTIO_PCI_CAP_ISR_CFG);
  driver.structure(spec.VIRTIO_PCI_CAP_PCI_CFG);
  expect([common.offset % 4, notify.offset % 2, device.offset % 4]).toEqual([0, 0, 0]);
  const places = [common, notify, isr, device];
  places.reduce((end, { offset, length }) => {
    expect(offset).toBeGreaterThanOrEqual(end);
    return offset + length;
  }, 0);
  expect(device.offset + device.length).toBeLessThanOrEqual(driver.pci.bar.size);
  expect(Math.log2(driver.pci.bar.size) % 1).toBe(0);
});

test("device configuration is read in any width, and not written", () => {
  const driver = new DriverDouble(new DeviceDouble());
  expect([...driver.config()]).toEqual([1, 2, 3, 4, 5]);
  const { offset } = driver.structure(spec.VIRTIO_PCI_CAP_DEVICE_CFG);
  expect(driver.pci.bar.read(offset, 4)).toBe(0x04030201);
  driver.pci.bar.write(offset, 4, 0);
  expect(driver.pci.bar.read(offset + 1, 4)).toBe(0x05040302);
});

test("offered features: the device's own, and those of ring and transport", () => {
  const driver = new DriverDouble(new DeviceDouble({ features: [3] }));
  expect(driver.offered()).toEqual([3, spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX, spec.VIRTIO_F_VERSION_1]);
  driver.write("device_feature_select", 2);
  expect(driver.read("device_feature")).toBe(0);
});

test.each([
  ["all", [3, spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX, spec.VIRTIO_F_VERSION_1], true],
  ["VERSION_1 alone", [spec.VIRTIO_F_VERSION_1], true],
  ["none", [], false],
  ["no VERSION_1", [3, spec.VIRTIO_F_EVENT_IDX], false],
  ["one that was not offered", [4, spec.VIRTIO_F_VERSION_1], false],
  ["another that was not offered", [spec.VIRTIO_F_VERSION_1, 33], false],
])("FEATURES_OK with %s of the features", (_, features, accepted) => {
  const driver = new DriverDouble(new DeviceDouble({ features: [3] }));
  expect(driver.negotiate(features)).toBe(accepted);
});

test("features stay as they were at FEATURES_OK", () => {
  const driver = new DriverDouble(new DeviceDouble({ features: [3] }));
  driver.negotiate([3, spec.VIRTIO_F_VERSION_1]);
  driver.write("driver_feature_select", 0);
  driver.write("driver_feature", 0);
  expect(driver.read("driver_feature")).toBe(1 << 3);
});

test.each([
  { from: 0, write: DRIVER, to: 0 },
  { from: 0, write: DRIVER_OK, to: 0 },
  { from: 0, write: ACKNOWLEDGE | DRIVER, to: ACKNOWLEDGE | DRIVER },
  { from: ACKNOWLEDGE, write: ACKNOWLEDGE | FEATURES_OK, to: ACKNOWLEDGE },
  { from: ACKNOWLEDGE | DRIVER, write: ACKNOWLEDGE | DRIVER | DRIVER_OK, to: ACKNOWLEDGE | DRIVER },
  { from: NEGOTIATED, write: NEGOTIATED | DRIVER_OK, to: NEGOTIATED | DRIVER_OK },
  { from: NEGOTIATED, write: ACKNOWLEDGE, to: NEGOTIATED },
  { from: NEGOTIATED | DRIVER_OK, write: NEGOTIATED, to: NEGOTIATED | DRIVER_OK },
  { from: ACKNOWLEDGE | DRIVER, write: ACKNOWLEDGE | DRIVER | FAILED, to: ACKNOWLEDGE | DRIVER | FAILED },
  { from: NEGOTIATED | DRIVER_OK, write: 0, to: 0 },
])("status $from, $write written: $to", ({ from, write, to }) => {
  const driver = new DriverDouble(new DeviceDouble());
  if (from & FEATURES_OK) driver.negotiate(driver.offered());
  else if (from !== 0) driver.write("device_status", from);
  if (from & DRIVER_OK) driver.addStatus(DRIVER_OK);
  expect(driver.status).toBe(from);
  driver.write("device_status", write);
  expect(driver.status).toBe(to);
});

test("queue registers keep what the driver sets, for each queue", () => {
  const driver = new DriverDouble(new DeviceDouble({ queueSizes: [8, 64] }));
  expect(driver.read("num_queues")).toBe(2);
  expect(driver.read("queue_size")).toBe(8);
  driver.write("queue_select", 1);
  expect([driver.read("queue_size"), driver.read("queue_notify_off"), driver.read("queue_msix_vector")]).toEqual([
    64, 0, 0xffff,
  ]);
  driver.write("queue_size", 128);
  expect(driver.read("queue_size")).toBe(64);
  driver.write("queue_size", 32);
  driver.write("queue_desc_lo", 0x80001000);
  driver.write("queue_desc_hi", 7);
  driver.write("queue_select", 0);
  expect([driver.read("queue_size"), driver.read("queue_desc_lo")]).toEqual([8, 0]);
  driver.write("queue_select", 1);
  expect([driver.read("queue_size"), driver.read("queue_desc_lo"), driver.read("queue_desc_hi")]).toEqual([
    32, 0x80001000, 7,
  ]);
  driver.write("queue_select", 2);
  driver.write("queue_size", 4);
  driver.write("queue_enable", 1);
  expect([driver.read("queue_size"), driver.read("queue_enable")]).toEqual([0, 0]);
});

test("a queue outside RAM, or misaligned, or enabled too early, breaks the device before it starts", () => {
  const setUps: ((driver: DriverDouble) => void)[] = [
    (driver) => driver.write("queue_desc_hi", 1),
    (driver) => driver.write("queue_desc_lo", driver.ram.byteLength - 16),
    (driver) => driver.write("queue_driver_lo", 0xfffffffe),
    (driver) => driver.write("queue_device_lo", 0x1002),
    (driver) => driver.write("queue_size", 7),
    (driver) => driver.write("queue_size", 0),
    (driver) => driver.write("device_status", 0),
  ];
  for (const setUp of setUps) {
    const driver = new DriverDouble(new DeviceDouble());
    driver.negotiate(driver.offered());
    setUp(driver);
    driver.write("queue_enable", 1);
    expect(driver.broken[0]).toBeInstanceOf(DriverError);
    expect(driver.status & DEVICE_NEEDS_RESET).toBeTruthy();
    expect(driver.bus.asserted).toBe(false); // it is told of after DRIVER_OK only
  }
});

test("a broken ring: DEVICE_NEEDS_RESET, a configuration interrupt, and nothing more until a reset", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  const [queue] = driver.queues;
  queue!.idx = 100;
  queue!.publish();
  queue!.kick();
  expect(driver.status).toBe(NEGOTIATED | DRIVER_OK | DEVICE_NEEDS_RESET);
  expect(driver.bus.asserted).toBe(true);
  expect(driver.readIsr()).toBe(spec.VIRTIO_PCI_ISR_CONFIG);
  expect(String(driver.broken)).toBe("DriverError: double: 100 chains available beside 0 in flight, of 8");
  queue!.idx = 0;
  queue!.send({ room: 1 });
  expect(device.chains).toHaveLength(0);

  driver.start();
  expect(driver.status).toBe(NEGOTIATED | DRIVER_OK);
  driver.queues[0]!.send({ room: 1 });
  expect(device.chains).toHaveLength(1);
});

test("a bug in a device is reported and stops it, not the guest", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  device.serve = () => {
    throw new TypeError("a bug");
  };
  driver.queues[0]!.send({ room: 1 });
  expect(driver.broken).toEqual([new TypeError("a bug")]);
  expect(driver.status & DEVICE_NEEDS_RESET).toBeTruthy();
});

test("reset voids chains that are in flight", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  const [queue] = driver.queues;
  const [, address] = queue!.send(Uint8Array.of(1, 2, 3), { room: 4 });
  queue!.usedEvent = 0;
  const [chain] = device.chains;
  driver.write("device_status", 0);
  expect(device.resets).toBe(1);
  expect(driver.status).toBe(0);

  chain!.copyOut(0, Uint8Array.of(9));
  expect(chain!.copyIn(0, new Uint8Array(3))).toBe(0);
  expect(chain!.readableViews(0, 3)).toEqual([]);
  expect(chain!.writableViews(0, 4)).toEqual([]);
  chain!.complete(4);
  expect(driver.ram.bytes[address!]).toBe(0);
  expect(queue!.reap()).toEqual([]);
  expect(driver.bus.interrupts).toBe(0);

  driver.start();
  driver.queues[0]!.send({ room: 1 });
  device.chains[1]!.complete(0);
  expect(driver.queues[0]!.reap()).toHaveLength(1);
});

test("reset lowers the interrupt and clears what was set up", () => {
  const device = new DeviceDouble();
  device.serve = (chain) => chain.complete(0);
  const driver = new DriverDouble(device).start();
  driver.queues[0]!.send({ room: 1 });
  expect(driver.bus.asserted).toBe(true);
  driver.write("device_status", 0);
  expect(driver.bus.asserted).toBe(false);
  expect(driver.readIsr()).toBe(0);
  expect([driver.read("queue_enable"), driver.read("queue_desc_lo"), driver.read("queue_size")]).toEqual([0, 0, 8]);
  driver.write("driver_feature_select", 1);
  expect(driver.read("driver_feature")).toBe(0);
});

test("reading the ISR status clears it and lowers the interrupt", () => {
  const device = new DeviceDouble();
  device.serve = (chain) => chain.complete(0);
  const driver = new DriverDouble(device).start();
  driver.queues[0]!.send({ room: 1 });
  expect(driver.readIsr()).toBe(spec.VIRTIO_PCI_ISR_QUEUE);
  expect(driver.bus.asserted).toBe(false);
  expect(driver.readIsr()).toBe(0);
});

test("notifications before DRIVER_OK, and of queues that are not there, are ignored", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device);
  driver.negotiate(driver.offered());
  driver.setUpQueue(0);
  driver.queues[0]!.send({ room: 1 });
  expect(device.chains).toHaveLength(0);
  driver.addStatus(DRIVER_OK);
  driver.notify(1);
  driver.notify(0xffff);
  expect(device.chains).toHaveLength(0);
  driver.notify(0);
  expect(device.chains).toHaveLength(1);
});

test("disposing takes the function off the bus", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  driver.queues[0]!.send({ room: 1 });
  driver.pci.dispose();
  expect(driver.bus.plugged).toEqual([]);
  expect(device.resets).toBe(1);
  device.chains[0]!.complete(1);
  expect(driver.bus.asserted).toBe(false);
});
