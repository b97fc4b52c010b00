import { type Awaitable, chain } from "../posix/awaitable.js";
import type { Store } from "../storage/store.js";
import type { ChangeQueue } from "./change-queue.js";
import type { Contents } from "./contents.js";
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
    private readonly keeper: Keeper,
  ) {}

  /** Everything. Fails when the store does not take it. */
  save(): Awaitable<void> {
    return chain(this.#settle(), () =>
      chain(this.contents.flushAll(), () =>
        chain(this.queue.settled(), () =>
          chain(this.keeper.flush(), () =>
            chain(this.store.sync(), () => {
              if (this.behind.failure !== undefined) throw this.behind.failure;
            }),
          ),
        ),
      ),
    );
  }

  /** Every name, and the content of one file. Fails when the store does not take that. */
  saveFile(node: FileNode | undefined): Awaitable<void> {
    return chain(this.#settle(), () => chain(node && this.contents.flush(node), () => this.keeper.flush()));
  }

  /** Ends when every change so far has ended, with those that failed tried again as long as it helps. */
  #settle(): Awaitable<void> {
    return chain(this.queue.settled(), () => {
      const { failures } = this.behind;
      if (failures === 0) return;
      this.behind.retry();
      return chain(this.queue.settled(), () => (this.behind.failures < failures ? this.#settle() : undefined));
    });
  }
}
