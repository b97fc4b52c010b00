import { CommonConfiguration, type ConfigurationState } from "./common-configuration.js";
import type { VirtioDevice } from "./device.js";
import { DriverError } from "./driver-error.js";
import { padding, struct } from "../wire/struct.js";
import type { GuestMemory } from "./guest-memory.js";
import type { PciBus, PciFunction, PciSlot } from "./pci.js";
import { pciConfigSpace } from "./pci-config-space.js";
import { type Register, RegisterFile, type Width } from "./registers.js";
import * as spec from "./spec.js";

/** BAR 0: the structures one after the other. §4.1.4.3.1 and §4.1.4.6.1 want the first and the last aligned to 4. */
const BAR = struct({
  common: spec.VIRTIO_PCI_COMMON_CFG,
  notify: spec.VIRTIO_PCI_NOTIFY,
  isr: spec.VIRTIO_PCI_ISR,
  padding: padding(1),
});

/** What a snapshot keeps of a device; plain JSON. Configuration space is the bus's to keep. */
export interface VirtioPciState {
  readonly name: string;
  readonly isrStatus: number;
  readonly configuration: ConfigurationState;
  readonly device: unknown;
}

/**
 * A virtio device as a function on a PCI bus (§4.1): modern only, one I/O BAR, INTx.
 *
 * Configuration space is the bus's, and v86's has no hook on reads: the PCI configuration access capability (§4.1.4.9) is
 * there, as a device MUST present it, but moves no data. Linux does not use it.
 */
export class VirtioPci implements PciFunction {
  readonly name: string;
  readonly configSpace: Uint8Array;
  readonly bar: RegisterFile;
  readonly #common: CommonConfiguration;
  readonly #slot: PciSlot;
  #isrStatus = 0;
  #interrupts = 0;

