import { beforeEach, describe, expect, test } from "vitest";
import { type Attributes, ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { O_RDWR } from "../posix/open-flags.js";
import { DriverDouble } from "../virtio/testing/driver-double.js";
import { VirtioFs } from "../virtio/virtio-fs.js";
import { FuseServer } from "./server.js";
import type { KernelDouble } from "./testing/kernel-double.js";
import { RingWire } from "./testing/ring-wire.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const TIMEOUT = 120_000;
const failsWith = (errno: number) => expect.objectContaining({ errno });
const settled = () => new Promise((resolve) => setImmediate(resolve));

let fs: TinyFileSystem;
let timers: TimersDouble;
let server: FuseServer;
let driver: DriverDouble;
let wire: RingWire;
let kernel: KernelDouble;
let bugs: unknown[];

beforeEach(async () => {
  fs = new TinyFileSystem();
  timers = new TimersDouble();
  bugs = [];
  server = new FuseServer(fs, { timers, onBug: (error) => bugs.push(error) });
  driver = new DriverDouble(new VirtioFs({ tag: "home", handler: server, reset: () => server.reset() }));
  boot();
  await kernel.mount();
});

/** Starts the driver; its rings lie where nothing was before. */
function boot(): void {
  wire = new RingWire(driver.start());
  kernel = wire.kernel();
}

/** Makes GETATTR and READ wait until told. */
function hold(): () => void {
  let release!: () => void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { attributes } = fs.nodes.get(ROOT)!;
  fs.getattr = (): Promise<Attributes> => gate.then(() => attributes);
  fs.read = () => gate.then(() => new Uint8Array(100).fill(0x77));
  return release;
}

/** Sends what is never answered as far as this kernel can see. */
function abandon(): void {
  kernel.getattr(ROOT).catch(() => {});
  kernel.read(ROOT, 0, 0, 100).catch(() => {});
  expect([server.pending, timers.waiting]).toEqual([2, 2]);
}

describe.each(["reset", "reset, and started again", "broken"])(
  "a device that was %s with requests outstanding",
  (fate) => {
    test.each(["answers", "time-outs"])("writes nothing when their %s come", async (what) => {
      const release = hold();
      abandon();
      if (fate === "broken") {
        driver.queues[1]!.offer(0xffff);
        driver.notify(1);
      } else {
        driver.write("device_status", 0);
        expect([server.pending, timers.waiting]).toEqual([0, 0]);
        if (fate !== "reset") boot();
      }
      driver.readIsr();
      const before = driver.ram.bytes.slice();
      if (what === "answers") release();
      timers.advance(TIMEOUT);
      await settled();
      expect(driver.ram.bytes.findIndex((byte, at) => byte !== before[at])).toBe(-1);
      expect([server.pending, timers.waiting, driver.bus.asserted, bugs]).toEqual([0, 0, false, []]);
    });
  },
);

test("a guest that boots again finds nothing of the life before", async () => {
  const { entry } = await kernel.create(ROOT, "f", O_RDWR);
  const release = hold();
  abandon();
  driver.write("device_status", 0);
  boot();
  await expect(kernel.statfs(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
  await kernel.mount();
  await expect(kernel.flush(entry.nodeid, 0)).resolves.toBeUndefined();
  await expect(kernel.lookup(ROOT, "f")).rejects.toEqual(failsWith(Errno.ENOENT));
  expect(fs.handles.size).toBe(0);
  release();
  await settled();
  expect(driver.queues[1]!.reap()).toEqual([]);
});

test("requests of the new life are answered while those of the old are on their way", async () => {
  const release = hold();
  abandon();
  driver.write("device_status", 0);
  boot();
  await kernel.mount();
  const waiting = kernel.getattr(ROOT);
  expect(server.pending).toBe(1);
  release();
  await settled();
  wire.reap();
  expect((await waiting).attr.ino).toBe(ROOT);
  expect([server.pending, timers.waiting]).toEqual([0, 0]);
});

test("a second mount ends what the first left, once", async () => {
  const release = hold();
  const old = kernel.getattr(ROOT);
  await kernel.mount();
  wire.reap();
  await expect(old).rejects.toEqual(failsWith(Errno.EIO));
  release();
  await settled();
  expect(driver.queues[1]!.reap()).toEqual([]);
  expect((await kernel.statfs(ROOT)).bsize).toBe(4096);
});

test("unmounted and mounted again, over and over", async () => {
  for (let round = 0; round < 50; round++) {
    const { entry, open } = await kernel.create(ROOT, `f${round}`, O_RDWR);
    await kernel.write(entry.nodeid, open.fh, 0, new Uint8Array(10));
    await kernel.destroy();
    await kernel.mount();
    expect(fs.nodes.size).toBe(1);
    driver.ram.freeAll();
    driver.write("device_status", 0);
    boot();
    await kernel.mount();
  }
  expect([server.pending, timers.waiting, server.requests.size]).toEqual([0, 0, 4]);
});
