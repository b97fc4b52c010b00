import type { StoreFailure } from "../fs/failure.js";
import type { CacheProfile, FileSystem } from "../fs/file-system.js";
import type { Records } from "../fs/records.js";
import { ResumableShare } from "../fs/resumable-share.js";
import type { Awaitable } from "../posix/awaitable.js";
import type { Store, UnsavedFile } from "../storage/store.js";

/** What the file system of a store is to know beside the store. */
export interface ShareOptions {
  /** Owner of what has no other on record. Default 0: root. */
  readonly uid?: number;
  /** Group of what has no other on record. Default 0: root. */
  readonly gid?: number;
  /**
   * What keeps modes, owners, times, links and extended attributes, which a store does not hold: of `openRecords`. Missing: they last
   * as long as the file system.
   */
  readonly records?: Records;
  /**
   * How the guest may cache, in the place of what is right for `store.exclusive`. Longer times than a second are wrong where others
   * change the store: the guest would not see it, and put its own over it.
   */
  readonly profile?: Partial<CacheProfile>;
  /** The store failed a change that the guest was told is made. It is kept, and tried again at each fsync and sync. */
  readonly onError?: (failure: StoreFailure) => void;
  /** What is unsaved may have changed. Called often. */
  readonly onChange?: () => void;
}

/** A file system for a guest, over a store. To dispose it saves everything and closes the store. */
export interface SharedFileSystem extends FileSystem, AsyncDisposable {
  /** Ends when the store has everything; fails with an `FsError` when it does not take it. What failed before is tried again. */
  save(): Awaitable<void>;
  /** Bytes that the guest has written and the store does not have. */
  unsavedBytes(): number;
  /** Files whose bytes the store does not have, and changes that failed. */
  unsavedFiles(): number;
  /** Those of them that have a name. Looks at every node in memory. */
  unsaved(): readonly UnsavedFile[];
}

/** The POSIX file system over a store: one of this package's, or your own. It is the store's owner from then on. */
export function shareFileSystem(store: Store, options: ShareOptions = {}): SharedFileSystem {
  return new ResumableShare(store, options);
}
