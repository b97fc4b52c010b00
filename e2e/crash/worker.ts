import * as Comlink from "comlink";
import { Random } from "../../src/fs/testing/random.js";
import type { Found } from "../../src/machine/testing/crash/admissible.js";
import { CrashGuest, checkCrashed, recover, type Tab } from "../../src/machine/testing/crash/crash-guest.js";
import type { Command } from "../../src/machine/testing/crash/workload.js";
import { stopAt } from "./stop-at.js";

const tab: Tab = {
  pause: (length) => new Promise((resolve) => setTimeout(resolve, length)),
  now: Date.now,
};

/** Shares of OPFS without a machine, in a worker, where they live. */
export class CrashLab {
  #guest: CrashGuest | undefined;
  #played: Promise<void> = Promise.resolve();

  check(share: string): Promise<{ problems: string[]; found: Found }> {
    return checkCrashed(share, tab);
  }

  recover(share: string): Promise<void> {
    return recover(share);
  }

  async mount(share: string, seed: number): Promise<void> {
    this.#guest = await CrashGuest.mount(share, new Random(seed), tab);
  }

  /** After what was played before. */
  async play(commands: readonly Command[], synced: (step: number) => void): Promise<void> {
    this.#played = this.#played.then(() => this.#guest!.play(commands, synced));
    await this.#played;
  }

  stopAt(change: number, stopped: () => void): void {
    stopAt(change, stopped);
  }
}

Comlink.expose(new CrashLab());
