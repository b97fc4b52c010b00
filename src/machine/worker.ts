import * as Comlink from "comlink";
import wasmUrl from "v86/build/v86.wasm?url";
import { fileUrl, type MachineApi, type MachineEvent, type MachineOptions } from "./machine-api.js";
import { readWasm } from "../emulator/images.js";
import { defaultMachine, isDefaultMachine, loadSnapshot } from "./load-snapshot.js";
import { Machine } from "./machine.js";
import { registerErrorTransfer } from "./error-transfer.js";
import { MachineError } from "./machine-error.js";
import type { MovableMachine } from "./movable-machine.js";
import { Sources, sourceName } from "./open-source.js";
import { runOverPort } from "./process-port.js";
import { ROOT_TAG } from "./shares.js";
import { commandOf, ownPrograms } from "./guest-command.js";
import type { ShareFiles } from "./share-files.js";
import { WORKER_HOLDS_ITS_LOCK } from "./worker-lock.js";

/** The Worker that hosts one machine. Its name is the lock that it holds while it lives (`worker-connection.ts`). */
class MachineWorker implements MachineApi {
  #machine: Machine | undefined;
  readonly #sources = new Sources();
  #files: ShareFiles | undefined;
  #listener: ((event: MachineEvent) => void) | undefined;
  /** What nobody could be told of yet. */
  readonly #events: MachineEvent[] = [];
  #movable: MovableMachine | undefined;
  readonly #expected: Promise<Machine | undefined> | undefined;

  /** Goes on at once from the snapshot beside the images at `assets`, where the page is expected to `start` that machine. */
  constructor(private readonly assets: string) {
    if (assets !== "") this.#expected = this.#resume(defaultMachine(assets), this.#notify);
  }

