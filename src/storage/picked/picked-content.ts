import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreStat } from "../store.js";
import { BlobReader } from "../web/blob-reader.js";
import { childPath } from "../web/by-path.js";
import { errorName } from "../web/dom-errors.js";
import type { ScratchFile } from "../web/scratch.js";
import { Turns } from "../web/turns.js";
import { gather } from "../web/views.js";
import type { FolderPlace } from "./folder-file.js";
import { FolderFile } from "./folder-file.js";
import type { FileVersion, PickedFiles } from "./picked-files.js";
import { sameVersion, versionOf } from "./picked-files.js";
import { WorkingCopy } from "./working-copy.js";

const SLICE_BYTES = 4 << 20;
const ATTEMPTS = 3;

/**
 * The content of a file of the picked folder that is open. It is in one place at a time: in the folder, read through a `File`,
 * until the guest first writes; in a working copy from then on, which the folder is given whole when it is flushed.
 */
export class PickedContent implements OpenStoreFile {
  readonly writable = true;
  readonly #files: PickedFiles;
  readonly #reader: BlobReader;
  #place: FolderPlace;
  #copy: WorkingCopy | undefined;
  readonly #commits = new Turns();
  /** Changes that cannot be made at once, in order. One that is under way waits for no commit: a commit may wait for it. */
  readonly #changes = new Turns();
  #holders = 0;
  #detached = false;

  constructor(files: PickedFiles, place: FolderPlace, file: File) {
    this.#files = files;
    this.#place = place;
    this.#reader = new BlobReader(file, files.readAhead, () => this.#foundFile());
  }

  /** Holds something that the folder does not have. */
  get dirty(): boolean {
    return this.unsaved() > 0;
  }

