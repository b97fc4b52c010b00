import { errorName } from "../web/dom-errors.js";

/** Whether the folder can be reached: not where it is gone from the disk, or the visitor's permission is withdrawn. */
export type FolderAccess = "available" | "gone" | "denied";

/** What permission to read is enough for. */
const READING = new Set(["list", "lookup", "open", "read", "stat"]);

/** So long a request waits for a folder that was there before: the permission may be asked for, the disk be waking up. */
export const PATIENCE_MS = 5000;
const LOOK_MS = 500;

export interface FolderReachOptions {
  readonly readOnly: boolean;
  /** Is told whenever the answer is another one than before. */
  readonly changed: (access: FolderAccess) => void;
}

/**
 * Watches whether a picked folder can be reached. While it cannot, it is looked for twice a second, so that what waits to be
 * saved goes on when it is there again.
 */
export class FolderReach {
  readonly #root: FileSystemDirectoryHandle;
  readonly #options: FolderReachOptions;
  readonly #worked = { read: false, write: false };
  #access: FolderAccess = "available";
  #deniedReading = false;
  #lostAt = 0;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(root: FileSystemDirectoryHandle, options: FolderReachOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** A call went well. */
  succeeded(doing: string): void {
    this.#worked[permissionFor(doing)] = true;
    // To read may be granted while to write is not.
    if (this.#access === "denied" && READING.has(doing) && !this.#deniedReading) return;
    this.#set("available");
  }

  /** A call failed as it does without permission. True: it worked before. */
  denied(doing: string): boolean {
    this.#deniedReading = READING.has(doing);
    this.#set("denied");
    return this.#worked[permissionFor(doing)];
  }

  /** Looks whether the folder is gone. */
  async isGone(): Promise<boolean> {
    try {
      await this.#root.keys().next();
      return false;
    } catch (error) {
      if (errorName(error) !== "NotFoundError") return false;
      this.#set("gone");
      return true;
    }
  }

  /** Waits a little for the folder. False: it has been away for so long that whoever waits should be told. */
  async wait(): Promise<boolean> {
    if (this.#access !== "available" && performance.now() - this.#lostAt >= PATIENCE_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return true;
  }

  close(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  async #look(): Promise<void> {
    const mode = this.#deniedReading || this.#options.readOnly ? "read" : "readwrite";
    try {
      const permission = await this.#root.queryPermission?.({ mode });
      if (permission !== undefined && permission !== "granted") return;
      await this.#root.keys().next();
    } catch {
      return; // not yet
    }
    if (this.#looking !== undefined) this.#set("available");
  }

  #set(access: FolderAccess): void {
    if (access === this.#access) return;
    if (this.#access === "available") {
      this.#lostAt = performance.now();
      this.#looking = setInterval(() => void this.#look(), LOOK_MS);
    }
    this.#access = access;
    if (access === "available") this.close();
    this.#options.changed(access);
  }
}

function permissionFor(doing: string): "read" | "write" {
  return READING.has(doing) ? "read" : "write";
}