  async start(options: MachineOptions, listener: (event: MachineEvent) => void): Promise<void> {
    if (this.#machine) throw new MachineError("internal", "The machine has started.");
    this.#listener = listener;
    for (const event of this.#events.splice(0)) listener(event);
    if (options.movable) {
      const { MovableMachine } = await import("./movable-machine.js");
      this.#movable = new MovableMachine(options.movable, (...source) => this.#sources.open(...source));
    }
    this.#machine = (await this.#resumed(options)) ?? (await this.#boot(options, listener));
  }

  async #resumed(options: MachineOptions): Promise<Machine | undefined> {
    if (isDefaultMachine(options) && options.assets === this.assets) return this.#expected;
    await (await this.#expected)?.stop();
    return this.#resume(options, this.#notify);
  }

  readonly #notify = (event: MachineEvent): void => {
    if (this.#listener) this.#listener(event);
    else this.#events.push(event);
  };

  /** From the build's snapshot; undefined where there is none, or none that works. */
  async #resume(options: MachineOptions, listener: (event: MachineEvent) => void): Promise<Machine | undefined> {
    const moved = this.#movable?.snapshot;
    const snapshot = moved ?? loadSnapshot(options, (progress) => listener({ type: "progress", progress }));
    if (!snapshot) return undefined;
    snapshot.catch(() => undefined); // Told below, unless something else fails first.
    try {
      const hardware = { memory: options.memory, wasm: await wasm(options) };
      return await Machine.resume({ snapshot, ...hardware, ...this.#movable?.hooks }, listener);
    } catch (error) {
      if (moved) throw error;
      console.warn("Linux boots: its snapshot fails here:", error);
      return undefined;
    }
  }

  async #boot(options: MachineOptions, listener: (event: MachineEvent) => void): Promise<Machine> {
    const { loadImages } = await import("./assets.js");
    const images = await loadImages(options, (progress) => listener({ type: "progress", progress }));
    const { root, memory } = options;
    const opened =
      root &&
      (await this.#sources.open(root.source, root.access, (problem, access) =>
        this.#machine?.shares.setProblem(ROOT_TAG, problem, access),
      ));
    const commandLine = `${images.commandLine} ${options.commandLine}`;
    return Machine.boot(
      {
        ...images,
        ...this.#movable?.hooks,
        commandLine,
        memory,
        wasm: await wasm(options),
        ...(opened && { root: opened }),
      },
      listener,
    );
  }

  async run(command: Parameters<MachineApi["run"]>[0], port: MessagePort): Promise<void> {
    const { agent, rootIsShared } = this.#running;
    await runOverPort(this.#movable?.adopt(command) ?? agent, commandOf(command, rootIsShared), port);
  }

  share: MachineApi["share"] = async (source, request) => {
    const state = await this.#running.shares.add(sourceName(source), request, (report) =>
      this.#sources.open(source, request.access ?? "read-write", report),
    );
    if (state.folder !== undefined) await (await this.#sources.folders()).shared(state, request);
    return state;
  };

  flush: MachineApi["flush"] = (tag) => this.#running.shares.flush(tag);

  remove: MachineApi["remove"] = async (tag) => {
    const state = await this.#running.shares.remove(tag);
    if (state.folder !== undefined) await (await this.#sources.folders()).removed(state);
  };

  leftovers: MachineApi["leftovers"] = async () =>
    (await this.#sources.hasLeftovers()) ? Comlink.proxy(await this.#sources.leftovers()) : undefined;

  async files(): Promise<ShareFiles & Comlink.ProxyMarked> {
    const machine = this.#running;
    const { ShareFiles } = await import("./share-files.js");
    this.#files ??= new ShareFiles(machine, ownPrograms(machine.agent, machine.rootIsShared));
    return Comlink.proxy(this.#files);
  }

  changes: MachineApi["changes"] = (tag) => this.#running.shares.withChanges(tag, (changes) => changes.list());

  readChange: MachineApi["readChange"] = (tag, ...part) => this.#running.shares.changesOf(tag).read(...part);

  applyChanges: MachineApi["applyChanges"] = (tag, ...which) =>
    this.#running.shares.withChanges(tag, (changes) => changes.apply(...which));

  discardChanges: MachineApi["discardChanges"] = (tag, paths) =>
    this.#running.shares.withChanges(tag, (changes) => changes.discard(paths));

  // Asked for only where it was started as one that may move.
  movable: MachineApi["movable"] = async () => Comlink.proxy(this.#movable!);

  async stop(): Promise<void> {
    try {
      await this.#running.stop();
    } finally {
      await this.#sources.close();
    }
  }

  get #running(): Machine {
    if (!this.#machine) throw new MachineError("stopped", "The machine is not running.");
    return this.#machine;
  }
}

let loadedWasm: ReturnType<typeof readWasm> | undefined;

/** Loads v86's WebAssembly module, once. */
function loadWasm(location: string): ReturnType<typeof readWasm> {
  loadedWasm ??= readWasm(location);
  return loadedWasm;
}

// On its way since the Worker was loaded, whatever else is. The package's build knows no address: it comes with the options.
if (wasmUrl) loadWasm(wasmUrl).catch(() => undefined); // Told where it is needed.

async function wasm(options: MachineOptions): Promise<WebAssembly.Module | BufferSource> {
  try {
    return await loadWasm(fileUrl(options, "v86.wasm").href);
  } catch (error) {
    throw (await import("./assets.js")).wasmFailure(error as Error);
  }
}

registerErrorTransfer();
// A page that starts the Worker before its own script is there puts the images' base URL into its name (scripts/early-worker-plugin.mjs).
// Not into its address: chunks that are loaded later import this file, and would get another.
Comlink.expose(new MachineWorker(self.name.split(" ")[1] ?? ""));
navigator.locks
  .request(self.name, () => {
    self.postMessage(WORKER_HOLDS_ITS_LOCK);
    return new Promise(() => undefined); // Held until the Worker ends.
  })
  // In a frame of another site that gets no storage: the page does not hear of a Worker that is killed.
  .catch((error: unknown) => console.debug("No lock:", error));