  constructor(
    bus: PciBus,
    memory: GuestMemory,
    private readonly device: VirtioDevice,
    /** Hears why the device needs a reset: a DriverError, or a bug of ours. */
    private readonly onBroken: (error: unknown) => void = () => {},
  ) {
    this.name = device.name;
    this.configSpace = pciConfigSpace(
      {
        vendor_id: spec.PCI_VENDOR_ID_VIRTIO,
        device_id: spec.PCI_DEVICE_ID_BASE + device.deviceId,
        revision_id: spec.PCI_REVISION_ID,
        ...device.pciClass,
        subsystem_vendor_id: spec.PCI_VENDOR_ID_VIRTIO,
        subsystem_id: spec.PCI_SUBSYSTEM_DEVICE_ID,
      },
      capabilities(device.config.length),
    );
    this.#common = new CommonConfiguration(device, memory, {
      usedBufferNotification: () => this.#interrupt(spec.VIRTIO_PCI_ISR_QUEUE),
      broken: (error) => this.#needsReset(error),
      reset: () => void this.#readIsrStatus(),
    });
    const size = 2 ** Math.ceil(Math.log2(BAR.size + device.config.length));
    this.bar = new RegisterFile(size, this.#registers());
    this.#slot = bus.plug(this);
  }

  /** How often the interrupt line was raised; what is still up is not raised again. */
  get interrupts(): number {
    return this.#interrupts;
  }

  /** Device number on the bus. */
  get slot(): number {
    return this.#slot.number;
  }

  /** A driver has set the device up, and has not reset it since. */
  get driverOk(): boolean {
    return this.#common.driverOk;
  }

  /** Takes the device off the bus. The guest must have let go of it before. */
  dispose(): void {
    this.#common.reset();
    this.#slot.unplug();
  }

  /** Throws where the device is in the middle of something: chains are out. */
  save(): VirtioPciState {
    return {
      name: this.name,
      isrStatus: this.#isrStatus,
      configuration: this.#common.save(),
      device: this.device.save?.() ?? null,
    };
  }

  /** Goes on from {@link save}; memory and bus are already as they were then. */
  restore({ name, isrStatus, configuration, device }: VirtioPciState): void {
    if (name !== this.name) throw new Error(`the snapshot has ${name} where ${this.name} is`);
    this.#common.restore(configuration);
    this.device.restore?.(device);
    if (isrStatus !== 0) this.#interrupt(isrStatus);
  }

  *#registers(): Generator<Register> {
    for (const register of this.#common.registers) {
      yield {
        offset: BAR.offsets.common + register.offset,
        width: register.width,
        read: () => register.read(),
        write: (value) => this.#guard(() => register.write?.(value)),
      };
    }
    yield {
      offset: BAR.offsets.notify,
      width: spec.VIRTIO_PCI_NOTIFY.size as Width,
      read: () => 0,
      write: (queueIndex) => this.#guard(() => this.#notify(queueIndex)),
    };
    yield {
      offset: BAR.offsets.isr,
      width: spec.VIRTIO_PCI_ISR.size as Width,
      read: () => this.#readIsrStatus(),
    };
    for (const [offset, byte] of this.device.config.entries()) {
      yield { offset: BAR.size + offset, width: 1, read: () => byte };
    }
  }

  #notify(queueIndex: number): void {
    if (this.#common.running && queueIndex < this.device.queueSizes.length) this.device.notify(queueIndex);
  }

  /** "The device MUST reset ISR status to 0 on driver read" (§4.1.4.5.1). */
  #readIsrStatus(): number {
    const status = this.#isrStatus;
    this.#isrStatus = 0;
    this.#slot.interrupt(false);
    return status;
  }

  #interrupt(cause: number): void {
    if (this.#isrStatus === 0) this.#interrupts++;
    this.#isrStatus |= cause;
    this.#slot.interrupt(true);
  }

  /** The one exit of errors that an access of the guest ends in: its own, or a bug of ours. */
  #guard(access: () => void): void {
    try {
      access();
    } catch (error) {
      this.#needsReset(error);
    }
  }

  #needsReset(error: unknown): void {
    const told = this.#common.driverOk;
    this.#common.needsReset();
    if (told) this.#interrupt(spec.VIRTIO_PCI_ISR_CONFIG);
    this.onBroken(
      error instanceof DriverError ? new DriverError(`${this.name}: ${error.message}`, { cause: error }) : error,
    );
  }
}

/** The capability list (§4.1.4): where each structure is. */
function capabilities(configLength: number): Uint8Array[] {
  const notifyOffMultiplier = spec.VIRTIO_PCI_NOTIFY_CAP.encode({ notify_off_multiplier: 0 });
  const pciCfgData = spec.VIRTIO_PCI_CFG_CAP.encode({ pci_cfg_data: 0 });
  return [
    capability(spec.VIRTIO_PCI_CAP_COMMON_CFG, BAR.offsets.common, spec.VIRTIO_PCI_COMMON_CFG.size),
    capability(spec.VIRTIO_PCI_CAP_NOTIFY_CFG, BAR.offsets.notify, spec.VIRTIO_PCI_NOTIFY.size, notifyOffMultiplier),
    capability(spec.VIRTIO_PCI_CAP_ISR_CFG, BAR.offsets.isr, spec.VIRTIO_PCI_ISR.size),
    capability(spec.VIRTIO_PCI_CAP_DEVICE_CFG, BAR.size, configLength),
    capability(spec.VIRTIO_PCI_CAP_PCI_CFG, 0, 0, pciCfgData),
  ];
}

/** struct virtio_pci_cap, in BAR 0, and what follows it; cap_next is the list's. */
function capability(cfgType: number, offset: number, length: number, extra = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(spec.VIRTIO_PCI_CAP.size + extra.length);
  bytes.set(
    spec.VIRTIO_PCI_CAP.encode({
      cap_vndr: spec.PCI_CAP_ID_VNDR,
      cap_len: bytes.length,
      cfg_type: cfgType,
      offset,
      length,
    }),
  );
  bytes.set(extra, spec.VIRTIO_PCI_CAP.size);
  return bytes;
}
