import type { VirtioDevice } from "../device.js";
import { PCI_HEADER } from "../pci-config-space.js";
import type { Width } from "../registers.js";
import * as spec from "../spec.js";
import { VirtioPci } from "../virtio-pci.js";
import { BusDouble } from "./bus-double.js";
import { RamDouble } from "./ram-double.js";
import { VirtqueueDouble } from "./virtqueue-double.js";

type CommonField = keyof typeof spec.VIRTIO_PCI_COMMON_CFG_MEMBERS;

/** Where a capability says that a structure is. */
export interface Structure {
  readonly offset: number;
  readonly length: number;
}

/** A virtio driver for one device: finds its structures, negotiates and lays out rings as Linux does, or as it must not. */
export class DriverDouble {
  readonly bus = new BusDouble();
  readonly pci: VirtioPci;
  /** Why the device said that it needs a reset. */
  readonly broken: unknown[] = [];
  readonly queues: VirtqueueDouble[] = [];

  constructor(
    device: VirtioDevice,
    readonly ram = new RamDouble(),
  ) {
    this.pci = new VirtioPci(this.bus, ram, device, (error) => this.broken.push(error));
  }

  /** §3.1.1, all of it: reset, features (all that are offered if none are named), queues of the largest size, DRIVER_OK. */
  start(features: readonly number[] = this.offered(), queueSize?: number): this {
    this.negotiate(features);
    const count = this.read("num_queues");
    for (let index = 0; index < count; index++) this.setUpQueue(index, queueSize);
    this.addStatus(spec.DRIVER_OK);
    return this;
  }

  /** Up to FEATURES_OK; returns false where the device refuses the features. */
  negotiate(features: readonly number[]): boolean {
    this.write("device_status", 0);
    this.addStatus(spec.ACKNOWLEDGE);
    this.addStatus(spec.DRIVER);
    for (let select = 0; select < spec.FEATURE_WORDS; select++) {
      const bits = features.filter((bit) => Math.floor(bit / 32) === select);
      this.write("driver_feature_select", select);
      this.write("driver_feature", bits.reduce((word, bit) => word | (1 << (bit % 32)), 0) >>> 0);
    }
    this.addStatus(spec.FEATURES_OK);
    return (this.status & spec.FEATURES_OK) !== 0;
  }

  offered(): number[] {
    const features = [];
    for (let bit = 0; bit < 32 * spec.FEATURE_WORDS; bit++) {
      this.write("device_feature_select", Math.floor(bit / 32));
      if (this.read("device_feature") & (1 << (bit % 32))) features.push(bit);
    }
    return features;
  }

  setUpQueue(index: number, size?: number): VirtqueueDouble {
    this.write("queue_select", index);
    const queue = new VirtqueueDouble(this.ram, size ?? this.read("queue_size"), () => this.notify(index));
    this.queues[index] = queue;
    this.write("queue_size", queue.size);
    this.write("queue_desc_lo", queue.descriptorTable);
    this.write("queue_driver_lo", queue.availableRing);
    this.write("queue_device_lo", queue.usedRing);
    this.write("queue_enable", 1);
    return queue;
  }

  notify(queueIndex: number): void {
    const { offset } = this.structure(spec.VIRTIO_PCI_CAP_NOTIFY_CFG);
    this.pci.bar.write(offset, spec.VIRTIO_PCI_NOTIFY.size as Width, queueIndex);
  }

  /** Reads and so clears the ISR status. */
  readIsr(): number {
    return this.pci.bar.read(this.structure(spec.VIRTIO_PCI_CAP_ISR_CFG).offset, 1);
  }

  get status(): number {
    return this.read("device_status");
  }

  addStatus(bit: number): void {
    this.write("device_status", this.status | bit);
  }

  read(field: CommonField): number {
    return this.pci.bar.read(...this.#field(field));
  }

  write(field: CommonField, value: number): void {
    this.pci.bar.write(...this.#field(field), value);
  }

  config(): Uint8Array {
    const { offset, length } = this.structure(spec.VIRTIO_PCI_CAP_DEVICE_CFG);
    return Uint8Array.from({ length }, (_, i) => this.pci.bar.read(offset + i, 1));
  }

  /** Walks the capability list. */
  structure(cfgType: number): Structure {
    const space = this.pci.configSpace;
    let at = space[PCI_HEADER.offsets.capabilities_pointer]!;
    while (at !== 0) {
      const capability = spec.VIRTIO_PCI_CAP.decode(space.subarray(at));
      if (capability.cfg_type === cfgType) return capability;
      at = capability.cap_next;
    }
    throw new Error(`no capability of type ${cfgType}`);
  }

  #field(field: CommonField): [offset: number, width: Width] {
    const { offset } = this.structure(spec.VIRTIO_PCI_CAP_COMMON_CFG);
    const width = spec.VIRTIO_PCI_COMMON_CFG_MEMBERS[field].size as Width;
    return [offset + spec.VIRTIO_PCI_COMMON_CFG.offsets[field], width];
  }
}
