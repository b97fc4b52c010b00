import { createRequire } from "node:module";
import { Emulator } from "../../emulator/emulator.js";
import type { VirtioDevice } from "../../virtio/device.js";
import { VirtioConsole } from "../../virtio/virtio-console.js";
import { AgentConnection } from "../agent.js";
import type { Images } from "../assets.js";
import { builtInImages } from "./node-machine.js";

/** A machine under Node into which a test plugs its own devices; the guest mounts nothing by itself. */
export class BareMachine {
  static async boot(images: Images = builtInImages(), memory = 128 * 2 ** 20): Promise<BareMachine> {
    const wasm = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
    const emulator = await Emulator.load({ ...images, memory, wasm });
    const console = new VirtioConsole({ receive: (bytes) => agent.receive(bytes), opened: () => undefined });
    const agent = new AgentConnection((bytes) => void console.send(bytes));
    emulator.bus.add(console);
    emulator.run();
    await agent.ready;
    return new BareMachine(emulator, agent);
  }

  private constructor(
    private readonly emulator: Emulator,
    /** For `shell`. */
    readonly agent: AgentConnection,
  ) {}

  /** Plugs a device in; the guest finds it at `echo 1 > /sys/bus/pci/rescan`, and must let go of it before `remove`. */
  plug(device: VirtioDevice): { remove(): void } {
    return this.emulator.bus.add(device);
  }

  /** As if the power were cut. */
  stop(): Promise<void> {
    return this.emulator.dispose();
  }
}
