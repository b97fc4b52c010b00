import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { StoreStat } from "../store.js";
import { unspell, unspellPath } from "../spelling.js";
import { BlobsTogether } from "../web/blobs-together.js";
import { ByPath } from "../web/by-path.js";
import type { Meanings } from "../web/dom-errors.js";
import { errorName, fsErrorFrom } from "../web/dom-errors.js";
import type { EntryHandle } from "../web/entries.js";
import { failureInWords } from "../web/failure-words.js";
import { findEntry } from "../web/entries.js";
import { ListedNames } from "../web/listed-names.js";
import { ReadAhead } from "../web/read-ahead.js";
import type { Scratch } from "../web/scratch.js";
import { Slots } from "../web/slots.js";
import { TurnsByKey } from "../web/turns-by-key.js";
import { type FolderAccess, FolderReach } from "./folder-reach.js";
import type { PickedContent } from "./picked-content.js";

/** Size and time of a file in the visitor's folder: how a change from outside is noticed. */
export type FileVersion = StoreStat;

/** What the page should tell the visitor. Paths and names are as the guest sees them. */
export type PickedEvent =
  /** A file changed in the folder and in the guest: the guest's version is beside it, under `conflictName`. */
  | { readonly kind: "conflict"; readonly path: string; readonly conflictName: string }
  /** A file could not be saved. Its content is kept in the browser, and saving is tried again. */
  | {
      readonly kind: "not-saved";
      readonly path: string;
      readonly bytes: number;
      readonly error: FsError;
      /** The end of a sentence. */
      readonly why: string;
    }
  /** A file of an earlier "not-saved" is in the folder now, or the guest has removed it. */
  | { readonly kind: "saved"; readonly path: string }
  /** A file cannot be opened, as one that is in the cloud only; and that it could be later. */
  | { readonly kind: "not-readable"; readonly path: string; readonly why: string }
  | { readonly kind: "readable"; readonly path: string }
  /** Whether the folder can be reached: "gone" from the disk, "denied" by a permission withdrawn, "available" again. */
  | { readonly kind: "access"; readonly access: FolderAccess };

export interface PickedFilesOptions {
  readonly scratch: Scratch;
  readonly readOnly: boolean;
  readonly share: string;
  readonly folder: string | undefined;
  readonly onEvent: (event: PickedEvent) => void;
}

const COMMITS_AT_ONCE = 4;
const GONE = "the folder is gone";

/** What the directories and files of one picked folder share. Paths are as the folder spells them. */
export class PickedFiles {
  /** Files that are open, or closed with content that is not saved. */
  readonly contents = new ByPath<PickedContent>();
  /** What the last commit of a file left in the folder, and the time of the guest's last write, which stands for it. */
  readonly committed = new ByPath<{ readonly left: FileVersion; readonly written: number }>();
  readonly names = new ListedNames();
  /** Who gives an entry a name: one at a time of those that the folder might take for one. */
  readonly naming = new TurnsByKey();
  readonly commits = new Slots(COMMITS_AT_ONCE);
  readonly readAhead = new ReadAhead();
  readonly blobs = new BlobsTogether();
  readonly scratch: Scratch;
  readonly share: string;
  readonly folder: string | undefined;
  readonly readOnly: boolean;
  readonly #unreadable = new Set<string>();
  readonly #onEvent: (event: PickedEvent) => void;
  readonly #reach: FolderReach;

