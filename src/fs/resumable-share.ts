import type { Awaitable } from "../posix/awaitable.js";
import type { FileSystem } from "./file-system.js";
import { resumeShare } from "./resume-share.js";
import { ShareFileSystem } from "./share-file-system.js";
import { suspendShare, type SuspendedShare } from "./suspend-share.js";

/** What brings the file system of a share into a snapshot of its guest, and back. */
export type ShareSnapshots = Required<Pick<FileSystem, "syncfs" | "suspend" | "resume">>;

export function snapshotsOf(fileSystem: ShareFileSystem): ShareSnapshots {
  return {
    syncfs: () => fileSystem.syncfs(),
    async suspend() {
      await fileSystem.save();
      return suspendShare(fileSystem.share);
    },
    async resume(state) {
      fileSystem.init();
      await fileSystem.save();
      const stale = await resumeShare(fileSystem.share, state as SuspendedShare);
      if (stale.includes("")) fileSystem.init();
      return stale;
    },
  };
}

/** The file system of a share whose guest may go on from a snapshot with the share mounted. */
export class ResumableShare extends ShareFileSystem {
  readonly #snapshots = snapshotsOf(this);

  suspend(): Awaitable<unknown> {
    return this.#snapshots.suspend();
  }

  resume(state: unknown): Awaitable<readonly string[]> {
    return this.#snapshots.resume(state);
  }
}
