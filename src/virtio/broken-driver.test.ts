import { expect, test } from "vitest";
import { DriverError } from "./driver-error.js";
import * as spec from "./spec.js";
import { DeviceDouble } from "./testing/device-double.js";
import { DriverDouble } from "./testing/driver-double.js";
import type { VirtqueueDouble } from "./testing/virtqueue-double.js";

const { VIRTQ_DESC_F_NEXT: NEXT, VIRTQ_DESC_F_WRITE: WRITE, VIRTQ_DESC_F_INDIRECT: INDIRECT } = spec;
const SIZE = 8;

/** What a driver must not do, and how the error names it. */
const MISDEEDS: Record<string, { does: (queue: VirtqueueDouble) => void; error: string }> = {
  "a chain that is its own end": {
    does: (queue) => queue.offerRaw({ len: 1, flags: NEXT, next: 0 }),
    error: "descriptor chain 0 has a loop",
  },
  "a loop of two": {
    does: (queue) => queue.offerRaw({ len: 1, flags: NEXT, next: 1 }, { len: 1, flags: NEXT, next: 0 }),
    error: "descriptor chain 0 has a loop",
  },
  "a loop of descriptors without bytes": {
    does: (queue) => queue.offerRaw({ flags: NEXT, next: 1 }, { flags: NEXT, next: 0 }),
    error: "descriptor chain 0 has a loop",
  },
  "a loop in an indirect table": {
    does: (queue) =>
      queue.offerIndirect(
        queue.writeTable([
          { len: 1, flags: NEXT, next: 1 },
          { len: 1, flags: NEXT },
        ]),
        32,
      ),
    error: "descriptor chain 0 has a loop",
  },
  "a head outside the table": { does: (queue) => queue.offer(SIZE), error: "descriptor 8 of 8" },
  "a next outside the table": {
    does: (queue) => queue.offerRaw({ len: 1, flags: NEXT, next: SIZE }),
    error: "descriptor 8 of 8",
  },
  "a next outside the indirect table": {
    does: (queue) => queue.offerIndirect(queue.writeTable([{ len: 1, flags: NEXT, next: 1 }]), 16),
    error: "descriptor 1 of 1",
  },
  "an indirect table in an indirect table": {
    does: (queue) => queue.offerIndirect(queue.writeTable([{ addr: 0, len: 16, flags: INDIRECT }]), 16),
    error: "indirect descriptor in an indirect table",
  },
  "an indirect table that is not the end": {
    does: (queue) => queue.offerIndirect(queue.writeTable([{ len: 1 }]), 16, INDIRECT | NEXT),
    error: "indirect descriptor with NEXT",
  },
  "an indirect table of no descriptors": {
    does: (queue) => queue.offerIndirect(0, 0),
    error: "indirect table of 0 bytes",
  },
  "an indirect table of one and a half": {
    does: (queue) => queue.offerIndirect(0, 24),
    error: "indirect table of 24 bytes",
  },
  "an endless indirect table": {
    does: (queue) => queue.offerIndirect(0, 0xfffffff0),
    error: "indirect table of 4294967280 bytes",
  },
  "an indirect table outside RAM": {
    does: (queue) => queue.offerIndirect(queue.ram.byteLength - 8, 16),
    error: "16 bytes at 0xffff8 are not in RAM",
  },
  "bytes to read after room to write": {
    does: (queue) => queue.offerRaw({ len: 1, flags: WRITE | NEXT, next: 1 }, { len: 1 }),
    error: "device-readable descriptor after a device-writable one",
  },
  "a buffer across the end of RAM": {
    does: (queue) => queue.offerRaw({ addr: queue.ram.byteLength - 1, len: 2 }),
    error: "2 bytes at 0xfffff are not in RAM",
  },
  "a buffer at the end of RAM": {
    does: (queue) => queue.offerRaw({ addr: queue.ram.byteLength, len: 1, flags: WRITE }),
    error: "1 bytes at 0x100000 are not in RAM",
  },
  "a buffer of nearly 4 GiB": {
    does: (queue) => queue.offerRaw({ addr: 16, len: 0xffffffff }),
    error: "4294967295 bytes at 0x10 are not in RAM",
  },
  "a buffer whose end wraps around 32 bits": {
    does: (queue) => queue.offerRaw({ addr: 0xfffffff0, len: 0x20 }),
    error: "32 bytes at 0xfffffff0 are not in RAM",
  },
  "a 64-bit address whose low half is in RAM": {
    does: (queue) => queue.offerRaw({ addr: 2 ** 32 + 16, len: 1 }),
    error: "1 bytes at 0x100000010 are not in RAM",
  },
  "the highest address there is": {
    does: (queue) => queue.offerRaw({ addr: 2 ** 64 - 2 ** 11, len: 1 }),
    error: "1 bytes at 0xfffffffffffff800 are not in RAM",
  },
  "available idx more than the queue size ahead": {
    does: (queue) => {
      queue.idx = SIZE + 1;
      queue.publish();
    },
    error: "9 chains available beside 0 in flight, of 8",
  },
  "available idx going back": {
    does: (queue) => {
      queue.idx = 0xffff;
      queue.publish();
    },
    error: "65535 chains available beside 0 in flight, of 8",
  },
};

