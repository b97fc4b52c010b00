import type { Random } from "../../fs/testing/random.js";
import type { DescriptorChain } from "../descriptor-chain.js";
import { DriverError } from "../driver-error.js";
import * as spec from "../spec.js";
import { DeviceDouble } from "./device-double.js";
import { DriverDouble } from "./driver-double.js";
import { RamDouble } from "./ram-double.js";
import { touch } from "./targets.js";
import type { VirtqueueDouble } from "./virtqueue-double.js";

const RAM = 64 * 1024;
const SIZE = 16;
/** Where buffers and indirect tables are: beyond the rings, so that what the device writes is no ring. */
const BUFFERS = 4096;
const { VIRTQ_DESC_F_NEXT: NEXT, VIRTQ_DESC_F_WRITE: WRITE, VIRTQ_DESC_F_INDIRECT: INDIRECT } = spec;

/** A chain that the device has got, and has not given back. */
interface Held {
  readonly chain: DescriptorChain;
  readonly head: number;
}

/**
 * Keeps the books of one queue under a driver that gets its descriptors, but not its rings, wrong: what was made available is
 * handed over in its order, and what was completed is in the used ring in its order, until the device says that it needs a
 * reset. Throws where the books do not agree.
 */
export class RingAccounts {
  /** Chains that were used, and how often the device broke. */
  used = 0;
  broken = 0;
  readonly #device = new DeviceDouble({ queueSizes: [SIZE] });
  readonly #driver = new DriverDouble(this.#device, new RamDouble(RAM));
  #books: Books;

  constructor(private readonly random: Random) {
    this.#books = new Books(random, this.#device, this.#driver);
  }

  step(): void {
    if (this.#books.broken || this.random.below(100) === 0) {
      this.end();
      this.#books = new Books(this.random, this.#device, this.#driver);
    }
    this.#books.step();
  }

  end(): void {
    this.broken += Number(this.#books.broken);
    this.used += this.#books.used;
    this.#books.reset();
  }
}

/** The books from one start of the device to its reset. */
class Books {
  broken = false;
  used = 0;
  readonly #queue: VirtqueueDouble;
  /** Heads in the order in which they were made available; the device has got the first `#handed`. */
  readonly #offered: number[] = [];
  #handed = 0;
  #held: Held[] = [];
  readonly #completed: { id: number; len: number }[] = [];
  readonly #eventIdx: boolean;
  /** How many chains in four are completed inside the notification. */
  readonly #eager: number;

  constructor(
    private readonly random: Random,
    device: DeviceDouble,
    private readonly driver: DriverDouble,
  ) {
    driver.ram.freeAll();
    const optional = [spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX].filter(() => random.below(2));
    this.#eager = random.pick([0, 1, 2, 4]);
    this.#eventIdx = optional.includes(spec.VIRTIO_F_EVENT_IDX);
    driver.ram.bytes.fill(0, 0, BUFFERS);
    this.#queue = driver.start([spec.VIRTIO_F_VERSION_1, ...optional]).queues[0]!;
    device.serve = (chain) => this.#serve(chain);
  }

  step(): void {
    const { random, driver } = this;
    const steps = [
      () => this.#describe(),
      () => this.#describe(),
      () => this.#offer(random.below(40) ? random.below(SIZE) : random.below(SIZE + 4)),
      () => this.#offer(random.below(SIZE)),
      () => this.#kick(),
      () => this.#complete(),
      () => this.#complete(),
      () => random.below(10) || this.#moveIndex(),
      () => driver.notify(1 + random.below(0xffff)), // there is no such queue
      () => driver.write("queue_size", random.below(0x10000)),
      () => driver.write("queue_desc_lo", random.below(2 ** 32)),
      () => driver.write("driver_feature", random.below(2 ** 32)),
    ];
    random.pick(steps)();
    this.#check();
  }

