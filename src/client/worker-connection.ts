import * as Comlink from "comlink";
import type { MachineApi } from "../machine/machine-api.js";
import { registerErrorTransfer } from "../machine/error-transfer.js";
import { MachineError } from "../machine/machine-error.js";
import { WORKER_HOLDS_ITS_LOCK } from "../machine/worker-lock.js";
import { notLoaded, startWorker } from "./machine-files.js";
import type { StartOptions } from "./types.js";

registerErrorTransfer();

declare global {
  /** A Worker that the page has started before this script was there, and what it has heard of it: scripts/early-worker-plugin.mjs. */
  var earlyWorker: { readonly worker: Worker; readonly name: string; readonly events: Event[] } | undefined;
}

/** The Worker that hosts a machine. Every call through it settles, also when the Worker dies. */
export class WorkerConnection {
  /** Rejects when the Worker has ended, for whatever reason. */
  readonly dead: Promise<never>;
  readonly #api: Comlink.Remote<MachineApi>;
  readonly #worker: Worker;
  #die!: (error: MachineError) => void;

  constructor(assets: StartOptions["assets"]) {
    this.dead = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    this.dead.catch(() => undefined);
    // A lock that the Worker holds while it lives: nothing else tells the page of a Worker that crashed or was killed.
    const early = globalThis.earlyWorker;
    globalThis.earlyWorker = undefined; // Another machine gets another.
    const lock = early?.name ?? `v86-virtiofs:worker:${crypto.randomUUID()}`;
    this.#worker = early?.worker ?? startWorker(lock, assets);
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.terminate(
        new MachineError("stopped", `The machine's Worker failed: ${event.message || notLoaded(assets)}.`),
      );
    });
    this.#api = Comlink.wrap<MachineApi>(this.#worker);
    this.#worker.addEventListener("message", ({ data }) => {
      if (data === WORKER_HOLDS_ITS_LOCK) this.#watch(lock);
    });
    if (early) {
      early.worker.onmessage = early.worker.onerror = null;
      for (const event of early.events) this.#worker.dispatchEvent(event);
    }
  }

  /** Calls the Worker; rejects with a `MachineError` when it fails or the Worker dies. */
  async call<T>(action: (api: Comlink.Remote<MachineApi>) => Promise<T>): Promise<T> {
    try {
      return await Promise.race([action(this.#api), this.dead]);
    } catch (error) {
      throw MachineError.from(error);
    }
  }

  terminate(reason: MachineError): void {
    this.#die(reason);
    this.#worker.terminate();
  }

  #watch(lock: string): void {
    const ended = (): void =>
      this.terminate(new MachineError("stopped", "The machine's Worker has ended unexpectedly."));
    void navigator.locks.request(lock, { mode: "exclusive" }, ended);
  }
}
