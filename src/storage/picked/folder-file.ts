import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { encodedLength } from "../../posix/name.js";
import { unspell } from "../spelling.js";
import { childPath } from "../web/by-path.js";
import { SWAP_SUFFIX } from "../web/swap-files.js";
import { LONGEST } from "./chromium-name.js";
import { newFileBeside } from "./file-beside.js";
import type { FileVersion, PickedFiles } from "./picked-files.js";
import { sameVersion, versionOf } from "./picked-files.js";

/** Where a file is in the visitor's folder. Path and name are as the folder spells them. */
export interface FolderPlace {
  readonly parent: FileSystemDirectoryHandle;
  /** Path of the parent in the share. */
  readonly parentPath: string;
  readonly name: string;
  readonly handle: FileSystemFileHandle;
}

/** Puts the whole content into the writable, at once; gives its size. */
export type WriteContent = (writable: FileSystemWritableFileStream) => Promise<number>;

/**
 * The file in the visitor's folder that a working copy is of. What is there is replaced only while it is the version that was
 * copied. If it changed or went away meanwhile, neither version is lost: the guest's goes into a conflict file beside it.
 */
export class FolderFile {
  readonly #files: PickedFiles;
  #place: FolderPlace;
  #base: FileVersion;
  #diverged = false;

  constructor(files: PickedFiles, place: FolderPlace, base: FileVersion) {
    this.#files = files;
    this.#place = place;
    this.#base = base;
  }

  get path(): string {
    return childPath(this.#place.parentPath, this.#place.name);
  }

  /** The version that the folder had when it was copied or last replaced. */
  get base(): FileVersion {
    return this.#base;
  }

  /** The guest's version has its own file: it is not what the name it was opened by stands for. */
  get diverged(): boolean {
    return this.#diverged;
  }

  /** The file was moved in the folder, its content and time as they were. */
  moved(place: FolderPlace): void {
    if (!this.#diverged) this.#place = place;
  }

  /** Ends when the visitor's disk has the content. Nothing of it is to be seen there before. */
  async commit(write: WriteContent): Promise<void> {
    const { path } = this;
    let diverges = !(await this.#isBase());
    if (diverges) await this.#diverge();
    if (!(await this.#replace(write))) {
      diverges = true;
      await this.#diverge();
      if (!(await this.#replace(write))) throw new FsError(Errno.EIO, "the conflict file changed while it was written");
    }
    if (diverges) this.#files.report({ kind: "conflict", path, conflictName: this.#place.name });
  }

  /** One whole write, through a swap file that takes the file's place at the end. False: the file changed meanwhile. */
  async #replace(write: WriteContent): Promise<boolean> {
    const { parent, name, handle } = this.#place;
    const through = await this.#writtenThrough();
    // Never keepExistingData: it copies the file first, 3 ms/MB (Chromium 156).
    const writable = await this.#files.attempt("save", () => through.createWritable());
    let size: number;
    try {
      size = await this.#files.attempt("save", () => write(writable));
      // The last close wins silently: look once more before it.
      if (!(await this.#isBase())) {
        await writable.abort();
        await this.#discard(through);
        return false;
      }
      await this.#files.attempt("save", () => writable.close());
      if (through !== handle) await this.#files.attempt("save", () => through.move!(parent, name));
    } catch (error) {
      await writable.abort().catch(() => {}); // it may have failed by itself; the original is intact either way
      await this.#discard(through);
      throw error;
    }
    const { lastModified, size: found } = await this.#files.attempt("stat", () => handle.getFile());
    // Another size: somebody wrote in this very moment, which the next commit must see as a change.
    this.#base = { size, lastModified: found === size ? lastModified : Number.NaN };
    return true;
  }

  /** The file; or another beside it that takes its place at the end, where the swap file's name would be too long. */
  async #writtenThrough(): Promise<FileSystemFileHandle> {
    const { parent, name, handle } = this.#place;
    if (encodedLength(name + SWAP_SUFFIX) <= LONGEST) return handle;
    const beside = `.saving-${crypto.randomUUID()}`;
    return this.#files.attempt("save", () => parent.getFileHandle(beside, { create: true }));
  }

  async #discard(through: FileSystemFileHandle): Promise<void> {
    if (through !== this.#place.handle) await this.#place.parent.removeEntry(through.name).catch(() => {});
  }

  async #isBase(): Promise<boolean> {
    const file = await this.#files.fileIfThere(this.#place.handle);
    return file !== undefined && sameVersion(versionOf(file), this.#base);
  }

  async #diverge(): Promise<void> {
    const { parentPath, name } = this.#place;
    const guestName = unspell(name);
    const original = this.#diverged ? guestName.replace(/\.conflict-[-\d]+$/, "") : guestName;
    const { place, version } = await newFileBeside(this.#files, parentPath, original, "conflict");
    this.#place = place;
    this.#base = version;
    this.#diverged = true;
  }
}
