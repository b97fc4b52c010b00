import { checkName } from "../../posix/name.js";
import type { Store, StoreSpace } from "../store.js";
import { isUnder } from "../web/by-path.js";
import { ifThere, inBrowser } from "../web/dom-errors.js";
import { OWN_DIRECTORY } from "../web/opfs-scratch.js";
import type { Scratch } from "../web/scratch.js";
import { forEach } from "../web/slots.js";
import { OpfsDirectory } from "./opfs-directory.js";
import { OpfsFiles } from "./opfs-files.js";

export interface OpfsStoreOptions {
  readonly scratch: Scratch;
  /** For a tab that is not the owner of the directory: nothing is locked, and the owner's changes are seen. */
  readonly readOnly?: boolean;
  /** Where what has no name for a while is put: in OPFS, outside of `directory`. */
  readonly parking?: FileSystemDirectoryHandle;
}

const FLUSHES_AT_ONCE = 8;
/** No path in a share begins so. */
const PARKING_PATH = "/parking";

/**
 * A directory of the origin private file system. The layout is transparent: the guest's `/a/b` is the OPFS file `a/b`, and the
 * few names that OPFS does not take are spelled as `spelling.ts` says.
 * The owner, one worker at a time, has sync access handles of the files that it has open. Chromium and Firefox refuse to move
 * or remove a file while such a handle is open, so that the store closes and opens its own as it must.
 */
export class OpfsStore implements Store {
  readonly root: OpfsDirectory;
  readonly parking?: OpfsDirectory;
  readonly readOnly: boolean;
  readonly exclusive: boolean;
  readonly #files: OpfsFiles;
  readonly #directory: FileSystemDirectoryHandle;
  readonly #parking: FileSystemDirectoryHandle | undefined;

  private constructor(
    directory: FileSystemDirectoryHandle,
    files: OpfsFiles,
    isWholeOpfs: boolean,
    parking: FileSystemDirectoryHandle | undefined,
  ) {
    this.#files = files;
    this.#directory = directory;
    this.#parking = parking;
    this.readOnly = files.readOnly;
    this.exclusive = !files.readOnly;
    this.root = new OpfsDirectory(files, directory, "", isWholeOpfs ? OWN_DIRECTORY : undefined);
    if (parking !== undefined) this.parking = new OpfsDirectory(files, parking, PARKING_PATH);
  }

  static async open(directory: FileSystemDirectoryHandle, options: OpfsStoreOptions): Promise<OpfsStore> {
    const isWholeOpfs = await inBrowser("open OPFS", async () =>
      directory.isSameEntry(await navigator.storage.getDirectory()),
    );
    const files = new OpfsFiles(options.scratch, options.readOnly ?? false);
    return new OpfsStore(directory, files, isWholeOpfs, options.parking);
  }

  /** The parking directory of a share; `share` names it, the same for the same directory at each visit. */
  static async parkingOf(share: string): Promise<FileSystemDirectoryHandle> {
    return inBrowser("open the parking directory", async () => {
      const root = await navigator.storage.getDirectory();
      const own = await root.getDirectoryHandle(OWN_DIRECTORY, { create: true });
      const all = await own.getDirectoryHandle("parking", { create: true });
      return all.getDirectoryHandle(`parking-${encodeURIComponent(share)}`, { create: true });
    });
  }

  checkName(name: string): void {
    checkName(name);
  }

  async space(): Promise<StoreSpace> {
    const { quota = 0, usage = 0 } = await inBrowser("estimate space", () => navigator.storage.estimate());
    return { total: quota, free: Math.max(0, quota - usage) };
  }

  async sync(): Promise<void> {
    for (const [, open] of this.#files.open) await open.flush();
    const closed = [...this.#files.unflushed.keys()];
    await forEach(closed, FLUSHES_AT_ONCE, (path) => this.#files.flush(path, () => this.#file(path)));
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const [, open] of this.#files.open) await Promise.resolve(open.close()).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  /** The file that is at the path now. */
  #file(path: string): Promise<FileSystemFileHandle | undefined> {
    const parked = this.#parking !== undefined && isUnder(path, PARKING_PATH);
    const names = (parked ? path.slice(PARKING_PATH.length + 1) : path).split("/");
    const last = names.pop()!;
    return ifThere("sync", async () => {
      let directory = parked ? this.#parking : this.#directory;
      for (const name of names) directory = await directory.getDirectoryHandle(name);
      return directory.getFileHandle(last);
    });
  }
}
