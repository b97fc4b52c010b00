import * as Comlink from "comlink";
import wasmUrl from "v86/build/v86.wasm?url";
import type { ShareStatistics } from "../../src/client/types.js";
import { loadImages } from "../../src/machine/assets.js";
import type { MachineOptions, SourceDescription } from "../../src/machine/machine-api.js";
import { Sources } from "../../src/machine/open-source.js";
import { MemoryStore } from "../../src/storage/memory/memory-store.js";
import { BenchMachine } from "../bench-machine.js";

/** The Worker with a machine that is measured: the product's, with 9p beside. */
export class BenchWorker {
  #machine: BenchMachine | undefined;
  readonly #sources = new Sources();

  async boot(images: MachineOptions["images"]): Promise<void> {
    const assets = new URL("/guest/", location.href).href;
    const loaded = await loadImages({ assets, images, memory: 0, commandLine: "" }, () => undefined);
    this.#machine = await BenchMachine.boot(loaded, wasmUrl);
  }

  async share(tag: string, source: SourceDescription): Promise<void> {
    await this.#machine!.share(tag, () => this.#sources.open(source, "read-write", () => undefined));
  }

  async shareTools(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const store = new MemoryStore(files);
    await this.#machine!.share("tools", () =>
      Promise.resolve({ store, kind: "memory", name: "tools", access: "read-only" }),
    );
  }

  run(commandLine: string): Promise<string> {
    return this.#machine!.run(commandLine);
  }

  statistics(tag: string): ShareStatistics {
    return this.#machine!.statistics(tag);
  }

  async stop(): Promise<void> {
    await this.#machine!.stop();
    await this.#sources.close();
  }
}

Comlink.expose(new BenchWorker());
