import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { childPath } from "../web/by-path.js";
import { REMOVING, errorName, inBrowser } from "../web/dom-errors.js";
import type { EntryHandle } from "../web/entries.js";
import { entriesOf, findEntry } from "../web/entries.js";
import { swapOf } from "../web/swap-files.js";
import { OpfsFile } from "./opfs-file.js";
import type { OpfsFiles } from "./opfs-files.js";
import { moveDirectory, moveFile, setAside } from "./opfs-moves.js";
import { checkOpfsName } from "./opfs-name.js";

const CREATE_FILE = { TypeMismatchError: Errno.EISDIR };
export class OpfsDirectory implements StoreDirectory {
  readonly #files: OpfsFiles;
  readonly #handle: FileSystemDirectoryHandle;
  readonly #path: string;
  /** A name that is not of the share: our own directory in the root of OPFS. */
  readonly #hidden: string | undefined;

  constructor(files: OpfsFiles, handle: FileSystemDirectoryHandle, path: string, hidden?: string) {
    this.#files = files;
    this.#handle = handle;
    this.#path = path;
    this.#hidden = hidden;
  }

  async list(): Promise<readonly StoreEntry[]> {
    const handles = await entriesOf(this.#handle);
    for (const name of handles.keys()) if (await this.#isSwap(name, handles)) handles.delete(name);
    if (this.#hidden !== undefined) handles.delete(this.#hidden);
    return [...handles].map(([name, handle]) => this.#entry(name, handle));
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    try {
      this.#checkName(name);
    } catch (error) {
      if (error instanceof FsError) return undefined; // what cannot be created is not there
      throw error;
    }
    const handle = await findEntry(this.#handle, name);
    return handle && this.#entry(name, handle);
  }

  async createFile(name: string): Promise<StoreFile> {
    this.#files.mayChange();
    this.#checkName(name);
    const create = (): Promise<FileSystemFileHandle> => this.#handle.getFileHandle(name, { create: true });
    return new OpfsFile(this.#files, await inBrowser("create", create, CREATE_FILE), childPath(this.#path, name));
  }

  async createDirectory(name: string): Promise<OpfsDirectory> {
    this.#files.mayChange();
    this.#checkName(name);
    const create = (): Promise<FileSystemDirectoryHandle> => this.#handle.getDirectoryHandle(name, { create: true });
    const handle = await inBrowser("mkdir", create);
    return new OpfsDirectory(this.#files, handle, childPath(this.#path, name));
  }

  async remove(name: string): Promise<void> {
    this.#files.mayChange();
    this.#checkName(name);
    const path = childPath(this.#path, name);
    const open = this.#files.open.get(path);
    if (open !== undefined) await setAside(this.#files, path, open);
    else await inBrowser("remove", () => this.#handle.removeEntry(name), REMOVING);
    this.#files.forget(path);
  }

  async rename(from: string, target: OpfsDirectory, to: string): Promise<void> {
    this.#files.mayChange();
    this.#checkName(from);
    target.#checkName(to);
    const source = await findEntry(this.#handle, from);
    if (source === undefined) throw new FsError(Errno.ENOENT);
    const fromPath = childPath(this.#path, from);
    const toPath = childPath(target.#path, to);
    if (fromPath === toPath) return;
    const replaced = await findEntry(target.#handle, to);
    if (source.kind === "file") {
      if (replaced?.kind === "directory") throw new FsError(Errno.EISDIR); // Firefox 153 would replace it
      await moveFile(this.#files, source, fromPath, target.#handle, to, toPath);
    } else {
      if (replaced?.kind === "file") throw new FsError(Errno.ENOTDIR);
      const place = { parent: this.#handle, name: from, path: fromPath };
      await moveDirectory(this.#files, source, place, { parent: target.#handle, name: to, path: toPath }, replaced);
    }
    this.#files.rename(fromPath, toPath);
  }

  #entry(name: string, handle: EntryHandle): StoreEntry {
    const path = childPath(this.#path, name);
    return handle.kind === "file"
      ? { name, kind: "file", file: new OpfsFile(this.#files, handle, path) }
      : { name, kind: "directory", directory: new OpfsDirectory(this.#files, handle, path) };
  }

  #checkName(name: string): void {
    checkOpfsName(name);
    if (name === this.#hidden) throw new FsError(Errno.EINVAL, `the name "${name}"`);
  }

  /** True for the swap file of a file that the page is writing: its access handle is refused then, and only then. */
  async #isSwap(name: string, handles: ReadonlyMap<string, FileSystemHandle>): Promise<boolean> {
    const original = swapOf(name, handles);
    if (original === undefined || this.#files.open.has(childPath(this.#path, original))) return false;
    const file = handles.get(original) as FileSystemFileHandle;
    try {
      (await file.createSyncAccessHandle()).close();
      return false;
    } catch (error) {
      return errorName(error) === "NoModificationAllowedError";
    }
  }
}