test.each(Object.entries(MISDEEDS))("%s: the device needs a reset", (_, { does, error }) => {
  const device = new DeviceDouble({ queueSizes: [SIZE] });
  const driver = new DriverDouble(device).start();
  does(driver.queues[0]!);
  driver.queues[0]!.kick();
  expect(driver.broken).toHaveLength(1);
  expect(driver.broken[0]).toBeInstanceOf(DriverError);
  expect(String(driver.broken[0])).toContain(error);
  expect(driver.status & spec.DEVICE_NEEDS_RESET).toBeTruthy();
  expect(device.chains).toEqual([]);
  expect(driver.queues[0]!.reap()).toEqual([]);
});

test("a buffer that ends where RAM ends is none of these", () => {
  const device = new DeviceDouble();
  const driver = new DriverDouble(device).start();
  const [queue] = driver.queues;
  queue!.offerRaw({ addr: driver.ram.byteLength - 4, len: 4, flags: WRITE });
  queue!.kick();
  expect(driver.broken).toEqual([]);
  device.chains[0]!.copyOut(0, Uint8Array.of(1, 2, 3, 4));
  expect([...driver.ram.bytes.subarray(-4)]).toEqual([1, 2, 3, 4]);
});

test("an indirect table without VIRTIO_F_INDIRECT_DESC", () => {
  const driver = new DriverDouble(new DeviceDouble()).start([spec.VIRTIO_F_VERSION_1]);
  driver.queues[0]!.addIndirect({ room: 1 });
  driver.queues[0]!.kick();
  expect(String(driver.broken[0])).toContain("without VIRTIO_F_INDIRECT_DESC");
});

test("chains of more than 4 GiB in all, over the same bytes", () => {
  const driver = new DriverDouble(new DeviceDouble()).start();
  const [queue] = driver.queues;
  const all = { addr: 0, len: driver.ram.byteLength };
  const chained = Array.from({ length: 4097 }, (_, i) => ({ ...all, flags: i < 4096 ? NEXT : 0, next: i + 1 }));
  queue!.offerIndirect(queue!.writeTable(chained), chained.length * spec.VIRTQ_DESC.size);
  queue!.kick();
  expect(String(driver.broken[0])).toContain("longer than 2^32 bytes");
});

test("a driver that offers buffers again before it has them back", () => {
  const device = new DeviceDouble({ queueSizes: [SIZE] });
  const driver = new DriverDouble(device).start();
  const [queue] = driver.queues;
  queue!.writeDescriptor(0, { addr: 0, len: 1 });
  for (let i = 0; i <= SIZE; i++) {
    queue!.offer(0);
    queue!.kick();
  }
  expect(device.chains).toHaveLength(SIZE);
  expect(String(driver.broken[0])).toContain("1 chains available beside 8 in flight, of 8");
});

test("a buffer over the available ring, whose contents make the next chain available", () => {
  const device = new DeviceDouble({ queueSizes: [SIZE] });
  const driver = new DriverDouble(device).start();
  const [queue] = driver.queues;
  const idx = queue!.availableRing + spec.VIRTQ_AVAIL.offsets.idx;
  let served = 0;
  device.serve = (chain) => {
    served++;
    chain.copyOut(0, Uint8Array.of(served + 1, 0));
    chain.complete(2);
  };
  queue!.offerRaw({ addr: idx, len: 2, flags: WRITE });
  queue!.kick();
  expect(served).toBe(SIZE);
  expect(String(driver.broken[0])).toContain("the available ring fills itself");
});
