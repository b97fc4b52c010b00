import { resumeShare } from "./resume-share.js";
import { ShareFileSystem } from "./share-file-system.js";
import { suspendShare, type SuspendedShare } from "./suspend-share.js";

/** The file system of a share whose guest may go on from a snapshot with the share mounted. */
export class ResumableShare extends ShareFileSystem {
  async suspend(): Promise<unknown> {
    await this.save();
    return suspendShare(this.share);
  }

  async resume(state: unknown): Promise<readonly string[]> {
    this.init();
    await this.save();
    const stale = await resumeShare(this.share, state as SuspendedShare);
    if (stale.includes("")) this.init();
    return stale;
  }
}
