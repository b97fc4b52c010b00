import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { fsErrorFrom } from "../web/dom-errors.js";
import { failureInWords } from "../web/failure-words.js";
import type { ScratchFile } from "../web/scratch.js";
import type { Turns } from "../web/turns.js";
import { CommitTimer } from "./commit-timer.js";
import type { FolderFile, FolderPlace } from "./folder-file.js";
import type { PickedFiles } from "./picked-files.js";

const RETRY_MS = [50, 250, 1000];

/** Failures that may pass by themselves: a lock, a virus scanner, a disk that wakes up. */
const TRANSIENT: ReadonlySet<Errno> = new Set([Errno.EBUSY, Errno.EIO]);

/**
 * A file that the guest writes, in the scratch directory: it is the file's content until the folder has it. The scratch
 * journal names it exactly while it holds something that the folder does not.
 */
export class WorkingCopy {
  readonly file: FolderFile;
  readonly #scratch: ScratchFile;
  readonly #files: PickedFiles;
  readonly #timer: CommitTimer;
  /** Numbers of the last change, and of the last change that the folder has. */
  #changed = 0;
  #saved = 0;
  #lastWrite = 0;
  #failed = false;
  #alone = false;
  readonly #commits: Turns;
  readonly #changes: Turns;
  readonly #savedLate: () => void;

  /**
   * `commits`: one at a time. `changes`: those that cannot be made at once; they wait while the content is read for a commit,
   * so that a file of the folder is never half of two versions. `savedLate` is called when the timer's commit has saved all.
   */
  constructor(
    files: PickedFiles,
    file: FolderFile,
    scratch: ScratchFile,
    commits: Turns,
    changes: Turns,
    savedLate: () => void,
  ) {
    this.#files = files;
    this.file = file;
    this.#scratch = scratch;
    this.#commits = commits;
    this.#changes = changes;
    this.#savedLate = savedLate;
    this.#timer = new CommitTimer(() => this.#commitLate(), !files.scratch.persistent);
  }

  get size(): number {
    return this.#scratch.size;
  }

  /** Holds something that the folder does not have. */
  get dirty(): boolean {
    return this.#changed > this.#saved;
  }

  /** Milliseconds since 1970. */
  get lastWrite(): number {
    return this.#lastWrite;
  }

  read(offset: number, into: readonly Uint8Array[]): number {
    return this.#scratch.read(offset, into);
  }

  write(offset: number, from: readonly Uint8Array[]): void {
    this.#change(() => this.#scratch.write(offset, from));
  }

  truncate(size: number): void {
    this.#change(() => this.#scratch.truncate(size));
  }

  /** Ends when the folder has every change made before. Tries again where an earlier commit failed. */
  async flush(): Promise<void> {
    const wanted = this.#changed;
    while (this.#saved < wanted && !this.#alone) await this.#commits.run(() => this.#commitIfOlder(wanted));
  }

  /** The folder's file is no concern of this content any more: nothing is saved from now on. */
  standAlone(): void {
    this.#alone = true;
    this.#timer.stop();
    this.#scratch.unlabel();
    this.#notFailed();
  }

  moved(place: FolderPlace): void {
    this.file.moved(place);
    if (this.dirty && !this.#alone) this.#label();
  }

  /** Nobody needs the content any more. */
  release(): void | Promise<void> {
    this.#timer.stop();
    return this.#scratch.release();
  }

  /** Lets go. What is not saved stays in the scratch directory, for the next visit. */
  keep(): void {
    this.#alone = true;
    this.#timer.stop();
    this.#scratch.keep();
  }

  #change(make: () => void): void {
    const wasClean = !this.dirty && !this.#alone;
    if (wasClean) this.#label();
    try {
      make();
    } catch (error) {
      if (wasClean) this.#scratch.unlabel();
      throw error;
    }
    this.#changed++;
    this.#lastWrite = Date.now();
    if (!this.#alone) this.#timer.changed();
  }

  #label(saving?: number): void {
    const { path, base } = this.file;
    const { share, folder } = this.#files;
    this.#scratch.label({
      share,
      ...(folder !== undefined && { folder }),
      path,
      base,
      ...(saving !== undefined && { saving }),
    });
  }

  /** For the visit that finds the browser's swap file. Where there is no room for the note, that file stays. */
  #noteSaving(): void {
    try {
      if (!this.#alone) this.#label(Date.now());
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }

  async #commitIfOlder(wanted: number): Promise<void> {
    if (this.#saved >= wanted) return;
    for (const wait of [...RETRY_MS, undefined]) {
      if (this.#alone) return;
      try {
        await this.#files.commits.run(() => this.#commit());
        this.#notFailed();
        return;
      } catch (error) {
        const failure = fsErrorFrom(error, "save");
        if (wait === undefined || !TRANSIENT.has(failure.errno)) {
          this.#failed = true;
          this.#timer.failed();
          const why = failureInWords(failure);
          this.#files.report({ kind: "not-saved", path: this.file.path, bytes: this.size, error: failure, why });
          throw failure;
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #notFailed(): void {
    if (this.#failed) this.#files.report({ kind: "saved", path: this.file.path });
    this.#failed = false;
  }

  async #commit(): Promise<void> {
    let changed = 0;
    this.#noteSaving();
    await this.file.commit((writable) =>
      this.#changes.run(async () => {
        changed = this.#changed;
        const { size } = this.#scratch;
        await writable.write(await this.#scratch.blob());
        return size;
      }),
    );
    this.#saved = changed;
    if (this.#alone) return;
    const { path, base, diverged } = this.file;
    if (!diverged) this.#files.committed.set(path, { left: base, written: this.#lastWrite });
    if (this.dirty) {
      this.#label(); // a newer base
      this.#timer.changed();
    } else {
      this.#timer.stop();
      this.#scratch.unlabel();
    }
  }

  async #commitLate(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      // Reported already; tried again by the next flush, and by the timer.
      if (!(error instanceof FsError)) throw error;
    }
    if (!this.dirty) this.#savedLate();
  }
}
