import { readFile } from "node:fs/promises";
import { V86, type V86Options } from "v86";
import { internals, type V86Cpu } from "../v86.js";

const WASM = new URL("../../../node_modules/v86/build/v86.wasm", import.meta.url);
let wasm: Promise<WebAssembly.Module> | undefined;

/** The ports as the guest uses them. */
export interface GuestPorts {
  port_read8(port: number): number;
  port_read16(port: number): number;
  port_read32(port: number): number;
  port_write8(port: number, value: number): void;
  port_write16(port: number, value: number): void;
  port_write32(port: number, value: number): void;
}

/** A v86 that has nothing to run and stands still; to be destroyed. */
export class StoppedV86 {
  readonly cpu: V86Cpu;

  private constructor(readonly v86: V86) {
    this.cpu = internals(v86);
  }

  static async load(options: V86Options = {}): Promise<StoppedV86> {
    wasm ??= readFile(WASM).then((bytes) => WebAssembly.compile(bytes));
    const compiled = await wasm;
    return new Promise((resolve) => {
      const loading = new V86({
        wasm_fn: async (imports) => (await WebAssembly.instantiate(compiled, imports)).exports,
        net_device: { type: "none" } as never,
        disable_speaker: true,
        ...options,
      });
      loading.add_listener("emulator-loaded", () => resolve(new StoppedV86(loading)));
    });
  }

  get ports(): GuestPorts {
    return this.cpu.io as unknown as GuestPorts;
  }
}
