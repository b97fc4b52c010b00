import { createRequire } from "node:module";
import { fileSystemDevice } from "../../device/file-system-device.js";
import { Emulator } from "../../emulator/emulator.js";
import { ShareFileSystem } from "../../fs/share-file-system.js";
import type { FuseServer } from "../../fuse/server.js";
import type { FuseServerOptions } from "../../fuse/server-options.js";
import type { Store } from "../../storage/store.js";
import type { VirtioDevice } from "../../virtio/device.js";
import { VirtioConsole } from "../../virtio/virtio-console.js";
import { AgentConnection } from "../agent.js";
import type { Images } from "../assets.js";
import { builtInImages } from "./node-machine.js";

export interface PluggedStore {
  readonly server: FuseServer;
  /** The guest must have let go of the device. */
  remove(): void;
}

/** A machine under Node into which a test plugs its own devices; the guest mounts nothing by itself. */
export class BareMachine {
  /** `devices` are plugged in before Linux starts. Without an initramfs one of them has to be its root. */
  static async boot(
    images: Omit<Images, "initramfs"> & Partial<Images> = builtInImages(),
    memory = 128 * 2 ** 20,
    devices: readonly VirtioDevice[] = [],
  ): Promise<BareMachine> {
    const wasm = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
    const emulator = await Emulator.load({ ...images, memory, wasm });
    const console = new VirtioConsole({ receive: (bytes) => agent.receive(bytes), opened: () => undefined });
    const agent = new AgentConnection((bytes) => void console.send(bytes));
    for (const device of devices) emulator.bus.add(device);
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

  /** Plugs in a device that serves `store`. */
  plugStore(tag: string, store: Store, options: Partial<FuseServerOptions> = {}): PluggedStore {
    const { server, device } = fileSystemDevice(tag, new ShareFileSystem(store), options);
    const slot = this.plug(device);
    return { server, remove: () => slot.remove() };
  }

  /** As if the power were cut. */
  stop(): Promise<void> {
    return this.emulator.dispose();
  }
}