  /** What is out is void now, and the used ring stays as it is. */
  reset(): void {
    this.driver.readIsr();
    this.driver.write("device_status", 0);
    const before = this.driver.ram.bytes.slice();
    for (const { chain } of this.#held.splice(0)) {
      touch(chain);
      chain.complete(chain.writableLength);
    }
    const changed = this.driver.ram.bytes.some((byte, at) => byte !== before[at]);
    if (!this.driver.ram.guardsIntact) throw new Error("bytes beside RAM changed");
    if (changed || this.driver.bus.asserted) throw new Error("something was done after a reset");
  }

  #describe(): void {
    const { random } = this;
    const wild = random.below(24) === 0;
    const descriptor = {
      addr: wild ? random.pick([RAM - 1, RAM, 2 ** 32, 2 ** 52]) : BUFFERS + 16 * random.below((RAM - BUFFERS) / 16),
      len: wild ? random.pick([RAM, 2 ** 31, 2 ** 32 - 1]) : random.pick([0, 1, 16, 16, 32]),
      flags: wild ? random.below(8) : random.pick([0, 0, WRITE, WRITE, WRITE | NEXT, NEXT, INDIRECT]),
      next: random.below(SIZE),
    };
    if (random.below(3)) this.#queue.writeDescriptor(random.below(SIZE), descriptor);
    else {
      const at = BUFFERS + 16 * random.below((RAM - BUFFERS) / 16);
      this.driver.ram.view(at, spec.VIRTQ_DESC.size).set(spec.VIRTQ_DESC.encode(descriptor));
    }
  }

  #offer(head: number): void {
    this.#queue.offer(head);
    this.#offered.push(head);
    if (this.random.below(2)) this.#kick();
  }

  /** Heads that nobody wrote: they are what is in the ring. */
  #moveIndex(): void {
    const { ram, availableRing } = this.#queue;
    for (let count = this.random.below(SIZE + 8); count > 0; count--) {
      const entry = availableRing + spec.VIRTQ_AVAIL.size + (this.#queue.idx % SIZE) * spec.VIRTQ_AVAIL_ELEM.size;
      this.#offered.push(ram.readUint16(entry));
      this.#queue.idx = (this.#queue.idx + 1) & 0xffff;
    }
    this.#queue.publish();
    this.#kick();
  }

  #kick(): void {
    this.#queue.usedEvent = this.random.below(2) ? this.#queue.usedIdx : this.random.below(0x10000);
    this.#queue.kick();
    this.broken = (this.driver.status & spec.DEVICE_NEEDS_RESET) !== 0;
    const tooMany = this.#offered.length - this.used > SIZE;
    if (tooMany && !this.broken) throw new Error("more chains in flight than the queue has");
    if (!this.broken && this.#handed !== this.#offered.length) throw new Error(`${this.#handed} chains handed over`);
  }

  #serve(chain: DescriptorChain): void {
    const held = { chain, head: this.#offered[this.#handed++]! };
    this.#held.push(held);
    if (this.random.below(4) < this.#eager) this.#finish(held);
  }

  #complete(): void {
    if (this.#held.length === 0) return;
    this.driver.readIsr();
    this.#finish(this.random.pick(this.#held));
    const wanted = !this.#eventIdx && !this.broken;
    if (wanted && !this.driver.bus.asserted) throw new Error("no interrupt");
  }

  #finish(held: Held): void {
    this.#held = this.#held.filter((other) => other !== held);
    const len = this.random.below(held.chain.writableLength + 1);
    held.chain.complete(len);
    // After a break, nothing is used any more.
    if ((this.driver.status & spec.DEVICE_NEEDS_RESET) !== 0) return;
    this.used++;
    this.#completed.push({ id: held.head, len });
  }

  #check(): void {
    for (const error of this.driver.broken.splice(0)) if (!(error instanceof DriverError)) throw error;
    const reaped = this.#queue.reap();
    if (JSON.stringify(reaped) !== JSON.stringify(this.#completed.splice(0))) throw new Error("another used ring");
  }
}
