import type { PciClass } from "./pci-config-space.js";
import type { Virtqueue } from "./virtqueue.js";

/** A type of virtio device (§5), without its transport. */
export interface VirtioDevice {
  readonly name: string;
  /** Virtio Device ID of §5. */
  readonly deviceId: number;
  readonly pciClass: PciClass;
  /** Feature bits of this type; the transport adds its own. */
  readonly features: readonly number[];
  /** Maximum size of each virtqueue. */
  readonly queueSizes: readonly number[];
  /** Device-specific configuration, constant; the driver cannot write it. */
  readonly config: Uint8Array;

  /** DRIVER_OK: the device is live, with these virtqueues (undefined where the driver enabled none) and features. */
  ready(queues: readonly (Virtqueue | undefined)[], features: ReadonlySet<number>): void;
  /** The driver made buffers available in a virtqueue. Called between `ready` and `reset` only. */
  notify(queueIndex: number): void;
  /** Before `save`, while the guest stands still: ends when no chain is out and `save` has all that it gives. */
  suspend?(): Promise<void>;
  /** For a snapshot: what the device knows beyond its virtqueues, as plain JSON. Throws while it has something half done. */
  save?(): unknown;
  /** After `ready`, in place of what the driver did before the snapshot. */
  restore?(state: unknown): void;
  /** The device was reset. Its chains are void; those that are out may still be completed, to no effect. */
  reset(): void;
}
