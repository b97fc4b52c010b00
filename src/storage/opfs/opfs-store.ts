import type { Store, StoreSpace } from "../store.js";
import { inBrowser } from "../web/dom-errors.js";
import { OWN_DIRECTORY } from "../web/opfs-scratch.js";
import type { Scratch } from "../web/scratch.js";
import { forEach } from "../web/slots.js";
import { flushClosedFile } from "./open-opfs-file.js";
import { OpfsDirectory } from "./opfs-directory.js";
import { OpfsFiles } from "./opfs-files.js";
import { checkOpfsName } from "./opfs-name.js";

export interface OpfsStoreOptions {
  readonly scratch: Scratch;
  /** For a tab that is not the owner of the directory: nothing is locked, and the owner's changes are seen. */
  readonly readOnly?: boolean;
}

const FLUSHES_AT_ONCE = 8;

/**
 * A directory of the origin private file system. The layout is transparent: the guest's `/a/b` is the OPFS file `a/b`.
 * The owner, one worker at a time, has sync access handles of the files that it has open. Chromium and Firefox refuse to move
 * or remove a file while such a handle is open, so that the store closes and opens its own as it must.
 */
export class OpfsStore implements Store {
  readonly root: OpfsDirectory;
  readonly readOnly: boolean;
  readonly exclusive: boolean;
  readonly #files: OpfsFiles;

  private constructor(directory: FileSystemDirectoryHandle, files: OpfsFiles, isWholeOpfs: boolean) {
    this.#files = files;
    this.readOnly = files.readOnly;
    this.exclusive = !files.readOnly;
    this.root = new OpfsDirectory(files, directory, "", isWholeOpfs ? OWN_DIRECTORY : undefined);
  }

  static async open(directory: FileSystemDirectoryHandle, options: OpfsStoreOptions): Promise<OpfsStore> {
    const isWholeOpfs = await inBrowser("open OPFS", async () =>
      directory.isSameEntry(await navigator.storage.getDirectory()),
    );
    return new OpfsStore(directory, new OpfsFiles(options.scratch, options.readOnly ?? false), isWholeOpfs);
  }

  checkName(name: string): void {
    checkOpfsName(name);
  }

  async space(): Promise<StoreSpace> {
    const { quota = 0, usage = 0 } = await inBrowser("estimate space", () => navigator.storage.estimate());
    return { total: quota, free: Math.max(0, quota - usage) };
  }

  async sync(): Promise<void> {
    for (const [, open] of this.#files.open) await open.flush();
    const closed = [...this.#files.unflushed];
    await forEach(closed, FLUSHES_AT_ONCE, async ([path, file]) => {
      // One that is open again is flushed through its own handle.
      if (this.#files.open.has(path)) return;
      await flushClosedFile(file);
      if (this.#files.unflushed.get(path) === file) this.#files.unflushed.delete(path);
    });
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const [, open] of this.#files.open) await Promise.resolve(open.close()).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
