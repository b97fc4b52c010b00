import type { VirtioDevice } from "./device.js";
import { DriverError } from "./driver-error.js";
import type { GuestMemory } from "./guest-memory.js";
import type { Register, Width } from "./registers.js";
import * as spec from "./spec.js";
import { Virtqueue, type VirtqueueListener } from "./virtqueue.js";

/** Feature bits of ring and transport, offered beside the device's own. */
const TRANSPORT_FEATURES = [spec.VIRTIO_F_INDIRECT_DESC, spec.VIRTIO_F_EVENT_IDX, spec.VIRTIO_F_VERSION_1];

/** §3.1.1: which status bits a driver must have set before it may set one more. Other moves are ignored. */
const STATUS_MOVES = [
  { bit: spec.ACKNOWLEDGE, after: 0 },
  { bit: spec.DRIVER, after: spec.ACKNOWLEDGE },
  { bit: spec.FEATURES_OK, after: spec.ACKNOWLEDGE | spec.DRIVER },
  { bit: spec.DRIVER_OK, after: spec.ACKNOWLEDGE | spec.DRIVER | spec.FEATURES_OK },
  { bit: spec.FAILED, after: 0 },
] as const;

type Field = keyof typeof spec.VIRTIO_PCI_COMMON_CFG_MEMBERS;
type Access = Pick<Register, "read" | "write">;

/** What the driver wrote about one queue. */
interface QueueRegisters {
  size: number;
  readonly address: Record<AddressField, number>;
  /** Set by queue_enable. */
  virtqueue: Virtqueue | undefined;
}
type AddressField = Extract<Field, `queue_${"desc" | "driver" | "device"}_${"lo" | "hi"}`>;

/** What a snapshot keeps of the configuration, beside guest memory; plain JSON. */
export interface ConfigurationState {
  readonly status: number;
  readonly deviceFeatureSelect: number;
  readonly driverFeatureSelect: number;
  readonly driverFeatures: readonly number[];
  readonly queueSelect: number;
  readonly queues: readonly {
    readonly size: number;
    readonly address: Readonly<Record<AddressField, number>>;
    /** Where it stands; null while it is not enabled. */
    readonly position: number | null;
  }[];
}

/** What the configuration tells its transport. */
export interface ConfigurationListener extends VirtqueueListener {
  /** The driver reset the device: no interrupt may stay pending. */
  reset(): void;
}

/** The common configuration structure (§4.1.4.3): features, device status and virtqueues of one device. */
export class CommonConfiguration {
  readonly registers: readonly Register[];
  readonly #offered: ReadonlySet<number>;
  #status = 0;
  #deviceFeatureSelect = 0;
  #driverFeatureSelect = 0;
  #driverFeatures: number[] = [];
  #queueSelect = 0;
  #queues: QueueRegisters[] = [];

