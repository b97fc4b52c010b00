import { expect, test } from "vitest";
import * as spec from "./spec.js";
import { DeviceDouble } from "./testing/device-double.js";
import { DriverDouble } from "./testing/driver-double.js";
import type { VirtioPciState } from "./virtio-pci.js";

function serving(): DeviceDouble {
  const device = new DeviceDouble({ features: [3], queueSizes: [8, 4] });
  device.serve = (chain) => chain.complete(0);
  return device;
}

/** The same memory and driver before another device, as after power on. */
function moved(driver: DriverDouble, device: DeviceDouble, state: VirtioPciState): DriverDouble {
  const after = new DriverDouble(device, driver.ram);
  // As a file would have it.
  after.pci.restore(JSON.parse(JSON.stringify(state)) as VirtioPciState);
  after.queues.push(...driver.queues);
  return after;
}

test("a device goes on where it was saved: features, registers, both rings", () => {
  const driver = new DriverDouble(serving()).start();
  for (let i = 0; i < 11; i++) {
    driver.queues[0]!.send({ room: 1 });
    driver.queues[0]!.reap();
  }
  driver.readIsr();
  driver.write("queue_select", 1);
  const device = serving();
  const after = moved(driver, device, driver.pci.save());

  for (const field of [
    "device_status",
    "driver_feature",
    "queue_select",
    "queue_size",
    "queue_desc_lo",
    "queue_enable",
  ] as const)
    expect(after.read(field), field).toBe(driver.read(field));
  driver.queues[0]!.usedEvent = 11;
  driver.queues[0]!.add({ room: 1 });
  after.notify(0);
  expect(driver.queues[0]!.reap()).toHaveLength(1);
  expect(after.bus.asserted).toBe(true);
  driver.queues[1]!.add({ room: 1 });
  after.notify(1);
  expect(driver.queues[1]!.reap()).toHaveLength(1);
  expect(after.broken).toEqual([]);
});

test("an interrupt that nobody has read is up again", () => {
  const driver = new DriverDouble(serving()).start();
  driver.queues[0]!.send({ room: 1 });
  const after = moved(driver, serving(), driver.pci.save());
  expect(after.bus.asserted).toBe(true);
  expect(after.readIsr()).toBe(spec.VIRTIO_PCI_ISR_QUEUE);
});

test("a device whose driver has not come yet is saved, too, and one that needs a reset", () => {
  const fresh = new DriverDouble(serving());
  const after = moved(fresh, serving(), fresh.pci.save()).start();
  expect(after.status & spec.DRIVER_OK).toBeTruthy();

  const broken = new DriverDouble(serving()).start();
  broken.queues[0]!.idx = 100;
  broken.queues[0]!.publish();
  broken.queues[0]!.kick();
  const device = serving();
  const still = moved(broken, device, broken.pci.save());
  expect(still.status & spec.DEVICE_NEEDS_RESET).toBeTruthy();
  still.notify(0);
  expect(device.chains).toHaveLength(0);
});

test("nothing is saved while a chain is out, and nothing restored into another device", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  const idle = driver.pci.save();
  driver.queues[0]!.send({ room: 1 });
  expect(() => driver.pci.save()).toThrow("1 chains are out");
  device.chains[0]!.complete(0);
  expect(driver.pci.save().configuration.queues[0]!.position).toBe(1);
  expect(() => driver.pci.restore({ ...idle, name: "another" })).toThrow("the snapshot has another where double is");
});
