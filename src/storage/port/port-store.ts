import type { Store, StoreDirectory, StoreSpace, UnsavedFile } from "../store.js";
import type { FolderEvent } from "./messages.js";
import { PortDirectory } from "./port-directory.js";
import { PortCalls } from "./port-calls.js";

export interface PortStoreOptions {
  /** As {@link Store.checkName}: of the store that is served. */
  readonly checkName: (name: string) => void;
  /** What becomes of the folder. */
  readonly onEvent?: (event: FolderEvent) => void;
}

/** A store that is elsewhere: every operation goes over a MessagePort to a `StoreServer`. */
export class PortStore implements Store {
  readonly root: StoreDirectory;
  readonly exclusive = false;
  readonly #calls: PortCalls;

  static async connect(port: MessagePort, options: PortStoreOptions): Promise<PortStore> {
    const calls = new PortCalls(port, options.onEvent ?? (() => {}));
    const { readOnly, fixedNames, problem } = await calls.call("facts");
    return new PortStore(calls, readOnly, fixedNames, problem, options.checkName);
  }

  private constructor(
    calls: PortCalls,
    readonly readOnly: boolean,
    readonly fixedNames: boolean,
    /** What the other side said of it at first. */
    readonly problem: string | undefined,
    readonly checkName: (name: string) => void,
  ) {
    this.#calls = calls;
    this.root = new PortDirectory(calls, []);
  }

  watch(changed: (path: readonly string[] | undefined) => void, ended: () => void): Promise<boolean> {
    this.#calls.onChanged = changed;
    this.#calls.onUnwatched = ended;
    return this.#calls.call("watch");
  }

  space(): Promise<StoreSpace> {
    return this.#calls.call("space");
  }

  unsavedClosed(): readonly UnsavedFile[] {
    return this.#calls.unsavedClosed;
  }

  sync(): Promise<void> {
    return this.#calls.call("sync");
  }

  async close(): Promise<void> {
    try {
      await this.#calls.call("close");
    } finally {
      this.#calls.close();
    }
  }
}
