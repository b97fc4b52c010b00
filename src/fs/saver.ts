import { type Awaitable, chain } from "../posix/awaitable.js";
import type { Store, UnsavedFile } from "../storage/store.js";
import type { ChangeQueue } from "./change-queue.js";
import type { Contents } from "./contents.js";
import type { Failures } from "./failures.js";
import type { Keeper } from "./keeper.js";
import type { FileNode } from "./node.js";
import type { WriteBehind } from "./write-behind.js";

/** Waits until the store has what was done before. */
export class Saver {
  constructor(
    private readonly store: Store,
    private readonly queue: ChangeQueue,
    private readonly contents: Contents,
    private readonly behind: WriteBehind,
    private readonly failures: Failures,
    private readonly keeper: Keeper,
  ) {}

  /** Bytes that the guest has written and the store does not have. */
  unsavedBytes(): number {
    return this.contents.unsavedBytes() + this.#unsavedClosed().reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Files whose bytes or names the store does not have, and changes that failed. */
  unsavedFiles(): number {
    const { contents, failures, behind } = this;
    return contents.unsavedFiles() + failures.size + behind.changes + this.#unsavedClosed().length;
  }

  /** Everything. Fails when the store does not take it. */
  save(): Awaitable<void> {
    return chain(this.#settle(), () =>
      chain(this.contents.flushAll(), () =>
        chain(this.queue.settled(), () =>
          chain(this.#flushRecords(), () =>
            chain(this.store.sync(), () => {
              if (this.failures.first !== undefined) throw this.failures.first;
            }),
          ),
        ),
      ),
    );
  }

  /** Every name, and the content of one file. Fails when the store does not take that. */
  saveFile(node: FileNode | undefined): Awaitable<void> {
    return chain(this.#settle(), () => chain(node && this.contents.flush(node), () => this.#flushRecords()));
  }

  /** Ends when every change so far has ended, with those that failed tried again as long as it helps. */
  #settle(): Awaitable<void> {
    return chain(this.queue.settled(), () => {
      const failures = this.failures.size;
      if (failures === 0) return;
      this.behind.retry();
      return chain(this.queue.settled(), () => (this.failures.size < failures ? this.#settle() : undefined));
    });
  }

  #flushRecords(): Awaitable<void> {
    return this.keeper.flush(this.queue.length === 0 && this.failures.size === 0);
  }

  #unsavedClosed(): readonly UnsavedFile[] {
    return this.store.unsavedClosed?.() ?? [];
  }
}