  constructor(
    private readonly device: VirtioDevice,
    private readonly memory: GuestMemory,
    private readonly listener: ConfigurationListener,
  ) {
    this.#offered = new Set([...device.features, ...TRANSPORT_FEATURES]);
    this.registers = Object.entries(this.#accesses()).map(([field, access]) => ({
      offset: spec.VIRTIO_PCI_COMMON_CFG.offsets[field as Field],
      width: spec.VIRTIO_PCI_COMMON_CFG_MEMBERS[field as Field].size as Width,
      ...access,
    }));
    this.#clear();
  }

  /** Between DRIVER_OK and a reset, and not broken. */
  get running(): boolean {
    return this.driverOk && !(this.#status & spec.DEVICE_NEEDS_RESET);
  }

  get driverOk(): boolean {
    return (this.#status & spec.DRIVER_OK) !== 0;
  }

  reset(): void {
    const wasDriverOk = this.driverOk;
    this.#stopQueues();
    this.#clear();
    this.listener.reset();
    if (wasDriverOk) this.device.reset();
  }

  /** "The device SHOULD set DEVICE_NEEDS_RESET when it enters an error state that a reset is needed" (§2.1.2). */
  needsReset(): void {
    this.#status |= spec.DEVICE_NEEDS_RESET;
    this.#stopQueues();
  }

  /** Throws while chains are out. */
  save(): ConfigurationState {
    return {
      status: this.#status,
      deviceFeatureSelect: this.#deviceFeatureSelect,
      driverFeatureSelect: this.#driverFeatureSelect,
      driverFeatures: this.#driverFeatures.slice(),
      queueSelect: this.#queueSelect,
      queues: this.#queues.map(({ size, address, virtqueue }) => ({
        size,
        address: { ...address },
        position: virtqueue?.save() ?? null,
      })),
    };
  }

  /** Goes on from {@link save}, in a device that is as after power on, over the memory of that moment. */
  restore(state: ConfigurationState): void {
    this.#status = state.status;
    this.#deviceFeatureSelect = state.deviceFeatureSelect;
    this.#driverFeatureSelect = state.driverFeatureSelect;
    this.#driverFeatures = state.driverFeatures.slice();
    this.#queueSelect = state.queueSelect;
    this.#queues = state.queues.map(({ size, address, position }) => {
      const queue: QueueRegisters = { size, address: { ...address }, virtqueue: undefined };
      if (position !== null) queue.virtqueue = this.#virtqueue(queue, position);
      return queue;
    });
    if (this.driverOk) this.#ready();
    if (this.#status & spec.DEVICE_NEEDS_RESET) this.#stopQueues();
  }

  #accesses(): Record<Field, Access> {
    return {
      device_feature_select: {
        read: () => this.#deviceFeatureSelect,
        write: (value) => (this.#deviceFeatureSelect = value),
      },
      device_feature: { read: () => featureWord(this.#offered, this.#deviceFeatureSelect) },
      driver_feature_select: {
        read: () => this.#driverFeatureSelect,
        write: (value) => (this.#driverFeatureSelect = value),
      },
      driver_feature: {
        read: () => this.#driverFeatures[this.#driverFeatureSelect] ?? 0,
        write: (value) => this.#writeDriverFeature(value),
      },
      // There is no MSI-X capability.
      config_msix_vector: { read: () => spec.VIRTIO_MSI_NO_VECTOR },
      num_queues: { read: () => this.#queues.length },
      device_status: { read: () => this.#status, write: (value) => this.#writeStatus(value) },
      // Device-specific configuration never changes.
      config_generation: { read: () => 0 },
      queue_select: { read: () => this.#queueSelect, write: (value) => (this.#queueSelect = value) },
      queue_size: { read: () => this.#selected?.size ?? 0, write: (value) => this.#writeQueueSize(value) },
      queue_msix_vector: { read: () => spec.VIRTIO_MSI_NO_VECTOR },
      queue_enable: {
        read: () => Number(this.#selected?.virtqueue !== undefined),
        write: (value) => this.#writeQueueEnable(value),
      },
      // notify_off_multiplier is 0: all queues are notified in one place.
      queue_notify_off: { read: () => 0 },
      queue_desc_lo: this.#queueAddress("queue_desc_lo"),
      queue_desc_hi: this.#queueAddress("queue_desc_hi"),
      queue_driver_lo: this.#queueAddress("queue_driver_lo"),
      queue_driver_hi: this.#queueAddress("queue_driver_hi"),
      queue_device_lo: this.#queueAddress("queue_device_lo"),
      queue_device_hi: this.#queueAddress("queue_device_hi"),
      // VIRTIO_F_NOTIF_CONFIG_DATA, VIRTIO_F_RING_RESET and VIRTIO_F_ADMIN_VQ are not offered.
      queue_notify_data: { read: () => 0 },
      queue_reset: { read: () => 0 },
      admin_queue_index: { read: () => 0 },
      admin_queue_num: { read: () => 0 },
    };
  }

  #writeDriverFeature(value: number): void {
    if (this.#status & spec.FEATURES_OK || this.#driverFeatureSelect >= spec.FEATURE_WORDS) return;
    this.#driverFeatures[this.#driverFeatureSelect] = value;
  }

  #writeStatus(value: number): void {
    if (value === 0) return this.reset();
    // §2.1.1: "The driver MUST NOT clear a device status bit."
    if (this.#status & ~value & ~spec.DEVICE_NEEDS_RESET) return;
    for (const { bit, after } of STATUS_MOVES) {
      if (!(value & bit) || this.#status & bit) continue;
      if ((this.#status & after) !== after) return;
      if (bit === spec.FEATURES_OK && !this.#featuresAccepted()) return;
      this.#status |= bit;
      if (bit === spec.DRIVER_OK) this.#ready();
    }
  }

  #ready(): void {
    this.device.ready(
      this.#queues.map((queue) => queue.virtqueue),
      this.#features(),
    );
  }

  /** The driver chose among what was offered, and VIRTIO_F_VERSION_1 with it (§6.2). */
  #featuresAccepted(): boolean {
    const within = this.#driverFeatures.every((word, select) => (word & ~featureWord(this.#offered, select)) === 0);
    return within && this.#features().has(spec.VIRTIO_F_VERSION_1);
  }

  #features(): Set<number> {
    const chosen = (bit: number) =>
      ((this.#driverFeatures[Math.floor(bit / spec.FEATURE_WORD_BITS)] ?? 0) & featureMask(bit)) !== 0;
    return new Set([...this.#offered].filter(chosen));
  }

  get #selected(): QueueRegisters | undefined {
    return this.#queues[this.#queueSelect];
  }

  /** The selected queue, while it may still be set up. */
  get #writable(): QueueRegisters | undefined {
    return this.#selected?.virtqueue === undefined ? this.#selected : undefined;
  }

  #writeQueueSize(value: number): void {
    const maximum = this.device.queueSizes[this.#queueSelect] ?? 0;
    if (this.#writable && value <= maximum) this.#writable.size = value;
  }

  #queueAddress(field: AddressField): Access {
    return {
      read: () => this.#selected?.address[field] ?? 0,
      write: (value) => {
        if (this.#writable) this.#writable.address[field] = value;
      },
    };
  }

  #writeQueueEnable(value: number): void {
    const queue = this.#writable;
    if (value !== 1 || queue === undefined || this.driverOk) return;
    if (!(this.#status & spec.FEATURES_OK)) throw new DriverError("queue_enable before FEATURES_OK");
    queue.virtqueue = this.#virtqueue(queue, 0);
  }

  #virtqueue({ address, size }: QueueRegisters, position: number): Virtqueue {
    const features = this.#features();
    const setup = {
      size,
      descriptorTable: uint64(address.queue_desc_lo, address.queue_desc_hi),
      availableRing: uint64(address.queue_driver_lo, address.queue_driver_hi),
      usedRing: uint64(address.queue_device_lo, address.queue_device_hi),
      eventIdx: features.has(spec.VIRTIO_F_EVENT_IDX),
      indirectDesc: features.has(spec.VIRTIO_F_INDIRECT_DESC),
    };
    return new Virtqueue(this.memory, setup, this.listener, position);
  }

  #stopQueues(): void {
    for (const { virtqueue } of this.#queues) virtqueue?.stop();
  }

  #clear(): void {
    this.#status = 0;
    this.#deviceFeatureSelect = 0;
    this.#driverFeatureSelect = 0;
    this.#driverFeatures = new Array<number>(spec.FEATURE_WORDS).fill(0);
    this.#queueSelect = 0;
    this.#queues = this.device.queueSizes.map((size) => ({
      size,
      address: {
        queue_desc_lo: 0,
        queue_desc_hi: 0,
        queue_driver_lo: 0,
        queue_driver_hi: 0,
        queue_device_lo: 0,
        queue_device_hi: 0,
      },
      virtqueue: undefined,
    }));
  }
}

function featureWord(features: Iterable<number>, select: number): number {
  let word = 0;
  for (const bit of features) {
    if (Math.floor(bit / spec.FEATURE_WORD_BITS) === select) word |= featureMask(bit);
  }
  return word >>> 0;
}

function featureMask(bit: number): number {
  return 1 << (bit % spec.FEATURE_WORD_BITS);
}

function uint64(lo: number, hi: number): number {
  return lo + hi * 2 ** 32;
}
