import { V86 } from "v86";
import type { VirtioDevice } from "../virtio/device.js";
import type { GuestMemory } from "../virtio/guest-memory.js";
import { VirtioPci } from "../virtio/virtio-pci.js";
import { type BootImages, checkImages, readWasm } from "./images.js";
import { internals } from "./v86.js";
import { V86Memory } from "./v86-memory.js";
import { V86PciBus } from "./v86-pci-bus.js";

export interface EmulatorOptions extends BootImages {
  /** Kernel command line. */
  readonly commandLine: string;
  /** Guest RAM in bytes, at least 64 MiB. */
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

/** Where devices are plugged in. */
export interface DeviceBus {
  /** Before `run`, or while the guest runs: it then has to look for the device (`echo 1 > /sys/bus/pci/rescan`). */
  add(device: VirtioDevice): PluggedDevice;
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
  /** A device needs a reset: its driver broke virtio (a DriverError), or we have a bug. */
  onBroken: (error: unknown) => void = (error) => console.error(error);
  #halted = false;
  #disposed: Promise<void> | undefined;
  #serial: number[] = [];
  readonly #serialDecoder = new TextDecoder();

  /** Loads v86 and puts the images in place; the guest does not run yet. */
  static async load(options: EmulatorOptions): Promise<Emulator> {
    checkImages(options);
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
        bios: { buffer: options.bios },
        bzimage: { buffer: options.kernel },
        ...(options.initramfs && { initrd: { buffer: options.initramfs } }),
        cmdline: options.commandLine,
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
    const memory = new V86Memory(cpu);
    const pci = new V86PciBus(cpu);
    this.memory = memory;
    this.bus = {
      add: (device) => {
        const plugged = new VirtioPci(pci, memory, device, (error) => this.onBroken(error));
        return {
          get interrupts() {
            return plugged.interrupts;
          },
          remove: () => plugged.dispose(),
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
        return mainLoop();
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
    return this.v86.stop();
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
