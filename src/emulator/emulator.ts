import { V86 } from "v86";
import type { VirtioDevice } from "../virtio/device.js";
import type { GuestMemory } from "../virtio/guest-memory.js";
import type { PciFunction } from "../virtio/pci.js";
import { VirtioPci, type VirtioPciState } from "../virtio/virtio-pci.js";
import { type BootImages, checkImages, readWasm } from "./images.js";
import { lengthenTimer } from "./long-timer.js";
import { internals, stopGuest } from "./v86.js";
import { V86Memory } from "./v86-memory.js";
import { V86PciBus } from "./v86-pci-bus.js";

export interface EmulatorOptions extends EmulatorHardware, BootImages {
  /** Kernel command line. */
  readonly commandLine: string;
}

/** An emulator that does not boot, but goes on from a snapshot. */
export interface EmulatorHardware {
  /** Guest RAM in bytes: more than 64 MiB, by the size of an initramfs. */
  readonly memory: number;
  /** v86's WebAssembly module: its URL (under Node a path), its bytes, or compiled. */
  readonly wasm: string | BufferSource | WebAssembly.Module;
  /** Plugs in v86's own virtio-9p too, over an empty file system in memory: "host9p", for comparison (bench/). */
  readonly plan9?: boolean;
}

/**
 * Why the guest came to its end: it switched itself off, asked to be started anew, for which it needs a new emulator, or brought
 * the processor to where v86 does not follow (a triple fault among others).
 */
export type HaltReason = "power-off" | "reboot" | "fault";

/** A guest that stands still, and everything around it. */
export interface EmulatorState {
  /** v86's, as its `save_state` gives it. */
  readonly computer: ArrayBuffer;
  /** Ours, in the order in which they were plugged in, each with its device number on the bus; plain JSON. */
  readonly devices: readonly (VirtioPciState & { readonly slot: number })[];
}

/** The least that v86 takes. Nobody looks, and a snapshot has it in it. */
const VGA_MEMORY = 256 * 1024;
/**
 * How far a browser's clock may be off (High Resolution Time, §5). Timers take whole milliseconds, and cut off what is beyond: the
 * emulator would ask again and again until the guest's timer has expired.
 */
const CLOCK_GRAIN_MS = 0.1;
/** `MAX_PAGES` of v86's `jit.rs`; 3 unless it is set. Larger modules compile the same code again and again, and more slowly. */
const JIT_MAX_PAGES = 1;

/** Where devices are plugged in. */
export interface DeviceBus {
  /** Nothing more can be added. */
  readonly isFull: boolean;
  /**
   * Before `run`, or while the guest runs: it then has to look for the device (`echo 1 > /sys/bus/pci/rescan`). `slot`: its device
   * number, as a state has it.
   */
  add(device: VirtioDevice, slot?: number): PluggedDevice;
}

export interface PluggedDevice {
  /** How often it raised its interrupt line. */
  readonly interrupts: number;
  /** The guest must have let go of the device (`echo 1 > …/remove`). */
  remove(): void;
}

/** An emulated PC that boots Linux: processor, RAM and devices, but no screen, keyboard, disk or network. */
export class Emulator {
  readonly memory: GuestMemory;
  readonly bus: DeviceBus;
  /** What the guest writes to its serial port: boot messages, with `console=ttyS0`. */
  onSerial: (text: string) => void = () => {};
  onHalt: (reason: HaltReason) => void = () => {};
  /** The guest has nothing to do before its next timer or our next interrupt (`hlt`). Called often. */
  onIdle: () => void = () => {};
  /** A device needs a reset: its driver broke virtio (a DriverError), or we have a bug. */
  onBroken: (error: unknown) => void = (error) => console.error(error);
  #halted = false;
  #disposed: Promise<void> | undefined;
  #serial: number[] = [];
  readonly #pci: V86PciBus;
  readonly #plugged = new Set<VirtioPci>();
  readonly #serialDecoder = new TextDecoder();

