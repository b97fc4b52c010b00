import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { encodedLength } from "../../posix/name.js";
import { type Refusal, spell, spellings } from "../spelling.js";
import type { StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { childPath } from "../web/by-path.js";
import { REMOVING } from "../web/dom-errors.js";
import type { EntryHandle } from "../web/entries.js";
import { entriesOf } from "../web/entries.js";
import { swapOf } from "../web/swap-files.js";
import { LONGEST, checkChromiumName, isGuarded, refusalIn } from "./chromium-name.js";
import { directoryAt, ifFound } from "./directory-at.js";
import { PickedFile } from "./picked-file.js";
import type { PickedFiles } from "./picked-files.js";
import { moveDirectory, moveFile } from "./picked-moves.js";

const CREATE_FILE = { TypeMismatchError: Errno.EISDIR };

/** An entry's name in the folder, and the entry, where there is one. */
interface Located {
  readonly stored: string;
  readonly handle: EntryHandle | undefined;
}

/**
 * A directory of the picked folder. Where the folder's file system takes two names for one, in another case or of other
 * characters for the same letter, an entry has the name that it is listed by and no other: the guest's second name is spelled
 * otherwise in the folder. So is what Chromium guards of a repository of git: the guest's `config` is not the visitor's, which stays
 * as it is, and is what the guest sees until it has made its own.
 */
export class PickedDirectory implements StoreDirectory {
  readonly #files: PickedFiles;
  readonly #handle: FileSystemDirectoryHandle;
  /** In the share, as the folder spells it. */
  readonly #path: string;
  readonly #refused: Refusal;

  constructor(files: PickedFiles, handle: FileSystemDirectoryHandle, path: string) {
    this.#files = files;
    this.#handle = handle;
    this.#path = path;
    this.#refused = refusalIn(handle.name);
  }

  async list(): Promise<readonly StoreEntry[]> {
    const handles = await this.#files.attempt("list", () => entriesOf(this.#handle));
    handles.delete(""); // a name that is not valid UTF-8 (Chromium 156)
    const listed = [...handles.keys()].filter(
      (stored) =>
        swapOf(stored, handles) === undefined &&
        !(this.#isGuarded(stored) && handles.has(spell(stored, this.#refused))),
    );
    const shown = this.#files.names.listed(this.#path, listed);
    return Array.from(shown, ([stored, name]) => this.#entry(name, stored, handles.get(stored)!));
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    const { stored, handle } = await this.#locateIfThere(name);
    return handle && this.#entry(name, stored, handle);
  }

  async createFile(name: string): Promise<StoreFile> {
    this.#files.mayChange();
    return this.#naming(name, async ({ stored }) => {
      const create = (): Promise<FileSystemFileHandle> => this.#handle.getFileHandle(stored, { create: true });
      const handle = await this.#make(() => this.#files.attempt("create", create, CREATE_FILE));
      this.#files.names.made(this.#path, name, stored);
      return this.#file(stored, handle);
    });
  }

  async createDirectory(name: string): Promise<PickedDirectory> {
    this.#files.mayChange();
    return this.#naming(name, async ({ stored }) => {
      const create = (): Promise<FileSystemDirectoryHandle> =>
        this.#handle.getDirectoryHandle(stored, { create: true });
      const handle = await this.#make(() => this.#files.attempt("mkdir", create));
      this.#files.names.made(this.#path, name, stored);
      return new PickedDirectory(this.#files, handle, childPath(this.#path, stored));
    });
  }

  /** Never more than the one entry: what the guest has not seen (symbolic links, refused names) keeps its directory. */
  async remove(name: string): Promise<void> {
    this.#files.mayChange();
    const { stored } = await this.#locateThere(name);
    const path = childPath(this.#path, stored);
    const content = this.#files.contents.get(path);
    const removeEntry = (): Promise<void> =>
      this.#files.attempt("remove", () => this.#handle.removeEntry(stored), REMOVING);
    await content?.setAside();
    if (content === undefined) await removeEntry();
    else await content.whileStill(() => removeEntry().then(() => content.forsake()));
    this.#files.committed.delete(path);
    this.#files.names.gone(this.#path, name);
    this.#files.names.removed(path);
  }

  async rename(from: string, target: PickedDirectory, to: string): Promise<void> {
    this.#files.mayChange();
    const source = await this.#locateThere(from);
    if (this.#path === target.#path && from === to) return;
    await target.#naming(to, async (place) => {
      await this.#move(source.stored, source.handle, target, place);
      this.#files.names.gone(this.#path, from);
      this.#files.names.made(target.#path, to, place.stored);
      await target.#respell(to, place.stored).catch(() => {}); // it stays as it is spelled
    });
  }

  /** Where the directory went in the moment before, it is made again: the guest has been told that it has the new entry. */
  async #make<T>(make: () => Promise<T>): Promise<T> {
    const made = await ifFound(make);
    if (made !== undefined) return made;
    await directoryAt(this.#files, this.#path, true);
    return make();
  }

  /** Lets `work` give the entry its name, under the spelling that it is told. */
  #naming<T>(name: string, work: (place: Located) => Promise<T>): Promise<T> {
    checkChromiumName(name);
    return this.#files.naming.run(childPath(this.#path, folded(name)), async () => {
      const place = await this.#placeFor(name);
      if (encodedLength(place.stored) > LONGEST)
        throw new FsError(Errno.ENAMETOOLONG, "the names beside it are too like it");
      return work(place);
    });
  }

  /** Where an entry of that name can be put. */
  async #placeFor(name: string): Promise<Located> {
    const place = await this.#locate(name);
    if (!this.#isGuarded(place.stored)) return place;
    const stored = spell(name, this.#refused);
    return { stored, handle: await this.#files.entryIfThere(this.#handle, stored) };
  }

  async #move(name: string, source: EntryHandle, target: PickedDirectory, to: Located): Promise<void> {
    const fromPlace = { parent: this.#handle, parentPath: this.#path, name };
    const toPlace = { parent: target.#handle, parentPath: target.#path, name: to.stored };
    const replaced = to.handle;
    if (source.kind === "file") {
      if (replaced?.kind === "directory") throw new FsError(Errno.EISDIR);
      await moveFile(this.#files, fromPlace, source, toPlace, replaced);
    } else {
      if (replaced?.kind === "file") throw new FsError(Errno.ENOTDIR);
      await moveDirectory(this.#files, fromPlace, source, toPlace, replaced);
    }
  }

  /** Gives an entry the first spelling of its name, where that was in use until it was moved: by itself, as "file" for "FILE". */
  async #respell(name: string, stored: string): Promise<void> {
    const first = spell(name, this.#refused);
    if (stored === first || (await this.#files.entryIfThere(this.#handle, first)) !== undefined) return;
    const handle = await this.#files.entryIfThere(this.#handle, stored);
    if (handle === undefined) return;
    await this.#move(stored, handle, this, { stored: first, handle: undefined });
    this.#files.names.made(this.#path, name, first);
  }

  /** As `#locate`. Throws ENOENT where there is none, EIO where the folder is gone. */
  async #locateThere(name: string): Promise<{ readonly stored: string; readonly handle: EntryHandle }> {
    const { stored, handle } = await this.#locateIfThere(name);
    if (handle !== undefined) return { stored, handle };
    throw new FsError(Errno.ENOENT);
  }

  /** As `#locate`. Throws EIO where the folder is gone. */
  async #locateIfThere(name: string): Promise<Located> {
    let located = await this.#locate(name);
    while (located.handle === undefined && (await this.#files.wasAway())) located = await this.#locate(name);
    return located;
  }

  /** Where the entry is that the guest calls `name`, or how a new one of that name is to be spelled. */
  async #locate(name: string): Promise<Located> {
    const known = await this.#known(name);
    if (known !== undefined) return known;
    let isListed = false;
    for (const stored of spellings(name, this.#refused)) {
      const handle = await this.#files.entryIfThere(this.#handle, stored);
      if (handle === undefined) {
        const visitors = this.#isGuarded(name) ? await this.#files.entryIfThere(this.#handle, name) : undefined;
        return visitors === undefined ? { stored, handle } : { stored: name, handle: visitors };
      }
      // New to us; or another entry that answers to this name too: the listing knows.
      if (!isListed) await this.list();
      isListed = true;
      const listed = await this.#known(name);
      if (listed !== undefined) return listed;
    }
    throw new FsError(Errno.EIO, "every spelling of the name is taken");
  }

  /** The entry of that name by the last listing, if it is still there. */
  async #known(name: string): Promise<Located | undefined> {
    const stored = this.#files.names.stored(this.#path, name);
    if (stored === undefined) return undefined;
    const handle = await this.#files.entryIfThere(this.#handle, stored);
    if (handle !== undefined) return { stored, handle };
    this.#files.names.gone(this.#path, name);
    return undefined;
  }

  #isGuarded(stored: string): boolean {
    return isGuarded(this.#handle.name, stored);
  }

  #entry(name: string, stored: string, handle: EntryHandle): StoreEntry {
    if (handle.kind === "file") return { name, kind: "file", file: this.#file(stored, handle) };
    const directory = new PickedDirectory(this.#files, handle, childPath(this.#path, stored));
    return { name, kind: "directory", directory };
  }

  #file(stored: string, handle: FileSystemFileHandle): PickedFile {
    return new PickedFile(this.#files, { parent: this.#handle, parentPath: this.#path, name: stored, handle });
  }
}

/** The same for all names that a file system might take for one; at times also for others. */
function folded(name: string): string {
  return name.normalize("NFKD").toUpperCase().normalize("NFKD");
}
