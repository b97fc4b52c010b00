import { expect, test } from "vitest";
import type { DescriptorChain } from "./descriptor-chain.js";
import { DriverError } from "./driver-error.js";
import * as spec from "./spec.js";
import { DeviceDouble } from "./testing/device-double.js";
import { DriverDouble } from "./testing/driver-double.js";
import { RamDouble } from "./testing/ram-double.js";

const ROUNDS = 500;
const RAM = 16 * 1024;

/** Marsaglia's xorshift32: the same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Rings with random contents, most of them nearly right, so that walks get far before they fail. */
test.each([1, 2, 3])("random rings, seed %i: no error but a DriverError, no byte outside RAM, no hang", (seed) => {
  const pick = random(seed);
  const outcomes = { served: 0, broken: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const ram = new RamDouble(RAM);
    const device = new DeviceDouble({ queueSizes: [16] });
    const driver = new DriverDouble(device, ram).start(
      [spec.VIRTIO_F_VERSION_1, spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX].slice(0, 1 + pick(3)),
    );
    const queue = driver.queues[0]!;
    const later: DescriptorChain[] = [];
    device.serve = (chain) => {
      outcomes.served++;
      use(chain);
      if (pick(2)) chain.complete(pick(chain.writableLength + 1));
      else later.push(chain);
    };
    for (let at = 0; at < 32 * spec.VIRTQ_DESC.size; at += spec.VIRTQ_DESC.size) {
      const wild = pick(20) === 0;
      const descriptor = {
        addr: wild ? pick(2 ** 32) * 2 ** pick(33) : pick(RAM),
        len: wild ? pick(2 ** 32) : [0, 1, 16, 64, pick(512)][pick(5)]!,
        flags: wild
          ? pick(2 ** 16)
          : [0, spec.VIRTQ_DESC_F_NEXT, spec.VIRTQ_DESC_F_WRITE, spec.VIRTQ_DESC_F_INDIRECT, 3][pick(5)]!,
        next: wild ? pick(2 ** 16) : pick(16),
      };
      ram.view(at, spec.VIRTQ_DESC.size).set(spec.VIRTQ_DESC.encode(descriptor));
    }
    for (let kick = 0; kick < 8; kick++) {
      const count = pick(30) === 0 ? pick(2 ** 16) : pick(4);
      for (let i = 0; i < count && i < 16; i++) queue.offer(pick(18));
      queue.idx = (queue.idx + Math.max(0, count - 16)) & 0xffff;
      queue.publish();
      queue.usedEvent = pick(2 ** 16);
      queue.kick();
      if (pick(3) === 0) later.pop()?.complete(0);
      if (pick(40) === 0) driver.write("device_status", 0);
    }
    for (const chain of later) chain.complete(0);
    expect(ram.guardsIntact).toBe(true);
    for (const error of driver.broken) expect(error).toBeInstanceOf(DriverError);
    outcomes.broken += driver.broken.length;
  }
  // Both happen often, or this test tests nothing.
  expect(Math.min(outcomes.served, outcomes.broken)).toBeGreaterThan(ROUNDS / 4);
});

/** Touches every byte that the chain gives access to; throws where a view is not what it should be. */
function use(chain: DescriptorChain): void {
  const bytes = new Uint8Array(Math.min(chain.readableLength, 64 * 1024));
  if (chain.copyIn(0, bytes) !== bytes.length) throw new RangeError("copyIn");
  const views = chain.writableViews(0, chain.writableLength);
  for (const view of views) view.fill(0xee); // over the rings too, if that is where the driver wants it
  if (views.reduce((sum, view) => sum + view.length, 0) !== chain.writableLength) throw new RangeError("writableViews");
}
