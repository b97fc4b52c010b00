import type { DeviceBus } from "../emulator/emulator.js";
import type { Store } from "../storage/store.js";
import { ActiveShare } from "./active-share.js";
import type { RunOwnProgram } from "./guest-command.js";

/** Plugged in at once: the slots are few. */
const MAXIMUM = 4;
/** Where the guest's `share remove` finds nothing to unmount. */
const NO_MOUNT_POINT = "/run/hidden";

/** Devices of one machine for what is no visitor's share: one process of the guest reads each. */
export class HiddenShares {
  readonly #plugged = new Set<ActiveShare>();
  #count = 0;

  constructor(
    private readonly bus: DeviceBus,
    private readonly run: RunOwnProgram,
  ) {}

  /** Whether one can be plugged in now. */
  get hasRoom(): boolean {
    return this.#plugged.size < MAXIMUM && !this.bus.isFull;
  }

  /**
   * Plugs in `store`, read-only, while `use` runs. That gets its tag, which no visitor's share can have, and gives the wait status of
   * the process: 0 where the guest has let go of the device.
   */
  async plugIn(store: Store, use: (tag: string) => Promise<number>): Promise<void> {
    const tag = `/${++this.#count}`;
    const source = { store, kind: "files", name: tag, access: "read-only" } as const;
    const share = new ActiveShare(tag, NO_MOUNT_POINT, source, () => undefined);
    share.slot = this.bus.add(share.served.device);
    this.#plugged.add(share);
    try {
      if ((await use(tag)) !== 0) await this.run("share", "remove", tag, NO_MOUNT_POINT);
    } finally {
      share.slot.remove();
      this.#plugged.delete(share);
      await share.close();
    }
  }
}
