import type { VirtioDevice } from "../virtio/device.js";
import { VirtioPci, type VirtioPciState } from "../virtio/virtio-pci.js";
import { deviceInternals, stopGuest, type V86DeviceCpu, type V86Instance } from "./v86.js";
import { V86Memory } from "./v86-memory.js";
import { V86PciBus } from "./v86-pci-bus.js";

/** Where our part lies in v86's state, beyond its own (0 to 91 in 0.5.462). */
const STATE_INDEX = 200;
const STATE_VERSION = 1;

/** Our part of v86's state, as JSON. */
interface DevicesState {
  readonly version: number;
  readonly devices: readonly (VirtioPciState & { readonly slot: number })[];
}

/** A device on the bus of a `V86`. */
export interface AttachedDevice {
  /** How often it raised its interrupt line. */
  readonly interrupts: number;
  /** Device number on PCI bus 0. */
  readonly slot: number;
  /** A driver of the guest has the device. */
  readonly inUse: boolean;
  /** Takes the device off the bus. */
  remove(): void;
}

/**
 * The devices of ours that somebody else's `V86` has. They are part of its state: `save_state` carries them, and `restore_state`
 * (or `initial_state`) goes on from that where devices of the same names are attached before. For that three methods of this one
 * instance are replaced while it has a device of ours.
 */
export class V86Devices {
  static readonly #of = new WeakMap<V86Instance, V86Devices>();

  readonly #cpu: V86DeviceCpu;
  readonly #bus: V86PciBus;
  readonly #memory: V86Memory;
  readonly #attached = new Set<Attached>();
  /** The guest stands still, and every device has its part of the state. */
  #suspended = false;
  #saving: Promise<unknown> = Promise.resolve();
  #unhook: (() => void) | undefined;

  /** Of an instance that is ready. Throws where the build of v86 does not fit. */
  static of(v86: V86Instance): V86Devices {
    let devices = V86Devices.#of.get(v86);
    if (devices === undefined) V86Devices.#of.set(v86, (devices = new V86Devices(v86)));
    return devices;
  }

  private constructor(private readonly v86: V86Instance) {
    this.#cpu = deviceInternals(v86);
    this.#bus = new V86PciBus(this.#cpu);
    this.#memory = new V86Memory(this.#cpu);
  }

  /** Whether the guest has executed anything: it may have looked for devices already. */
  get hasRun(): boolean {
    return this.v86.is_running() || this.v86.get_instruction_counter() > 0;
  }

  has({ name }: VirtioDevice): boolean {
    return [...this.#attached].some((attached) => attached.name === name);
  }

  /** Throws where no slot is free. */
  add(device: VirtioDevice, onBroken: (error: unknown) => void): AttachedDevice {
    const attached = new Attached(
      device,
      (slot) => this.#plug(device, onBroken, slot),
      () => this.#remove(attached),
    );
    this.#attached.add(attached);
    this.#unhook ??= this.#hook();
    return attached;
  }

  #plug(device: VirtioDevice, onBroken: (error: unknown) => void, slot: number | undefined): VirtioPci {
    const bus = this.#bus;
    return new VirtioPci({ plug: (pciFunction) => bus.plug(pciFunction, slot) }, this.#memory, device, onBroken);
  }

  #remove(attached: Attached): void {
    if (!this.#attached.delete(attached) || this.#attached.size > 0) return;
    this.#unhook?.();
    this.#unhook = undefined;
  }

  #hook(): () => void {
    const cpu = this.#cpu;
    const { v86 } = this;
    const undo = [
      replace(cpu, "get_state", (original) => () => this.#addTo(original.call(cpu))),
      replace(cpu, "set_state", (original) => (state) => this.#restore(state, () => original.call(cpu, state))),
      replace(v86, "save_state", (original) => () => this.#save(() => original.call(v86))),
    ];
    return () => undo.toReversed().forEach((one) => one());
  }

  /** One after the other: each lets the guest go on. */
  #save(save: () => Promise<ArrayBuffer>): Promise<ArrayBuffer> {
    const saving = this.#saving.then(() => this.#saveNow(save));
    this.#saving = saving.catch(() => undefined);
    return saving;
  }

  async #saveNow(save: () => Promise<ArrayBuffer>): Promise<ArrayBuffer> {
    const { v86 } = this;
    const wasRunning = v86.is_running();
    await stopGuest(v86, this.#cpu);
    try {
      for (const { device } of this.#attached) await device.suspend?.();
      this.#suspended = true;
      return await save();
    } finally {
      this.#suspended = false;
      if (wasRunning) void v86.run();
    }
  }

  #addTo(state: unknown[]): unknown[] {
    if (!this.#suspended)
      throw new Error("only save_state() of the V86 itself waits for what its virtio-fs devices have under way");
    const devices = [...this.#attached].map(({ pci }) => ({ ...pci.save(), slot: pci.slot }));
    state[STATE_INDEX] = JSON.stringify({ version: STATE_VERSION, devices } satisfies DevicesState);
    return state;
  }

  /** The devices are as after power on first, each where the state has it; those that it does not have are plugged in anew. */
  #restore(state: readonly unknown[], restore: () => void): void {
    const saved = readState(state[STATE_INDEX]);
    const found = new Map(saved.map((one) => [this.#find(one.name), one]));
    for (const { pci } of this.#attached) pci.dispose();
    for (const [attached, { slot }] of found) attached.plug(slot);
    restore();
    this.#bus.settle();
    for (const [attached, one] of found) attached.pci.restore(one);
    for (const attached of this.#attached) if (!found.has(attached)) attached.plug();
  }

  #find(name: string): Attached {
    for (const attached of this.#attached) if (attached.name === name) return attached;
    throw new Error(`the state has “${name}”: attach a device of that tag before it is restored`);
  }
}

class Attached implements AttachedDevice {
  pci: VirtioPci;
  readonly name: string;
  /** Of where it was plugged in before. */
  #interrupts = 0;

  constructor(
    readonly device: VirtioDevice,
    private readonly plugAt: (slot: number | undefined) => VirtioPci,
    private readonly removed: () => void,
  ) {
    this.name = device.name;
    this.pci = plugAt(undefined);
  }

  get interrupts(): number {
    return this.#interrupts + this.pci.interrupts;
  }

  get slot(): number {
    return this.pci.slot;
  }

  get inUse(): boolean {
    return this.pci.driverOk;
  }

  /** Once more, after it was taken out. */
  plug(slot?: number): void {
    this.#interrupts += this.pci.interrupts;
    this.pci = this.plugAt(slot);
  }

  remove(): void {
    this.pci.dispose();
    this.removed();
  }
}

/** Puts a method of this one object in the place of its class's; gives what takes it back. */
function replace<T extends object, K extends keyof T>(object: T, name: K, by: (original: T[K]) => T[K]): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  object[name] = by(object[name]);
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else delete object[name];
  };
}

function readState(text: unknown): DevicesState["devices"] {
  if (typeof text !== "string") return [];
  const { version, devices } = JSON.parse(text) as DevicesState;
  if (version === STATE_VERSION) return devices;
  throw new Error(`the state of the virtio-fs devices has version ${version}, not ${STATE_VERSION}`);
}
