/** What is used of v86's documented class `V86`, which an instance of 0.5.462 has. */
export interface V86Instance {
  /** Calls `listener` when v86's own devices are there, before the guest runs. */
  add_listener(event: "emulator-ready", listener: () => void): void;
  /** Takes that back. */
  remove_listener(event: "emulator-ready", listener: () => void): void;
  /** False before the first `run`, and after `stop`. */
  is_running(): boolean;
  /** Instructions executed, modulo 2^32. */
  get_instruction_counter(): number;
  /** Lets the guest run, or go on. */
  run(): Promise<void>;
  /** Ends when the guest stands still. */
  stop(): Promise<void>;
  /** The whole machine, for `restore_state` or the option `initial_state`. */
  save_state(): Promise<ArrayBuffer>;
}

/**
 * The members of v86 0.5.462 that are used beyond its documented API, with the names they have in its release build. They are
 * no promise of v86: {@link internals} checks that each is there.
 */
export interface V86Cpu extends V86DeviceCpu {
  /** What a restore begins with. */
  zero_memory(start: number, length: number): void;
  /** A setting of the compiler, by the numbers of v86's `jit.rs`: 1 is how many pages of code a module has at most. */
  set_jit_config(index: number, value: number): void;
  /** Called at a reboot by port or keyboard controller. */
  reboot_internal(): void;
  /** Runs the guest for a while; gives the milliseconds until there is more for it to do. */
  main_loop(): number;
  /** Part of it: `now` by the clock of `performance.now()`. Gives the milliseconds until a timer expires, 100 at most. */
  run_hardware_timers(acpiEnabled: boolean, now: number): number;
  device_lower_irq(line: number): void;
  /** Runs the main loop soon, if it waits. */
  stop_idling(): void;
  readonly devices: V86DeviceCpu["devices"] & { readonly pit: V86Pit };
}

export interface V86Pit {
  /** Raises interrupt 0 where counter 0 has expired. Gives the milliseconds until it does. */
  timer(now: number, noInterrupt: boolean): number;
  /** When each of the three counters was set. */
  readonly counter_start_time: Float64Array;
  /** From how many ticks each of them counts down. */
  readonly counter_start_value: Uint16Array;
}

/** Those of them that a device needs; {@link deviceInternals} checks that each is there. */
export interface V86DeviceCpu {
  /** Guest RAM. A Proxy that looks the buffer up anew at each access: 320 ns for one byte (Node 20). */
  readonly mem8: Uint8Array;
  readonly wasm_memory: WebAssembly.Memory;
  readonly io: V86Io;
  readonly devices: { readonly pci: V86Pci };
  /** Throws compiled code of [start, end) away; `start < end`. 50 ns, and 30 ns a page beyond the first (Node 20). */
  jit_dirty_cache(start: number, end: number): void;
  /** Where the guest waits for its next timer it does not wait any longer; v86 stops only where it would go on. */
  stop_idling(): void;
  /** What `save_state` writes: by numbers that v86 gives its parts, and JSON of arrays, numbers, strings and typed arrays. */
  get_state(): unknown[];
  /** What `restore_state` and the option `initial_state` do. Parts that it does not know are ignored. */
  set_state(state: readonly unknown[]): void;
}

/** Handlers get `device` as `this`; values are signed where they have 32 bits. */
export interface V86Io {
  readonly ports: V86Port[];
  create_empty_entry(): V86Port;
  register_read(port: number, device: object, ...read8to32: (() => number)[]): void;
  register_write(port: number, device: object, ...write8to32: ((value: number) => void)[]): void;
}

export interface V86Port {
  /** Undefined where no device is. */
  readonly device: object | undefined;
}

export interface V86Pci {
  /** By pci_id, that is slot × 8 + function. */
  readonly devices: (V86PciDevice | undefined)[];
  /** Configuration spaces by pci_id. */
  readonly device_spaces: (Int32Array | undefined)[];
  /** Configuration space of the PIIX3 ISA bridge. */
  readonly isa_bridge_space8: Uint8Array;
  /** Copies configuration space, and the ports' handlers, which it moves with the BAR: they must be there before. */
  register_device(device: V86PciDevice): void;
  raise_irq(pciId: number): void;
  lower_irq(pciId: number): void;
  pci_write8(address: number, value: number): void;
  pci_write16(address: number, value: number): void;
}

export interface V86PciDevice {
  readonly name: string;
  readonly pci_id: number;
  readonly pci_space: ArrayLike<number>;
  readonly pci_bars: readonly ({ readonly size: number } | undefined)[];
}

const DEVICE_MEMBERS = {
  "mem8.byteOffset": "number",
  "mem8.length": "number",
  "wasm_memory.buffer": "object",
  "io.ports": "object",
  "io.create_empty_entry": "function",
  "io.register_read": "function",
  "io.register_write": "function",
  "devices.pci.devices": "object",
  "devices.pci.device_spaces": "object",
  "devices.pci.isa_bridge_space8": "object",
  "devices.pci.register_device": "function",
  "devices.pci.raise_irq": "function",
  "devices.pci.lower_irq": "function",
  "devices.pci.pci_write8": "function",
  "devices.pci.pci_write16": "function",
  jit_dirty_cache: "function",
  stop_idling: "function",
  get_state: "function",
  set_state: "function",
} as const;

const MACHINE_MEMBERS = {
  zero_memory: "function",
  set_jit_config: "function",
  reboot_internal: "function",
  main_loop: "function",
  run_hardware_timers: "function",
  device_lower_irq: "function",
  "devices.pit.timer": "function",
  "devices.pit.counter_start_time.length": "number",
  "devices.pit.counter_start_value.length": "number",
} as const;

/** Ends when the guest stands still: at once, also where it sleeps. */
export function stopGuest(v86: V86Instance, cpu: V86DeviceCpu): Promise<void> {
  const stopped = v86.stop();
  cpu.stop_idling();
  return stopped;
}

/** The processor of a loaded v86, every member that is used being there; throws an error that names one that is not. */
export function internals(v86: V86Instance): V86Cpu {
  return checked(v86, { ...DEVICE_MEMBERS, ...MACHINE_MEMBERS }) as V86Cpu;
}

/** The same for what a device needs. */
export function deviceInternals(v86: V86Instance): V86DeviceCpu {
  return checked(v86, DEVICE_MEMBERS) as V86DeviceCpu;
}

/** True from `emulator-ready` on: v86's own devices are there. */
export function isReady(v86: V86Instance): boolean {
  return member(v86, "v86.cpu.devices.pci") !== undefined;
}

function checked(v86: V86Instance, members: Readonly<Record<string, string>>): unknown {
  const cpu = member(v86, "v86.cpu");
  for (const [path, type] of Object.entries(members)) {
    const found = typeof member(cpu, path);
    if (found !== type) throw new Error(`this build of v86 does not fit: cpu.${path} is ${found}, not ${type}`);
  }
  return cpu;
}

function member(object: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}