  /** Loads v86 and puts the images in place, if there are any; the guest does not run yet. */
  static async load(options: EmulatorOptions | EmulatorHardware): Promise<Emulator> {
    const boots = "kernel" in options;
    if (boots) checkImages(options, options.memory);
    const source = typeof options.wasm === "string" ? await readWasm(options.wasm) : options.wasm;
    const module = source instanceof WebAssembly.Module ? source : await compile(source);
    const v86 = await new Promise<V86>((resolve, reject) => {
      const loading = new V86({
        wasm_fn: (imports) =>
          WebAssembly.instantiate(module, imports).then(
            (instance) => instance.exports,
            (cause: unknown) => {
              reject(new Error(`v86's WebAssembly module does not start: ${String(cause)}`, { cause }));
              return new Promise<never>(() => {});
            },
          ),
        memory_size: options.memory,
        vga_memory_size: VGA_MEMORY,
        ...(boots && {
          bios: { buffer: options.bios },
          bzimage: { buffer: options.kernel },
          ...(options.initramfs && { initrd: { buffer: options.initramfs } }),
          cmdline: options.commandLine,
        }),
        net_device: { type: "none" } as never, // not in v86's types; without it there is an NE2000 card
        ...(options.plan9 && { filesystem: {} }),
        fastboot: true,
        autostart: false,
        disable_keyboard: true,
        disable_mouse: true,
        disable_speaker: true,
      });
      loading.add_listener("emulator-loaded", () => resolve(loading));
    });
    return new Emulator(v86);
  }

  private constructor(private readonly v86: V86) {
    const cpu = internals(v86);
    cpu.set_jit_config(JIT_MAX_PAGES, 1);
    lengthenTimer(cpu);
    const memory = new V86Memory(cpu);
    const pci = (this.#pci = new V86PciBus(cpu));
    this.memory = memory;
    this.bus = {
      get isFull() {
        return pci.isFull;
      },
      add: (device, slot) => {
        const bus = { plug: (pciFunction: PciFunction) => pci.plug(pciFunction, slot) };
        const plugged = new VirtioPci(bus, memory, device, (error) => this.onBroken(error));
        this.#plugged.add(plugged);
        return {
          get interrupts() {
            return plugged.interrupts;
          },
          remove: () => {
            this.#plugged.delete(plugged);
            plugged.dispose();
          },
        };
      },
    };
    // v86 would start the firmware anew, but puts the kernel in place only once.
    cpu.reboot_internal = () => this.#halt("reboot");
    // hlt with interrupts off: what Linux ends in without ACPI.
    v86.add_listener("cpu-event-halt" as never, () => this.#halt("power-off"));
    const mainLoop = cpu.main_loop.bind(cpu);
    cpu.main_loop = () => {
      try {
        const wait = mainLoop();
        if (wait > 0) this.onIdle();
        return wait > 1 ? Math.ceil(wait + CLOCK_GRAIN_MS) : wait;
      } catch (error) {
        // v86 panics: also where a guest goes on after it asked for a reboot, which ends in a triple fault (arch/x86/kernel/reboot.c).
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        this.#halt("fault");
        return 0;
      }
    };
    v86.add_listener("serial0-output-byte", (byte) => this.#serialByte(byte));
  }

  run(): void {
    void this.v86.run();
  }

  /** Stands still until `run`. */
  stop(): Promise<void> {
    return stopGuest(this.v86, internals(this.v86));
  }

  /** Stops the guest and takes a snapshot of it; `run` goes on. Throws while a device of ours has something half done. */
  async save(): Promise<EmulatorState> {
    await this.stop();
    return {
      devices: [...this.#plugged].map((device) => ({ ...device.save(), slot: device.slot })),
      computer: await this.v86.save_state(),
    };
  }

  /** Before `run`, in an emulator without images: goes on from {@link save}, which had the same memory and devices, in that order. */
  async restore({ computer, devices }: EmulatorState): Promise<void> {
    const plugged = [...this.#plugged];
    if (plugged.length !== devices.length) throw new Error(`the snapshot has ${devices.length} devices`);
    // Memory that nothing was put into is zero. Once more costs as much as all the rest, as every page of it would come into being.
    internals(this.v86).zero_memory = () => undefined;
    await this.v86.restore_state(computer);
    this.#pci.settle();
    for (const [index, state] of devices.entries()) plugged[index]!.restore(state);
  }

  /** Types into the guest's serial port. */
  sendSerial(text: string): void {
    this.v86.serial0_send(text);
  }

  /** Ends the guest as if its power were cut. */
  dispose(): Promise<void> {
    this.#halted = true;
    this.#disposed ??= this.v86.destroy();
    return this.#disposed;
  }

  #halt(reason: HaltReason): void {
    if (this.#halted) return;
    this.#halted = true;
    void this.v86.stop();
    // The guest is in the middle of an instruction: whoever hears of it does so after that.
    queueMicrotask(() => this.onHalt(reason));
  }

  /** Passes on in one piece what the guest writes in one go. */
  #serialByte(byte: number): void {
    if (this.#serial.push(byte) > 1) return;
    queueMicrotask(() => {
      const bytes = Uint8Array.from(this.#serial);
      this.#serial = [];
      this.onSerial(this.#serialDecoder.decode(bytes, { stream: true }));
    });
  }
}

async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new Error(`v86's WebAssembly module is not one: ${String(cause)}`, { cause });
  }
}
