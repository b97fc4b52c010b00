import type { Awaitable } from "../../posix/awaitable.js";
import type { RecordLog, Store, StoreSpace } from "../store.js";
import { Overlay, PARKING_PATH } from "./overlay.js";
import { OverlayContents } from "./overlay-contents.js";
import { OverlayDirectory } from "./overlay-directory.js";
import { OverlayTree } from "./overlay-tree.js";

export interface OverlayStoreOptions {
  /** The folder: only read. */
  readonly lower: Store;
  /** Where the guest's bytes are kept. Its root is this overlay's alone. */
  readonly contents: Store;
  /** Where the names of what the guest changed are kept. */
  readonly log: RecordLog;
}

/**
 * A folder that the guest may change without changing it: what the guest writes is kept beside it, and the folder's own shows
 * where the guest changed nothing. Others may change the folder meanwhile.
 */
export class OverlayStore implements Store {
  readonly root: OverlayDirectory;
  readonly parking: OverlayDirectory;
  readonly readOnly = false;
  readonly exclusive = false;
  readonly readsAhead: boolean;

  private constructor(
    readonly overlay: Overlay,
    private readonly contents: Store,
  ) {
    this.readsAhead = overlay.lower.readsAhead === true;
    this.root = new OverlayDirectory(overlay, "");
    this.parking = new OverlayDirectory(overlay, PARKING_PATH);
  }

  static async open({ lower, contents, log }: OverlayStoreOptions): Promise<OverlayStore> {
    const tree = await OverlayTree.open(log);
    const files = await OverlayContents.open(contents.root, tree.contents());
    return new OverlayStore(new Overlay(lower, tree, files), contents);
  }

  checkName(name: string): void {
    this.overlay.lower.checkName(name);
  }

  /** What changed below may be shown elsewhere. */
  watch(changed: (path: readonly string[] | undefined) => void, ended: () => void): Awaitable<boolean> {
    return this.overlay.lower.watch?.(() => changed(undefined), ended) ?? false;
  }

  /** Of what the guest's changes are kept in. */
  space(): Awaitable<StoreSpace> {
    return this.contents.space();
  }

  async sync(): Promise<void> {
    await this.contents.sync();
    await this.overlay.tree.flush();
  }

  async close(): Promise<void> {
    await this.contents.close();
    await this.overlay.lower.close();
  }
}
