import type { Random } from "../../fs/testing/random.js";
import type { VirtioDevice } from "../device.js";
import { DriverError } from "../driver-error.js";
import type { Width } from "../registers.js";
import * as spec from "../spec.js";
import { DriverDouble } from "./driver-double.js";
import { RamDouble } from "./ram-double.js";
import type { Descriptor, Part, VirtqueueDouble } from "./virtqueue-double.js";

/** A device under attack. */
export interface Target {
  readonly device: VirtioDevice;
  /** A buffer that a driver could mean: bytes for the device, then room for its answer. */
  message(random: Random): { readonly bytes: Uint8Array; readonly room: number };
  /** Time passes: chains that are out may be completed, or never. Throws for what the device must not have done. */
  settle(random: Random): void | Promise<void>;
  /** Throws unless the device, started anew, does what it is for. */
  check(driver: DriverDouble): void | Promise<void>;
}

const RAM = 256 * 1024;
const QUEUE_SIZES = [1, 2, 4, 8, 16];
/** Above what one notification of queues of that size can be worth. */
const LOOKS_MAX = 2_000_000;
const TRANSPORT_FEATURES = [spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX];
const { VIRTQ_DESC_F_NEXT: NEXT, VIRTQ_DESC_F_WRITE: WRITE, VIRTQ_DESC_F_INDIRECT: INDIRECT } = spec;

/**
 * A driver that does right and wrong at random: rings nearly as they should be, buffers across the rings and beyond RAM, any
 * register at any time. After every step the device must be as virtio has it: no error but a DriverError, no end of walks.
 */
export class HostileDriver {
  readonly driver: DriverDouble;
  readonly #ram = new RamDouble(RAM);

