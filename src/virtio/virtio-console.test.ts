import { expect, test } from "vitest";
import * as spec from "./spec.js";
import { DriverDouble } from "./testing/driver-double.js";
import { VirtioConsole, type VirtioConsoleOptions } from "./virtio-console.js";

const { VIRTIO_CONSOLE_DEVICE_READY, VIRTIO_CONSOLE_PORT_READY, VIRTIO_CONSOLE_PORT_OPEN } = spec;
const { VIRTIO_CONSOLE_DEVICE_ADD, VIRTIO_CONSOLE_PORT_NAME } = spec;
const BAD_ID = 0xffffffff;

/** The driver's side of the console, as far as `drivers/char/virtio_console.c` goes. */
class ConsoleDriver {
  readonly driver: DriverDouble;
  readonly console: VirtioConsole;
  readonly received: number[][] = [];
  readonly opened: boolean[] = [];

  constructor(options: Partial<VirtioConsoleOptions> = {}) {
    this.console = new VirtioConsole({
      receive: (bytes) => void this.received.push([...bytes]),
      opened: (open) => this.opened.push(open),
      ...options,
    });
    this.driver = new DriverDouble(this.console).start();
  }

  /** Sends a control message, and returns what comes back in `buffers` buffers. */
  control(id: number, event: number, value: number, buffers = 4, room = 64) {
    const [, , receive, transmit] = this.driver.queues;
    const addresses = Array.from({ length: buffers }, () => receive!.add({ room })[0]!);
    transmit!.send(spec.VIRTIO_CONSOLE_CONTROL.encode({ id, event, value }));
    expect(transmit!.reap()).toHaveLength(1);
    return receive!.reap().map(({ len }, i) => {
      const bytes = this.driver.ram.view(addresses[i]!, len);
      const extra = String.fromCharCode(...bytes.subarray(spec.VIRTIO_CONSOLE_CONTROL.size));
      return { ...spec.VIRTIO_CONSOLE_CONTROL.decode(bytes), ...(extra && { extra }) };
    });
  }

  open(open = true): void {
    this.control(0, VIRTIO_CONSOLE_PORT_OPEN, Number(open), 0);
  }

  /** Offers buffers for input of these sizes; returns their addresses. */
  offer(...rooms: number[]): number[] {
    const addresses = rooms.map((room) => this.driver.queues[0]!.add({ room })[0]!);
    this.driver.notify(0);
    return addresses;
  }

  /** What came into these buffers. */
  input(addresses: number[]): number[][] {
    return this.driver.queues[0]!.reap().map(({ len }, i) => [...this.driver.ram.view(addresses[i]!, len)]);
  }

  write(...bytes: number[]): void {
    this.driver.queues[1]!.send(Uint8Array.from(bytes));
  }
}

test("the handshake: port 0 is added, named and open", () => {
  const linux = new ConsoleDriver({ port: "agent" });
  expect(spec.VIRTIO_CONSOLE_CONFIG.decode(linux.driver.config())).toMatchObject({ max_nr_ports: 1 });
  expect(linux.control(BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1)).toEqual([
    { id: 0, event: VIRTIO_CONSOLE_DEVICE_ADD, value: 1 },
  ]);
  linux.driver.write("device_status", 0);
  linux.driver.start();
  expect(linux.control(0, VIRTIO_CONSOLE_PORT_READY, 1)).toEqual([
    { id: 0, event: VIRTIO_CONSOLE_PORT_NAME, value: 1, extra: "agent" },
    { id: 0, event: VIRTIO_CONSOLE_PORT_OPEN, value: 1 },
  ]);
});

test("failures that the driver tells of, and ports that are not there, get no answer", () => {
  const linux = new ConsoleDriver();
  expect(linux.control(BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 0)).toEqual([]);
  expect(linux.control(0, VIRTIO_CONSOLE_PORT_READY, 0)).toEqual([]);
  expect(linux.control(1, VIRTIO_CONSOLE_PORT_READY, 1)).toEqual([]);
  expect(linux.control(0, 99, 1)).toEqual([]);
  expect(linux.console.open).toBe(false);
});

test("control messages wait for buffers", () => {
  const linux = new ConsoleDriver();
  for (let i = 0; i < 3; i++) linux.control(0, VIRTIO_CONSOLE_PORT_READY, 1, 0);
  const [, , receive] = linux.driver.queues;
  receive!.add({ room: 64 });
  receive!.add({ room: 64 });
  receive!.add({ room: 64 });
  receive!.kick();
  expect(receive!.reap()).toHaveLength(2);
});

