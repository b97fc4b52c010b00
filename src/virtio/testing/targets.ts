import type { Random } from "../../fs/testing/random.js";
import type { DescriptorChain } from "../descriptor-chain.js";
import * as spec from "../spec.js";
import { VirtioConsole } from "../virtio-console.js";
import { DeviceDouble } from "./device-double.js";
import type { DriverDouble } from "./driver-double.js";
import type { Target } from "./hostile-driver.js";

const FILL_MAX = 64 * 1024;
const ANSWER = Uint8Array.of(7, 7, 7);

/** A device that touches every byte it may, and answers at once, later or never. */
export class PlainTarget implements Target {
  readonly device = new DeviceDouble({ queueSizes: [16, 16] });
  readonly #out: DescriptorChain[] = [];

  constructor(private readonly random: Random) {
    this.device.serve = (chain) => this.#serve(chain);
  }

  message(random: Random) {
    return { bytes: random.bytes(random.below(100)), room: random.below(200) };
  }

  settle(random: Random): void {
    while (this.#out.length > 0 && random.below(4)) {
      const [chain] = this.#out.splice(random.below(this.#out.length), 1);
      touch(chain!);
      chain!.complete(random.below(chain!.writableLength + 1));
    }
  }

  check(driver: DriverDouble): void {
    this.device.serve = (chain) => {
      chain.copyOut(0, ANSWER);
      chain.complete(ANSWER.length);
    };
    const [queue] = driver.start().queues;
    const [, answer] = queue!.send(Uint8Array.of(1), { room: ANSWER.length });
    const [used] = queue!.reap();
    if (used?.len !== ANSWER.length || driver.ram.readUint16(answer!) !== 0x0707) throw new Error("no answer");
  }

  #serve(chain: DescriptorChain): void {
    if (this.random.below(2)) touch(chain);
    if (this.random.below(2)) chain.complete(this.random.below(chain.writableLength + 1));
    else this.#out.push(chain);
  }
}

/** The console, with a receiver that is full at times. */
export class ConsoleTarget implements Target {
  readonly device: VirtioConsole;
  #received = 0;
  #letGo: (() => void)[] = [];

  constructor(private readonly random: Random) {
    this.device = new VirtioConsole({ receive: (bytes) => this.#receive(bytes) });
  }

  message(random: Random) {
    const event = random.pick([
      spec.VIRTIO_CONSOLE_DEVICE_READY,
      spec.VIRTIO_CONSOLE_PORT_READY,
      spec.VIRTIO_CONSOLE_PORT_OPEN,
      random.below(0x10000),
    ]);
    const control = spec.VIRTIO_CONSOLE_CONTROL.encode({ id: random.below(2), event, value: random.below(2) });
    if (random.below(2)) return { bytes: control.subarray(0, random.below(10)), room: 0 };
    return { bytes: random.below(2) ? control : random.bytes(random.below(100)), room: random.below(2) ? 64 : 0 };
  }

  async settle(random: Random): Promise<void> {
    void this.device.send(random.bytes(random.below(300)));
    if (random.below(2)) return;
    for (const letGo of this.#letGo.splice(0)) letGo();
    await Promise.resolve().then(() => {});
    await Promise.resolve();
  }

  async check(driver: DriverDouble): Promise<void> {
    this.#letGo.splice(0).forEach((letGo) => letGo());
    await Promise.resolve().then(() => {});
    const [, transmit, controlReceive, controlTransmit] = driver.start().queues;
    const ready = { id: 0, event: spec.VIRTIO_CONSOLE_DEVICE_READY, value: 1 };
    const [answer] = controlReceive!.send({ room: 64 });
    controlTransmit!.send(spec.VIRTIO_CONSOLE_CONTROL.encode(ready));
    const { event } = spec.VIRTIO_CONSOLE_CONTROL.decode(driver.ram.view(answer!, spec.VIRTIO_CONSOLE_CONTROL.size));
    if (event !== spec.VIRTIO_CONSOLE_DEVICE_ADD) throw new Error(`control event ${event}`);
    const before = this.#received;
    transmit!.send(new Uint8Array(3));
    if (this.#received !== before + 3) throw new Error("nothing was received");
  }

  #receive(bytes: Uint8Array): void | Promise<void> {
    this.#received += bytes.length;
    if (this.random.below(3) === 0) return new Promise((resolve) => this.#letGo.push(resolve));
  }
}

/** Looks at the bytes that the chain gives access to, and writes over those that it may. */
export function touch(chain: DescriptorChain): void {
  const readable = Math.min(chain.readableLength, FILL_MAX);
  const copied = chain.copyIn(0, new Uint8Array(readable));
  const views = chain.writableViews(0, Math.min(chain.writableLength, FILL_MAX));
  for (const view of views) view.fill(0xee); // over the rings too, if that is where the driver wants it
  if (copied !== readable && copied !== 0) throw new Error(`${copied} of ${readable} bytes copied`);
}
