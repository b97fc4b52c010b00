import { expect, test } from "vitest";
import type { DescriptorChain } from "./descriptor-chain.js";
import * as spec from "./spec.js";
import { DeviceDouble } from "./testing/device-double.js";
import { DriverDouble } from "./testing/driver-double.js";

const WITHOUT_EVENT_IDX = [spec.VIRTIO_F_VERSION_1, spec.VIRTIO_F_INDIRECT_DESC];

function start({ size = 8, features = undefined as number[] | undefined } = {}) {
  const device = new DeviceDouble({ queueSizes: [size] });
  const driver = new DriverDouble(device).start(features);
  const queue = driver.queues[0]!;
  return { device, driver, queue, ram: driver.ram };
}

function readAll(chain: DescriptorChain): Uint8Array {
  const bytes = new Uint8Array(chain.readableLength);
  chain.copyIn(0, bytes);
  return bytes;
}

test("a chain shows what the driver wrote, and takes what it is to read", () => {
  const { device, queue, ram } = start();
  const [, , first, second] = queue.send(Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5), { room: 2 }, { room: 3 });
  const [chain] = device.chains;
  expect([chain!.readableLength, chain!.writableLength]).toEqual([5, 5]);
  expect([...readAll(chain!)]).toEqual([1, 2, 3, 4, 5]);
  expect(chain!.readableViews(1, 3).map((view) => [...view])).toEqual([[2], [3, 4]]);
  expect(chain!.readableViews(4, 100).map((view) => [...view])).toEqual([[5]]);
  expect(chain!.readableViews(5, 1)).toEqual([]);

  ram.writtenRanges.length = 0;
  chain!.copyOut(1, Uint8Array.of(7, 8, 9));
  expect(chain!.writableViews(0, 5).map((view) => [...view])).toEqual([
    [0, 7],
    [8, 9, 0],
  ]);
  expect(ram.writtenRanges).toEqual([]);
  chain!.complete(4);
  expect(ram.writtenRanges.slice(0, 2)).toEqual([
    { address: first, length: 2 },
    { address: second, length: 2 },
  ]);
  expect(queue.reap()).toEqual([{ id: 0, len: 4 }]);
});

test("a chain is completed once, with no more than fits", () => {
  const { device, queue } = start();
  queue.send({ room: 2 });
  const [chain] = device.chains;
  expect(() => chain!.copyOut(1, new Uint8Array(2))).toThrow(RangeError);
  expect(() => chain!.complete(3)).toThrow(RangeError);
  chain!.complete(2);
  expect(() => chain!.complete(2)).toThrow("completed before");
  expect(chain!.writableViews(0, 2)).toEqual([]);
});

test("descriptors that touch are one view", () => {
  const { device, queue, ram } = start();
  const at = ram.allocate(12288, 4096);
  queue.offerRaw(
    { addr: at, len: 4096, flags: spec.VIRTQ_DESC_F_WRITE | spec.VIRTQ_DESC_F_NEXT, next: 1 },
    { addr: at + 4096, len: 0, flags: spec.VIRTQ_DESC_F_WRITE | spec.VIRTQ_DESC_F_NEXT, next: 2 },
    { addr: at + 4096, len: 8192, flags: spec.VIRTQ_DESC_F_WRITE },
  );
  queue.kick();
  expect(device.chains[0]!.writableViews(0, 12288)).toHaveLength(1);
});

test("descriptors of length 0 are stepped over, wherever they point", () => {
  const { device, driver, queue, ram } = start();
  const at = ram.allocate(4);
  queue.offerRaw(
    { addr: 2 ** 40, len: 0, flags: spec.VIRTQ_DESC_F_NEXT, next: 1 },
    { addr: at, len: 4, flags: spec.VIRTQ_DESC_F_WRITE | spec.VIRTQ_DESC_F_NEXT, next: 2 },
    { addr: 0, len: 0, flags: 0 },
  );
  queue.kick();
  expect(driver.broken).toEqual([]);
  expect([device.chains[0]!.readableLength, device.chains[0]!.writableLength]).toEqual([0, 4]);
});

test("an indirect table, alone and after direct descriptors", () => {
  const { device, queue } = start();
  queue.addIndirect(Uint8Array.of(1), Uint8Array.of(2, 3), { room: 4 });
  queue.kick();
  expect([...readAll(device.chains[0]!)]).toEqual([1, 2, 3]);
  expect(device.chains[0]!.writableLength).toBe(4);

  const at = queue.ram.allocate(16);
  const table = queue.writeTable([{ addr: at, len: 5, flags: spec.VIRTQ_DESC_F_WRITE }]);
  queue.offerRaw(
    { addr: at, len: 1, flags: spec.VIRTQ_DESC_F_NEXT, next: 1 },
    // "The device MUST ignore the write-only flag in the descriptor that refers to an indirect table."
    { addr: table, len: 16, flags: spec.VIRTQ_DESC_F_INDIRECT | spec.VIRTQ_DESC_F_WRITE },
  );
  queue.kick();
  expect([device.chains[1]!.readableLength, device.chains[1]!.writableLength]).toEqual([1, 5]);
});

