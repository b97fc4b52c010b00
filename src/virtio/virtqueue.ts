import { DescriptorChain } from "./descriptor-chain.js";
import { DriverError } from "./driver-error.js";
import type { GuestMemory } from "./guest-memory.js";
import * as spec from "./spec.js";
import { walkDescriptors } from "./walk-descriptors.js";

/** What a driver set up for one queue: guest-physical addresses, and how many descriptors. */
export interface VirtqueueSetup {
  readonly size: number;
  readonly descriptorTable: number;
  readonly availableRing: number;
  readonly usedRing: number;
  /** VIRTIO_F_EVENT_IDX was negotiated. */
  readonly eventIdx: boolean;
  /** VIRTIO_F_INDIRECT_DESC was negotiated. */
  readonly indirectDesc: boolean;
}

/** What a queue tells its transport. */
export interface VirtqueueListener {
  /** Buffers were used, and the driver wants to hear of it. */
  usedBufferNotification(): void;
  /** The driver broke the ring: the device needs a reset. */
  broken(error: DriverError): void;
}

/**
 * The device's side of a split virtqueue (§2.7).
 *
 * ```
 *   descriptorTable   desc[size]      16 bytes each, written by the driver
 *   availableRing     flags idx ring[size] usedEvent      written by the driver
 *   usedRing          flags idx ring[size] availEvent     written here
 * ```
 *
 * Indices run freely through 16 bits: `used ≤ nextAvailable ≤ available idx ≤ used + size`, modulo 65536.
 */
export class Virtqueue {
  #live = true;
  #draining = false;
  /** Free-running index of the next entry to take from the available ring. */
  #nextAvailable = 0;
  /** Free-running index of the next entry to fill in the used ring. */
  #nextUsed = 0;
  /** `#nextUsed` when it was last decided whether to notify the driver. */
  #decidedUsed = 0;