  constructor(
    readonly root: FileSystemDirectoryHandle,
    options: PickedFilesOptions,
  ) {
    this.#reach = new FolderReach(root, {
      readOnly: options.readOnly,
      changed: (access) => {
        this.report({ kind: "access", access });
        // Each tells for itself if it fails again.
        if (access === "available") for (const content of this.contents.values()) content.flush().catch(() => {});
      },
    });
    this.scratch = options.scratch;
    this.share = options.share;
    this.folder = options.folder;
    this.readOnly = options.readOnly;
    this.#onEvent = options.onEvent;
  }

  /** Throws EROFS in a store that is read only. */
  mayChange(): void {
    if (this.readOnly) throw new FsError(Errno.EROFS);
  }

  /** Tells the page. Paths and names of the event are as the folder spells them. */
  report(event: PickedEvent): void {
    if (event.kind === "access") return this.#onEvent(event);
    const path = unspellPath(event.path);
    if (event.kind === "conflict") this.#onEvent({ ...event, path, conflictName: unspell(event.conflictName) });
    else this.#onEvent({ ...event, path });
  }

  /**
   * Runs a call into the folder. Its failure is made an `FsError`. Where the folder is gone, or the permission withdrawn, it is
   * tried again for some seconds, and then EIO; EACCES where there never was a permission for it.
   */
  async attempt<T>(doing: string, call: () => Promise<T>, meanings?: Meanings): Promise<T> {
    for (;;) {
      try {
        const result = await call();
        // What is not found says nothing of the folder.
        if (result !== undefined) this.#reach.succeeded(doing);
        return result;
      } catch (error) {
        const failure = fsErrorFrom(error, doing, meanings);
        const lost = await this.#loss(doing, failure);
        if (lost === undefined) throw failure;
        if (!(await this.#reach.wait())) throw new FsError(Errno.EIO, lost, failure);
      }
    }
  }

  /** Stops looking for a folder that cannot be reached. */
  close(): void {
    this.#reach.close();
  }

  entryIfThere(directory: FileSystemDirectoryHandle, name: string): Promise<EntryHandle | undefined> {
    return this.attempt("lookup", () => findEntry(directory, name));
  }

  /** True when what was not found is to be looked for again: the folder was away, and is back. Throws EIO where it stays away. */
  async wasAway(): Promise<boolean> {
    if (!(await this.#reach.isGone())) return false;
    do {
      if (!(await this.#reach.wait())) throw new FsError(Errno.EIO, GONE);
    } while (await this.#reach.isGone());
    return true;
  }

  /** The file, or undefined where there is none of the name now. */
  async fileIfThere(handle: FileSystemFileHandle): Promise<File | undefined> {
    try {
      return await this.attempt("stat", () => handle.getFile(), { TypeMismatchError: Errno.ENOENT });
    } catch (error) {
      if (error instanceof FsError && error.errno === Errno.ENOENT) return undefined;
      throw error;
    }
  }

  /** The file, to be opened. The page is told where it cannot be read. */
  async fileToOpen(path: string, handle: FileSystemFileHandle, meanings: Meanings): Promise<File> {
    try {
      const file = await this.attempt("open", () => handle.getFile(), meanings);
      if (this.#unreadable.delete(path)) this.report({ kind: "readable", path });
      return file;
    } catch (error) {
      const isNews = error instanceof FsError && errorName(error.cause) === "NotReadableError";
      if (isNews && !this.#unreadable.has(path)) {
        this.#unreadable.add(path);
        this.report({ kind: "not-readable", path, why: failureInWords(error) });
      }
      throw error;
    }
  }

  /** Size and time as the guest should see them: a commit of ours is not a change. */
  statOf(path: string, file: File): StoreStat {
    const version = versionOf(file);
    const committed = this.committed.get(path);
    if (committed === undefined || !sameVersion(committed.left, version)) return version;
    return { size: version.size, lastModified: committed.written };
  }

  /** Why the folder cannot be reached, where that is what the failure comes from, and it could be before. */
  async #loss(doing: string, failure: FsError): Promise<string | undefined> {
    const cause = errorName(failure.cause);
    if (cause === "NotAllowedError" && this.#reach.denied(doing)) return "the permission for the folder was withdrawn";
    return cause === "NotFoundError" && (await this.#reach.isGone()) ? GONE : undefined;
  }
}

export function versionOf(file: File): FileVersion {
  return { size: file.size, lastModified: file.lastModified };
}

/** Of `base` and what is there now. An unknown time is never the same. */
export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.size === b.size && a.lastModified === b.lastModified;
}