test("an indirect table may be longer than the queue", () => {
  const { device, queue } = start({ size: 4 });
  queue.addIndirect(...Array.from({ length: 100 }, (_, i) => Uint8Array.of(i)));
  queue.kick();
  expect(readAll(device.chains[0]!)).toHaveLength(100);
});

test("indices wrap around at 65536", () => {
  const { device, driver, queue, ram } = start({ size: 4 });
  device.serve = (chain) => chain.complete(1);
  const addr = ram.allocate(1);
  for (let i = 0; i < 65536 + 10; i++) {
    queue.writeDescriptor(i % 4, { addr, len: 1, flags: spec.VIRTQ_DESC_F_WRITE });
    queue.offer(i % 4);
    queue.kick();
  }
  expect(driver.broken).toEqual([]);
  expect(queue.usedIdx).toBe(10);
  expect(queue.availEvent).toBe(10);
});

test("chains are completed in any order, while others wait", () => {
  const { device, queue } = start();
  queue.send(Uint8Array.of(1), { room: 1 });
  queue.send(Uint8Array.of(2), { room: 1 });
  queue.send(Uint8Array.of(3), { room: 1 });
  device.chains[2]!.complete(1);
  device.chains[0]!.complete(0);
  expect(queue.reap()).toEqual([
    { id: 4, len: 1 },
    { id: 0, len: 0 },
  ]);
});

test("one notification of the driver for a batch that is served inside its own", () => {
  const { device, driver, queue } = start();
  device.serve = (chain) => {
    chain.complete(0);
    expect(driver.bus.asserted).toBe(false);
  };
  queue.add({ room: 1 });
  queue.add({ room: 1 });
  queue.send({ room: 1 });
  expect(queue.reap()).toHaveLength(3);
  expect(driver.bus.interrupts).toBe(1);
});

test("each completion that comes later is decided at once", () => {
  const { device, driver, queue } = start({ features: WITHOUT_EVENT_IDX });
  queue.send({ room: 1 });
  queue.send({ room: 1 });
  for (const chain of device.chains) {
    chain.complete(0);
    expect(driver.bus.asserted).toBe(true);
    driver.readIsr();
  }
  expect(driver.bus.interrupts).toBe(2);
});

test("usedEvent: no notification until the used ring gets past it", () => {
  const { device, driver, queue } = start();
  device.serve = (chain) => chain.complete(0);
  queue.usedEvent = 2;
  queue.send({ room: 1 });
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(0);
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(1);
  driver.readIsr();
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(1);
  queue.usedEvent = 4;
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(2);
});

test("NO_INTERRUPT where EVENT_IDX was not negotiated", () => {
  const { device, driver, queue } = start({ features: WITHOUT_EVENT_IDX });
  device.serve = (chain) => chain.complete(0);
  queue.usedEvent = 5; // "The device MUST ignore the used_event value."
  queue.availableFlags = spec.VIRTQ_AVAIL_F_NO_INTERRUPT;
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(0);
  queue.availableFlags = 0;
  queue.send({ room: 1 });
  expect(driver.bus.interrupts).toBe(1);
});

test("availEvent follows what was taken; without EVENT_IDX, NO_NOTIFY is set while serving only", () => {
  const withEventIdx = start();
  withEventIdx.queue.send({ room: 1 });
  withEventIdx.queue.send({ room: 1 });
  expect([withEventIdx.queue.availEvent, withEventIdx.queue.usedFlags]).toEqual([2, 0]);

  const { device, queue } = start({ features: WITHOUT_EVENT_IDX });
  const seen: number[] = [];
  device.serve = () => seen.push(queue.usedFlags);
  queue.send({ room: 1 });
  expect([seen, queue.usedFlags, queue.availEvent]).toEqual([[spec.VIRTQ_USED_F_NO_NOTIFY], 0, 0]);
});

test("what the driver adds while it is being served is served too", () => {
  const { device, queue } = start();
  device.serve = (chain) => {
    if (queue.idx < 3) queue.add({ room: 1 });
    chain.complete(0);
  };
  queue.send({ room: 1 });
  expect(queue.reap()).toHaveLength(3);
});
