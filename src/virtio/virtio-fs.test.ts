import { expect, test } from "vitest";
import type { DescriptorChain } from "./descriptor-chain.js";
import * as spec from "./spec.js";
import { DriverDouble } from "./testing/driver-double.js";
import { VirtioFs } from "./virtio-fs.js";

const HIPRIO = 0;
const REQUESTS = 1;

function start() {
  const order: number[] = [];
  const handler = {
    handle(chain: DescriptorChain) {
      const first = new Uint8Array(1);
      chain.copyIn(0, first);
      order.push(first[0]!);
      chain.complete(0);
    },
  };
  const driver = new DriverDouble(new VirtioFs({ tag: "home", handler })).start();
  return { driver, order, hiprio: driver.queues[HIPRIO]!, requests: driver.queues[REQUESTS]! };
}

test("configuration: the tag, padded with NUL, and one request queue", () => {
  const { driver } = start();
  const config = spec.VIRTIO_FS_CONFIG.decode(driver.config());
  expect(config.num_request_queues).toBe(1);
  expect(String.fromCharCode(...config.tag)).toBe("home".padEnd(36, "\0"));
  expect(driver.read("num_queues")).toBe(2);
  expect(driver.queues.map((queue) => queue.size)).toEqual([128, 1024]);
});

test("hiprio comes first, whichever queue the driver notified", () => {
  const { driver, order, hiprio, requests } = start();
  requests.add(Uint8Array.of(1));
  requests.add(Uint8Array.of(2));
  hiprio.add(Uint8Array.of(10));
  driver.notify(REQUESTS);
  expect(order).toEqual([10, 1, 2]);
});

test("hiprio is served while requests wait for their answers", () => {
  const waiting: DescriptorChain[] = [];
  const handler = { handle: (chain: DescriptorChain) => waiting.push(chain) };
  const driver = new DriverDouble(new VirtioFs({ tag: "home", handler })).start();
  driver.queues[REQUESTS]!.send(Uint8Array.of(1), { room: 1 });
  driver.queues[HIPRIO]!.send(Uint8Array.of(10));
  waiting[1]!.complete(0);
  expect(driver.queues[HIPRIO]!.reap()).toHaveLength(1);
  expect(driver.queues[REQUESTS]!.reap()).toHaveLength(0);
});

test("a notification of hiprio leaves requests alone", () => {
  const { driver, order, requests } = start();
  requests.add(Uint8Array.of(1));
  driver.notify(HIPRIO);
  expect(order).toEqual([]);
});

test("a reset is told", () => {
  let resets = 0;
  const handler = { handle: () => {} };
  const driver = new DriverDouble(new VirtioFs({ tag: "home", handler, reset: () => resets++ })).start();
  driver.write("device_status", 0);
  expect(resets).toBe(1);
});

test.each([
  ["a", true],
  ["projekt-ä", true],
  ["x".repeat(36), true],
  ["ä".repeat(18), true],
  ["", false],
  ["x".repeat(37), false],
  ["ä".repeat(18) + "x", false],
  ["two\nlines", false],
  ["nul\0", false],
  ["lone \ud800", false],
])("the tag %j", (tag, legal) => {
  const make = () => new VirtioFs({ tag, handler: { handle: () => {} } });
  if (legal) expect(make).not.toThrow();
  else expect(make).toThrow(TypeError);
});