  /** `position`: of a queue that goes on where {@link save} found it. */
  constructor(
    private readonly memory: GuestMemory,
    private readonly setup: VirtqueueSetup,
    private readonly listener: VirtqueueListener,
    position = 0,
  ) {
    this.#nextAvailable = this.#nextUsed = this.#decidedUsed = uint16(position);
    const { size } = setup;
    if (size < 1 || size > spec.VIRTQ_SIZE_MAX || (size & (size - 1)) !== 0) {
      throw new DriverError(`queue size ${size} is not a power of 2`);
    }
    checkPart(memory, setup.descriptorTable, spec.VIRTQ_DESC_ALIGN, size * spec.VIRTQ_DESC.size);
    checkPart(memory, setup.availableRing, spec.VIRTQ_AVAIL_ALIGN, this.#usedEventOffset + spec.VIRTQ_USED_EVENT.size);
    checkPart(memory, setup.usedRing, spec.VIRTQ_USED_ALIGN, this.#availEventOffset + spec.VIRTQ_AVAIL_EVENT.size);
  }

  /** False after `stop`. */
  get live(): boolean {
    return this.#live;
  }

  /** The device was reset or needs to be: nothing is taken any more, and chains that are out are void. */
  stop(): void {
    this.#live = false;
  }

  /** Where the queue stands, in both rings: all that is not in guest memory. Throws while chains are out. */
  save(): number {
    const inFlight = uint16(this.#nextAvailable - this.#nextUsed);
    if (inFlight > 0 || this.#draining) throw new Error(`${inFlight} chains are out`);
    return this.#nextUsed;
  }

  /**
   * Serves what the driver made available, one chain after the other, while `ready`. Chains that are completed meanwhile share
   * one decision whether to notify the driver.
   *
   * The driver stands still meanwhile, so that there are as many chains as descriptors at most. More come from rings that lie
   * over what the device writes: an answer could make the next chain available, without end.
   */
  drain(serve: (chain: DescriptorChain) => void, ready: () => boolean = always): void {
    if (this.#draining) return;
    this.#draining = true;
    let served = 0;
    try {
      do {
        this.#disableNotifications();
        for (let chain; ready() && (chain = this.pop()) !== undefined;) {
          if (served++ === this.setup.size) throw new DriverError("the available ring fills itself");
          serve(chain);
        }
        // A driver on another processor may have added a buffer before it could see that notifications are back on.
      } while (ready() && this.#enableNotifications());
    } catch (error) {
      this.#break(error);
    } finally {
      this.#draining = false;
    }
    this.#notifyIfWanted();
  }

  /** The next chain that the driver made available; undefined when there is none. */
  pop(): DescriptorChain | undefined {
    if (!this.#live) return undefined;
    try {
      return this.#available() === 0 ? undefined : this.#take();
    } catch (error) {
      this.#break(error);
      return undefined;
    }
  }

  /** Puts a chain into the used ring: the end of {@link DescriptorChain.complete}. */
  used(head: number, written: number): void {
    if (!this.#live) return;
    const { usedRing, size } = this.setup;
    const element = usedRing + spec.VIRTQ_USED.size + (this.#nextUsed % size) * spec.VIRTQ_USED_ELEM.size;
    this.memory.writeUint32(element + spec.VIRTQ_USED_ELEM.offsets.id, head);
    this.memory.writeUint32(element + spec.VIRTQ_USED_ELEM.offsets.len, written);
    this.#nextUsed = uint16(this.#nextUsed + 1);
    this.memory.writeUint16(usedRing + spec.VIRTQ_USED.offsets.idx, this.#nextUsed);
    if (!this.#draining) this.#notifyIfWanted();
  }

  #take(): DescriptorChain {
    const { availableRing, size } = this.setup;
    const entry = (this.#nextAvailable % size) * spec.VIRTQ_AVAIL_ELEM.size;
    const head = this.memory.readUint16(availableRing + spec.VIRTQ_AVAIL.size + entry);
    this.#nextAvailable = uint16(this.#nextAvailable + 1);
    const { readable, writable } = walkDescriptors(this.memory, this.setup, head);
    return new DescriptorChain(this.memory, this, head, readable, writable);
  }

  /** How many chains wait in the available ring. */
  #available(): number {
    const idx = this.memory.readUint16(this.setup.availableRing + spec.VIRTQ_AVAIL.offsets.idx);
    const waiting = uint16(idx - this.#nextAvailable);
    const inFlight = uint16(this.#nextAvailable - this.#nextUsed);
    if (waiting + inFlight > this.setup.size) {
      throw new DriverError(`${waiting} chains available beside ${inFlight} in flight, of ${this.setup.size}`);
    }
    return waiting;
  }

  /** §2.7.10. With EVENT_IDX nothing is to be done: availEvent stays behind. */
  #disableNotifications(): void {
    if (!this.#live || this.setup.eventIdx) return;
    this.memory.writeUint16(this.setup.usedRing + spec.VIRTQ_USED.offsets.flags, spec.VIRTQ_USED_F_NO_NOTIFY);
  }

  /** Returns true when the driver has made more available since. */
  #enableNotifications(): boolean {
    if (!this.#live) return false;
    const { usedRing, eventIdx } = this.setup;
    if (eventIdx) this.memory.writeUint16(usedRing + this.#availEventOffset, this.#nextAvailable);
    else this.memory.writeUint16(usedRing + spec.VIRTQ_USED.offsets.flags, 0);
    return this.#available() > 0;
  }

  /** §2.7.7. */
  #notifyIfWanted(): void {
    if (!this.#live || this.#nextUsed === this.#decidedUsed) return;
    const { availableRing, eventIdx } = this.setup;
    const before = this.#decidedUsed;
    this.#decidedUsed = this.#nextUsed;
    if (eventIdx) {
      const usedEvent = this.memory.readUint16(availableRing + this.#usedEventOffset);
      if (uint16(this.#nextUsed - usedEvent - 1) >= uint16(this.#nextUsed - before)) return;
    } else {
      const flags = this.memory.readUint16(availableRing + spec.VIRTQ_AVAIL.offsets.flags);
      if (flags & spec.VIRTQ_AVAIL_F_NO_INTERRUPT) return;
    }
    this.listener.usedBufferNotification();
  }

  #break(error: unknown): void {
    if (!(error instanceof DriverError)) throw error;
    this.#live = false;
    this.listener.broken(error);
  }

  get #usedEventOffset(): number {
    return spec.VIRTQ_AVAIL.size + this.setup.size * spec.VIRTQ_AVAIL_ELEM.size;
  }

  get #availEventOffset(): number {
    return spec.VIRTQ_USED.size + this.setup.size * spec.VIRTQ_USED_ELEM.size;
  }
}

function checkPart(memory: GuestMemory, address: number, align: number, length: number): void {
  if (address % align !== 0)
    throw new DriverError(`virtqueue part at 0x${address.toString(16)} is not aligned to ${align}`);
  memory.check(address, length);
}

function uint16(value: number): number {
  return value & 0xffff;
}

function always(): boolean {
  return true;
}