  /** Is open. What is not may still hold what could not be saved. */
  get held(): boolean {
    return this.#holders > 0;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  size(): number {
    return this.#copy?.size ?? this.#reader.blob.size;
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return (this.#copy ?? this.#reader).read(offset, into);
  }

  write(offset: number, from: readonly Uint8Array[]): Awaitable<void> {
    if (this.#copy !== undefined && this.#changes.free) return this.#copy.write(offset, from);
    const bytes = gather(from);
    return this.#changes.run(async () => (await this.#workingCopy()).write(offset, [bytes]));
  }

  append(from: readonly Uint8Array[]): Awaitable<void> {
    if (this.#copy?.dirty === true && this.#changes.free) return this.#copy.write(this.#copy.size, from);
    const bytes = gather(from);
    return this.#changes.run(async () => {
      if (this.#copy !== undefined) await this.#renew(await this.#getFile());
      const copy = await this.#workingCopy();
      copy.write(copy.size, [bytes]);
    });
  }

  truncate(size: number): Awaitable<void> {
    if (this.#copy !== undefined && this.#changes.free) return this.#copy.truncate(size);
    return this.#changes.run(async () => (await this.#workingCopy(size)).truncate(size));
  }

  async flush(): Promise<void> {
    await this.#changes.run(async () => {});
    await this.#copy?.flush();
  }

  /** All of the file, for it is saved whole; at least 1 for one that was emptied. */
  unsaved(): number {
    return this.#copy?.dirty === true && !this.#detached ? Math.max(1, this.#copy.size) : 0;
  }

  /** Nothing is saved from now on. The content is set aside when the name goes, if it is still open then. */
  detach(): void {
    this.#detached = true;
    this.#copy?.standAlone();
  }

  /** The file is about to be removed from the folder, or replaced: what is open goes on with a copy. */
  async setAside(): Promise<void> {
    if (!this.held) return;
    try {
      await this.#changes.run(() => this.#workingCopy());
    } catch (error) {
      // No room for a copy must not keep the visitor's disk from being cleared: what is open cannot be read then.
      if (!(error instanceof FsError) || error.errno !== Errno.ENOSPC) throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#holders--;
      await this.#letGoIfUnused();
    }
  }

  /** As the guest should see it. Finds out whether the folder's file changed while there is nothing of ours to save. */
  async stat(): Promise<StoreStat> {
    if (this.#copy !== undefined && (this.#copy.dirty || this.#copy.file.diverged || !this.#changes.free)) {
      return { size: this.#copy.size, lastModified: this.#copy.lastWrite };
    }
    const file = await this.#foundFile();
    await this.#changes.run(() => this.#renew(file));
    return this.#files.statOf(this.#path, file);
  }

  /** Does `work` while nothing is changed or brought to the folder. */
  whileStill<T>(work: () => Promise<T>): Promise<T> {
    return this.#commits.run(() => this.#changes.run(work));
  }

  /** The name stands for something else from now on. What was not saved need not be. */
  async forsake(): Promise<void> {
    this.detach();
    if (this.#files.contents.get(this.#path) === this) this.#files.contents.delete(this.#path);
    if (!this.held) await this.#dropCopy();
  }

  /** The file was moved to `place`, its content and time as they were. */
  moved(place: FolderPlace): void {
    this.#place = place;
    this.#copy?.moved(place);
  }

  /** The store is closed: what is not saved stays in the scratch directory. */
  abandon(): void {
    this.#reader.forget();
    this.#copy?.keep();
    this.#copy = undefined;
    this.#detached = true;
  }

  get #path(): string {
    return childPath(this.#place.parentPath, this.#place.name);
  }

  /** Goes on with the version that the folder has now, where there is nothing of ours to save. */
  async #renew(file: File): Promise<void> {
    if (this.#copy?.dirty === true || this.#copy?.file.diverged === true) return;
    const known = this.#copy?.file.base ?? versionOf(this.#reader.blob as File);
    if (sameVersion(known, versionOf(file))) return;
    this.#reader.replace(file);
    await this.#dropCopy();
  }

  async #letGoIfUnused(): Promise<void> {
    if (this.held || this.dirty) return;
    this.#reader.forget();
    if (this.#files.contents.get(this.#path) === this) this.#files.contents.delete(this.#path);
    await this.#dropCopy();
  }

  async #dropCopy(): Promise<void> {
    const copy = this.#copy;
    this.#copy = undefined;
    await copy?.release();
  }

  /** The working copy, made of the first `length` bytes of the folder's file where there is none yet. */
  async #workingCopy(length = Infinity): Promise<WorkingCopy> {
    if (this.#copy !== undefined) return this.#copy;
    const scratch = await this.#files.scratch.take();
    try {
      const base = await this.#copyInto(scratch, length);
      const file = new FolderFile(this.#files, this.#place, base);
      this.#copy = new WorkingCopy(
        this.#files,
        file,
        scratch,
        this.#commits,
        this.#changes,
        () => void this.#letGoIfUnused(),
      );
    } catch (error) {
      await scratch.release();
      throw error;
    }
    if (this.#detached) this.#copy.standAlone();
    this.#reader.forget();
    return this.#copy;
  }

  /** Copies in slices, never the whole at once; afresh where the file changes meanwhile. Gives the version that it copied. */
  async #copyInto(scratch: ScratchFile, length: number): Promise<FileVersion> {
    for (let attempt = 1; ; attempt++) {
      const file = await this.#getFile();
      try {
        const end = Math.min(length, file.size);
        for (let at = 0; at < end; at += SLICE_BYTES) {
          const slice = file.slice(at, Math.min(at + SLICE_BYTES, end));
          const bytes = await this.#files.attempt("read", () => slice.arrayBuffer());
          scratch.write(at, [new Uint8Array(bytes)]);
        }
        return versionOf(file);
      } catch (error) {
        const stale = error instanceof FsError && errorName(error.cause) === "NotReadableError";
        if (!stale || attempt === ATTEMPTS) throw error;
        scratch.truncate(0);
      }
    }
  }

  /** As `#getFile`, also while it is moved. Not within a change, which waits for no move. */
  async #foundFile(): Promise<File> {
    const place = this.#place;
    try {
      return await this.#getFile();
    } catch (error) {
      if (!(error instanceof FsError) || error.errno !== Errno.ESTALE) throw error;
      await this.#changes.run(async () => {});
      if (this.#place === place) throw error;
      return this.#getFile();
    }
  }

  #getFile(): Promise<File> {
    return this.#files.attempt("open", () => this.#place.handle.getFile(), { NotFoundError: Errno.ESTALE });
  }
}