test("a control buffer that is too small breaks the device", () => {
  const linux = new ConsoleDriver();
  linux.control(0, VIRTIO_CONSOLE_PORT_READY, 1, 1, 8);
  expect(String(linux.driver.broken[0])).toContain("console control buffer of 8 bytes");
});

test("opening and closing is told; what was not read goes with who did not read it", async () => {
  const linux = new ConsoleDriver();
  expect(linux.console.send(Uint8Array.of(1))).toBeUndefined();
  linux.open();
  expect(linux.console.open).toBe(true);
  const sent = linux.console.send(Uint8Array.of(2, 3));
  expect(linux.console.pending).toBe(2);
  linux.open(false);
  await sent;
  expect(linux.console.pending).toBe(0);
  linux.open();
  const addresses = linux.offer(8);
  expect(linux.input(addresses)).toEqual([]);
  expect(linux.opened).toEqual([true, false, true]);
});

test("input fills the buffers that there are, and the rest waits for more", async () => {
  const linux = new ConsoleDriver();
  linux.open();
  const first = linux.offer(2, 2);
  expect(linux.console.send(Uint8Array.of(1, 2, 3))).toBeUndefined();
  expect(linux.input(first)).toEqual([[1, 2], [3]]);

  const ended: string[] = [];
  const a = Promise.resolve(linux.console.send(Uint8Array.of(4, 5, 6))).then(() => ended.push("a"));
  const b = Promise.resolve(linux.console.send(Uint8Array.of(7, 8))).then(() => ended.push("b"));
  expect(linux.console.pending).toBe(5);
  const second = linux.offer(4);
  expect(linux.input(second)).toEqual([[4, 5, 6, 7]]);
  await a;
  expect(ended).toEqual(["a"]);
  linux.offer(4);
  await b;
  expect(linux.console.pending).toBe(0);
});

test("output arrives in order, and the driver has its buffers back", () => {
  const linux = new ConsoleDriver();
  linux.write(1, 2);
  linux.write(3);
  expect(linux.received).toEqual([[1, 2], [3]]);
  expect(linux.driver.queues[1]!.reap()).toHaveLength(2);
});

test("a receiver that is full leaves buffers with the device until it is not", async () => {
  const taken: (() => void)[] = [];
  const received: number[][] = [];
  const linux = new ConsoleDriver({
    receive: (bytes) => {
      received.push([...bytes]);
      return new Promise((resolve) => taken.push(resolve));
    },
  });
  linux.write(1);
  linux.write(2);
  linux.write(3);
  expect(received).toEqual([[1]]);
  expect(linux.driver.queues[1]!.reap()).toHaveLength(1);
  for (let i = 0; i < 3; i++) {
    taken.shift()!();
    await new Promise(setImmediate);
  }
  expect(received).toEqual([[1], [2], [3]]);
  expect(linux.driver.queues[1]!.reap()).toHaveLength(2);
});

test("a long chain is handed over in pieces, and completed after the last", async () => {
  const sizes: number[] = [];
  const linux = new ConsoleDriver({
    receive: async (bytes) => void sizes.push(bytes.length),
  });
  const [, transmit] = linux.driver.queues;
  transmit!.send(new Uint8Array(150_000));
  expect(transmit!.reap()).toEqual([]);
  await new Promise(setImmediate);
  expect(sizes).toEqual([65536, 65536, 18928]);
  expect(transmit!.reap()).toHaveLength(1);
});

test("a reset while the receiver is full: nothing of before is handed over after", async () => {
  const taken: (() => void)[] = [];
  const received: number[][] = [];
  const linux = new ConsoleDriver({
    receive: (bytes) => {
      received.push([...bytes]);
      return new Promise((resolve) => taken.push(resolve));
    },
  });
  linux.open();
  linux.write(1);
  linux.write(2);
  const sent = linux.console.send(Uint8Array.of(9));
  linux.driver.write("device_status", 0);
  await sent;
  expect(linux.opened).toEqual([true, false]);
  linux.driver.start();
  linux.write(3);
  taken[0]!();
  await new Promise(setImmediate);
  expect(received).toEqual([[1], [3]]);
});

test("without MULTIPORT there is one port, and it is open", () => {
  const linux = new ConsoleDriver();
  linux.driver.start([spec.VIRTIO_F_VERSION_1]);
  expect(linux.console.open).toBe(true);
  const addresses = linux.offer(4);
  void linux.console.send(Uint8Array.of(5));
  expect(linux.input(addresses)).toEqual([[5]]);
});
