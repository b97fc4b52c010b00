import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName } from "../../posix/name.js";
import type { Refusal } from "../spelling.js";
import { spell } from "../spelling.js";
import type { StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { childPath } from "../web/by-path.js";
import { REMOVING, errorName, inBrowser } from "../web/dom-errors.js";
import type { EntryHandle } from "../web/entries.js";
import { entriesOf, findEntry } from "../web/entries.js";
import { swapOf } from "../web/swap-files.js";
import { OpfsFile } from "./opfs-file.js";
import type { OpfsFiles } from "./opfs-files.js";
import { moveDirectory, moveFile, setAside } from "./opfs-moves.js";
import { opfsRefuses, opfsRefusesBeside } from "./opfs-name.js";

const CREATE_FILE = { TypeMismatchError: Errno.EISDIR };

export class OpfsDirectory implements StoreDirectory {
  readonly #files: OpfsFiles;
  readonly #handle: FileSystemDirectoryHandle;
  readonly #path: string;
  readonly #hidden: string | undefined;
  readonly #refused: Refusal;

  /**
   * `path`: in the share, as OPFS spells it. `hidden`: an entry that is not of the share, our own directory in the root of
   * OPFS; the guest's own entry of that name is spelled otherwise.
   */
  constructor(files: OpfsFiles, handle: FileSystemDirectoryHandle, path: string, hidden?: string) {
    this.#files = files;
    this.#handle = handle;
    this.#path = path;
    this.#hidden = hidden;
    this.#refused = hidden === undefined ? opfsRefuses : opfsRefusesBeside(hidden);
  }

  async list(): Promise<readonly StoreEntry[]> {
    const handles = await entriesOf(this.#handle);
    for (const stored of handles.keys()) if (await this.#isSwap(stored, handles)) handles.delete(stored);
    if (this.#hidden !== undefined) handles.delete(this.#hidden);
    const canonical = (name: string): string => spell(name, this.#refused);
    const shown = this.#files.names.listed(this.#path, handles.keys(), canonical);
    return Array.from(shown, ([stored, name]) => this.#entry(name, stored, handles.get(stored)!));
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    const stored = this.#stored(name);
    const handle = await findEntry(this.#handle, stored);
    if (handle === undefined) this.#files.names.gone(this.#path, name);
    return handle && this.#entry(name, stored, handle);
  }

  async createFile(name: string): Promise<StoreFile> {
    this.#files.mayChange();
    checkName(name);
    const stored = this.#stored(name);
    const create = (): Promise<FileSystemFileHandle> => this.#handle.getFileHandle(stored, { create: true });
    const handle = await inBrowser("create", create, CREATE_FILE);
    return new OpfsFile(this.#files, handle, this.#path);
  }

  async createDirectory(name: string): Promise<OpfsDirectory> {
    this.#files.mayChange();
    checkName(name);
    const stored = this.#stored(name);
    const create = (): Promise<FileSystemDirectoryHandle> => this.#handle.getDirectoryHandle(stored, { create: true });
    const handle = await inBrowser("mkdir", create);
    return new OpfsDirectory(this.#files, handle, childPath(this.#path, stored));
  }

  async remove(name: string): Promise<void> {
    this.#files.mayChange();
    const stored = this.#stored(name);
    const path = childPath(this.#path, stored);
    await this.#files.settled(path);
    const open = this.#files.open.get(path);
    if (open !== undefined) await setAside(this.#files, path, open);
    else await inBrowser("remove", () => this.#handle.removeEntry(stored), REMOVING);
    this.#files.forget(path);
    this.#files.names.gone(this.#path, name);
    this.#files.names.removed(path);
  }

  async rename(from: string, target: OpfsDirectory, to: string): Promise<void> {
    this.#files.mayChange();
    checkName(to);
    const stored = { from: this.#stored(from), to: target.#stored(to) };
    const source = await findEntry(this.#handle, stored.from);
    if (source === undefined) throw new FsError(Errno.ENOENT);
    const fromPath = childPath(this.#path, stored.from);
    const toPath = childPath(target.#path, stored.to);
    if (fromPath === toPath) return;
    await this.#files.settled(fromPath, toPath);
    const replaced = await findEntry(target.#handle, stored.to);
    if (source.kind === "file") {
      if (replaced?.kind === "directory") throw new FsError(Errno.EISDIR); // Firefox 153 would replace it
      await moveFile(this.#files, source, fromPath, target.#handle, stored.to, toPath);
    } else {
      if (replaced?.kind === "file") throw new FsError(Errno.ENOTDIR);
      const fromPlace = { parent: this.#handle, name: stored.from, path: fromPath };
      const toPlace = { parent: target.#handle, name: stored.to, path: toPath };
      await moveDirectory(this.#files, source, fromPlace, toPlace, replaced);
      this.#files.names.moved(fromPath, toPath);
    }
    this.#files.renamed(source.kind, fromPath, toPath);
    this.#files.names.gone(this.#path, from);
  }

  #entry(name: string, stored: string, handle: EntryHandle): StoreEntry {
    if (handle.kind === "file") return { name, kind: "file", file: new OpfsFile(this.#files, handle, this.#path) };
    const path = childPath(this.#path, stored);
    return { name, kind: "directory", directory: new OpfsDirectory(this.#files, handle, path) };
  }

  /** OPFS's name of the entry that the guest calls `name`, whether it is there or not. */
  #stored(name: string): string {
    return this.#files.names.stored(this.#path, name) ?? spell(name, this.#refused);
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