  constructor(
    private readonly target: Target,
    private readonly random: Random,
  ) {
    this.driver = new DriverDouble(target.device, this.#ram);
    this.#start();
  }

  async step(): Promise<void> {
    const { random } = this;
    if (this.driver.status & spec.DEVICE_NEEDS_RESET && random.below(4) === 0) this.#start();
    const steps: [weight: number, step: () => void | Promise<void>][] = [
      [8, () => this.#offerMessage()],
      [6, () => this.#describe()],
      [6, () => this.#queue().offer(random.below(18))],
      [8, () => this.driver.notify(random.below(8) ? this.#queueIndex() : this.#wild(0xffff))],
      [2, () => this.#moveIndex()],
      [2, () => this.#suppress()],
      [2, () => this.#scribble()],
      [2, () => this.#writeRegister()],
      [2, () => this.#writeField()],
      [2, () => this.#readRegister()],
      [4, () => this.target.settle(random)],
      [1, () => this.#start()],
    ];
    this.#ram.budget = LOOKS_MAX;
    await pickWeighted(random, steps)();
    this.#ram.budget = Infinity;
    this.#checkErrors();
  }

  /** Ends the storm: resets the device, and looks whether it still works. */
  async end(): Promise<void> {
    this.driver.write("device_status", 0);
    await this.target.settle(this.random);
    if (this.driver.status !== 0) throw new Error(`status ${this.driver.status} after a reset`);
    if (!this.#ram.guardsIntact) throw new Error("bytes beside RAM changed");
    this.#ram.freeAll();
    this.#ram.bytes.fill(0);
    await this.target.check(this.driver);
    this.#checkErrors();
    if (this.driver.status & spec.DEVICE_NEEDS_RESET) throw new Error("a good driver broke the device");
  }

  #start(): void {
    const { random, driver } = this;
    this.#ram.freeAll();
    const chosen = driver.offered().filter((bit) => !TRANSPORT_FEATURES.includes(bit) || random.below(2));
    driver.start(chosen, random.pick(QUEUE_SIZES));
  }

  #checkErrors(): void {
    for (const error of this.driver.broken.splice(0)) {
      if (!(error instanceof DriverError)) throw new Error("a bug of the device", { cause: error });
    }
  }

  #queueIndex(): number {
    return this.random.below(this.driver.queues.length);
  }

  #queue(): VirtqueueDouble {
    return this.driver.queues[this.#queueIndex()]!;
  }

  /** Something that the device is for, cut anywhere, direct or indirect. */
  #offerMessage(): void {
    const { random } = this;
    const { bytes, room } = this.target.message(random);
    const parts: Part[] = [
      ...cut(random, bytes.length).map(([start, end]) => bytes.subarray(start, end)),
      ...cut(random, room).map(([start, end]) => ({ room: end - start })),
    ];
    const queue = this.#queue();
    if (parts.length === 0 || parts.length > queue.size) return;
    try {
      if (random.below(2)) queue.add(...parts);
      else queue.addIndirect(...parts);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      this.#ram.freeAll(); // there was no room left: what comes goes over the rings
    }
    if (random.below(4)) queue.kick();
  }

  #describe(): void {
    const { random } = this;
    const wild = random.below(16) === 0;
    const descriptor: Descriptor = {
      addr: wild ? this.#wild(2 ** 53) : random.below(RAM),
      len: wild ? this.#wild(0xffffffff) : random.pick([0, 1, 16, 64, 512, random.below(RAM)]),
      flags: wild ? random.below(0x10000) : random.pick([0, NEXT, WRITE, WRITE | NEXT, INDIRECT]),
      next: wild ? random.below(0x10000) : random.below(18),
    };
    const bytes = spec.VIRTQ_DESC.encode(descriptor);
    const table = random.below(4) ? this.#queue().descriptorTable : random.below(RAM / 2);
    this.#ram.view(table + random.below(32) * bytes.length, bytes.length).set(bytes);
  }

  #moveIndex(): void {
    const queue = this.#queue();
    queue.idx = (queue.idx + (this.random.below(4) ? this.random.below(20) : this.random.below(0x10000))) & 0xffff;
    queue.publish();
  }

  #suppress(): void {
    const queue = this.#queue();
    queue.usedEvent = this.random.below(2) ? queue.usedIdx : this.random.below(0x10000);
    queue.availableFlags = this.random.below(3);
  }

  #scribble(): void {
    const bytes = this.random.bytes(1 + this.random.below(64));
    this.#ram.view(this.random.below(RAM - bytes.length), bytes.length).set(bytes);
  }

  #writeRegister(): void {
    const { random, driver } = this;
    const width = this.#width();
    driver.pci.bar.write(random.below(driver.pci.bar.size + 4), width, this.#wild(2 ** (8 * width) - 1));
  }

  #readRegister(): void {
    const { random, driver } = this;
    const width = this.#width();
    const value = driver.pci.bar.read(random.below(driver.pci.bar.size + 4), width);
    if (!(value >= 0 && value < 2 ** (8 * width))) throw new Error(`${value} read where there are ${width} bytes`);
  }

  /** A register that matters, at a moment when it should not be written. */
  #writeField(): void {
    const { random, driver } = this;
    const addresses = [
      "queue_desc_lo",
      "queue_desc_hi",
      "queue_driver_lo",
      "queue_driver_hi",
      "queue_device_lo",
    ] as const;
    const writes = [
      () => driver.addStatus(random.pick([spec.DRIVER_OK, spec.FEATURES_OK, spec.FAILED, spec.DEVICE_NEEDS_RESET])),
      () => driver.write("device_status", random.below(256)),
      () => driver.write("queue_select", random.below(6)),
      () => driver.write("queue_size", this.#wild(0xffff)),
      () => driver.write("queue_enable", random.below(3)),
      () => driver.write("queue_reset", random.below(2)),
      () => driver.write(random.pick(addresses), this.#wild(0xffffffff)),
      () => driver.write("driver_feature_select", random.below(4)),
      () => driver.write("driver_feature", this.#wild(0xffffffff)),
    ];
    random.pick(writes)();
  }

  #width(): Width {
    return this.random.pick<Width>([1, 2, 4]);
  }

  /** A number up to `max`: near a limit, or any. */
  #wild(max: number): number {
    const { random } = this;
    const limit = random.pick([0, RAM, RAM - 16, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 52, max]);
    const near = random.below(2) ? limit + random.below(33) - 16 : random.below(max) * random.next();
    return Math.min(Math.max(Math.floor(near), 0), max);
  }
}

/** Ranges that make up [0, length), often one, seldom many. */
function cut(random: Random, length: number): [start: number, end: number][] {
  const ends = random.below(2) ? [] : Array.from({ length: random.below(6) }, () => random.below(length + 1));
  const borders = [0, ...ends.sort((a, b) => a - b), length];
  return borders
    .slice(1)
    .map((end, i): [number, number] => [borders[i]!, end])
    .filter(([start, end]) => end > start || random.below(8) === 0);
}

function pickWeighted<T>(random: Random, items: readonly (readonly [weight: number, item: T])[]): T {
  let left = random.below(items.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, item] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  throw new RangeError("no items");
}
