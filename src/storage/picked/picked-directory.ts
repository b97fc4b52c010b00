import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { childPath } from "../web/by-path.js";
import { REMOVING } from "../web/dom-errors.js";
import type { EntryHandle } from "../web/entries.js";
import { entriesOf } from "../web/entries.js";
import { swapOf } from "../web/swap-files.js";
import { checkChromiumName } from "./chromium-name.js";
import { PickedFile } from "./picked-file.js";
import type { PickedFiles } from "./picked-files.js";
import { moveDirectory, moveFile } from "./picked-moves.js";

const CREATE_FILE = { TypeMismatchError: Errno.EISDIR };
export class PickedDirectory implements StoreDirectory {
  readonly #files: PickedFiles;
  readonly #handle: FileSystemDirectoryHandle;
  readonly #path: string;

  constructor(files: PickedFiles, handle: FileSystemDirectoryHandle, path: string) {
    this.#files = files;
    this.#handle = handle;
    this.#path = path;
  }

  async list(): Promise<readonly StoreEntry[]> {
    const handles = await this.#files.attempt("list", () => entriesOf(this.#handle));
    handles.delete(""); // a name that is not valid UTF-8 (Chromium 156)
    const entries: StoreEntry[] = [];
    for (const [name, handle] of handles) {
      if (swapOf(name, handles) === undefined) entries.push(this.#entry(name, handle));
    }
    return entries;
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    try {
      checkChromiumName(name);
    } catch (error) {
      if (error instanceof FsError && error.errno !== Errno.ENAMETOOLONG) return undefined; // Chromium hides what it refuses
      if (!(error instanceof FsError)) throw error;
    }
    const handle = await this.#files.entryIfThere(this.#handle, name);
    return handle && this.#entry(name, handle);
  }

  async createFile(name: string): Promise<StoreFile> {
    this.#files.mayChange();
    checkChromiumName(name);
    const create = (): Promise<FileSystemFileHandle> => this.#handle.getFileHandle(name, { create: true });
    return this.#file(name, await this.#files.attempt("create", create, CREATE_FILE));
  }

  async createDirectory(name: string): Promise<PickedDirectory> {
    this.#files.mayChange();
    checkChromiumName(name);
    const create = (): Promise<FileSystemDirectoryHandle> => this.#handle.getDirectoryHandle(name, { create: true });
    const handle = await this.#files.attempt("mkdir", create);
    return new PickedDirectory(this.#files, handle, childPath(this.#path, name));
  }

  /** Never more than the one entry: what the guest has not seen (symbolic links, refused names) keeps its directory. */
  async remove(name: string): Promise<void> {
    this.#files.mayChange();
    const path = childPath(this.#path, name);
    const content = this.#files.contents.get(path);
    const removeEntry = (): Promise<void> =>
      this.#files.attempt("remove", () => this.#handle.removeEntry(name), REMOVING);
    await content?.setAside();
    if (content === undefined) await removeEntry();
    else await content.whileStill(() => removeEntry().then(() => content.forsake()));
    this.#files.committed.delete(path);
  }

  async rename(from: string, target: PickedDirectory, to: string): Promise<void> {
    this.#files.mayChange();
    checkChromiumName(to);
    const source = await this.#files.entryIfThere(this.#handle, from);
    if (source === undefined) throw new FsError(Errno.ENOENT);
    const fromPlace = { parent: this.#handle, parentPath: this.#path, name: from };
    const toPlace = { parent: target.#handle, parentPath: target.#path, name: to };
    if (this.#path === target.#path && from === to) return;
    const replaced = await this.#files.entryIfThere(target.#handle, to);
    if (source.kind === "file") {
      if (replaced?.kind === "directory") throw new FsError(Errno.EISDIR);
      await moveFile(this.#files, fromPlace, source, toPlace, replaced);
    } else {
      if (replaced?.kind === "file") throw new FsError(Errno.ENOTDIR);
      await moveDirectory(this.#files, fromPlace, source, toPlace, replaced);
    }
  }

  #entry(name: string, handle: EntryHandle): StoreEntry {
    if (handle.kind === "file") return { name, kind: "file", file: this.#file(name, handle) };
    const directory = new PickedDirectory(this.#files, handle, childPath(this.#path, name));
    return { name, kind: "directory", directory };
  }

  #file(name: string, handle: FileSystemFileHandle): PickedFile {
    return new PickedFile(this.#files, { parent: this.#handle, parentPath: this.#path, name, handle });
  }
}
