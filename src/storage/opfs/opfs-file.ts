import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreFile, StoreStat } from "../store.js";
import { childPath } from "../web/by-path.js";
import { inBrowser } from "../web/dom-errors.js";
import type { OpfsFiles } from "./opfs-files.js";

const IS_DIRECTORY = { TypeMismatchError: Errno.EISDIR };

export class OpfsFile implements StoreFile {
  readonly #files: OpfsFiles;
  readonly #handle: FileSystemFileHandle;
  readonly #directory: string;

  /** `directory`: its path in the share. */
  constructor(files: OpfsFiles, handle: FileSystemFileHandle, directory: string) {
    this.#files = files;
    this.#handle = handle;
    this.#directory = directory;
  }

  /** Not kept: there are many files. */
  get #path(): string {
    return childPath(this.#directory, this.#handle.name);
  }

  async stat(): Promise<StoreStat> {
    const { open, readOnly, recent } = this.#files;
    const ask = (): Promise<File> => this.#getFile();
    // What is written meanwhile, here or by the owner, is another file.
    const path = this.#path;
    const isStill = !readOnly && !open.has(path);
    const { size, lastModified } = await (isStill ? recent.ask(path, ask) : ask());
    return { size, lastModified };
  }

  async open(write: boolean): Promise<OpenStoreFile> {
    if (this.#files.readOnly) {
      if (write) throw new FsError(Errno.EROFS);
      return this.#files.openBlob(await this.#getFile(), () => this.#getFile());
    }
    return this.#files.openFile(this.#path, this.#handle);
  }

  async readWhole(limit: number, found: (stat: StoreStat) => void): Promise<Uint8Array | undefined> {
    const file = this.#files.recent.take(this.#path) ?? (await this.#getFile());
    found({ size: file.size, lastModified: file.lastModified });
    if (file.size > limit) return undefined;
    return inBrowser("read", () => this.#files.blobs.read(file));
  }

  /** Works beside an open access handle, and sees what it wrote. */
  #getFile(): Promise<File> {
    return inBrowser("stat", () => this.#handle.getFile(), IS_DIRECTORY);
  }
}
