import type { DescriptorChain } from "../descriptor-chain.js";
import type { VirtioDevice } from "../device.js";
import * as spec from "../spec.js";
import type { Virtqueue } from "../virtqueue.js";

/** A device of no type that hands each chain to a function; without one it keeps them. */
export class DeviceDouble implements VirtioDevice {
  readonly name = "double";
  readonly deviceId = spec.VIRTIO_ID_FS;
  readonly pciClass = { base_class: 0xff, sub_class: 0 };
  readonly features: readonly number[];
  readonly queueSizes: readonly number[];
  readonly config = Uint8Array.of(1, 2, 3, 4, 5);
  queues: readonly (Virtqueue | undefined)[] = [];
  readonly chains: DescriptorChain[] = [];
  resets = 0;
  /** What is done with a chain inside the notification. */
  serve: (chain: DescriptorChain) => void = (chain) => this.chains.push(chain);

  constructor({ features = [] as readonly number[], queueSizes = [8] as readonly number[] } = {}) {
    this.features = features;
    this.queueSizes = queueSizes;
  }

  ready(queues: readonly (Virtqueue | undefined)[]): void {
    this.queues = queues;
  }

  notify(queueIndex: number): void {
    this.queues[queueIndex]?.drain((chain) => this.serve(chain));
  }

  reset(): void {
    this.resets++;
  }
}
