import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { AccessHandle } from "../web/access-handle.js";
import { BlobsTogether } from "../web/blobs-together.js";
import { ByPath } from "../web/by-path.js";
import { ListedNames } from "../web/listed-names.js";
import type { OpenBlobs } from "../web/open-blob.js";
import { RecentFiles } from "../web/recent-files.js";
import type { Scratch } from "../web/scratch.js";
import type { OpenStoreFile } from "../store.js";
import { flushClosedFile, OpenOpfsFile } from "./open-opfs-file.js";

/** What the directories and files of one store share, by path, as OPFS spells it: open files, and those closed unflushed. */
export class OpfsFiles {
  readonly open = new ByPath<OpenOpfsFile>();
  /** Written and closed: in the browser's hands, but not yet brought to the medium. */
  readonly unflushed = new ByPath<true>();
  readonly #flushing = new ByPath<Promise<void>>();
  readonly names = new ListedNames();
  readonly blobs = new BlobsTogether();
  /** Of files that are not open. */
  readonly recent = new RecentFiles();
  readonly scratch: Scratch;
  readonly readOnly: boolean;
  #openBlobs: OpenBlobs | undefined;

  constructor(scratch: Scratch, readOnly: boolean) {
    this.scratch = scratch;
    this.readOnly = readOnly;
  }

  /** Throws EROFS in a store that is read only. */
  mayChange(): void {
    if (this.readOnly) throw new FsError(Errno.EROFS);
  }

  /** Of a store that is read only. The page's own is not: what that needs is loaded when there is one. */
  async openBlob(file: File, again: () => Promise<File>): Promise<OpenStoreFile> {
    const { OpenBlobs } = await import("../web/open-blob.js");
    this.#openBlobs ??= new OpenBlobs();
    return this.#openBlobs.open(file, again);
  }

  async openFile(path: string, handle: FileSystemFileHandle): Promise<OpenOpfsFile> {
    await this.settled(path);
    const isUnflushed = this.unflushed.delete(path); // no flush comes in between now
    this.recent.changed(path);
    let access: AccessHandle;
    try {
      access = await AccessHandle.open(handle);
    } catch (error) {
      if (isUnflushed) this.unflushed.set(path, true);
      throw error;
    }
    if (isUnflushed) access.markUnflushed();
    const file = new OpenOpfsFile(handle, access, (closed, unflushed) => this.#closed(closed, unflushed));
    this.open.set(path, file);
    this.recent.changed(path); // it was asked for meanwhile
    return file;
  }

  renamed(kind: FileSystemHandleKind, from: string, to: string): void {
    if (kind === "directory") this.recent.clear();
    else for (const path of [from, to]) this.recent.changed(path);
    for (const files of [this.open, this.unflushed]) {
      if (kind === "file") files.move(from, to);
      else files.rename(from, to);
    }
  }

  /** Brings a closed file to the medium, while nothing else opens, moves or removes it. */
  async flush(path: string, find: () => Promise<FileSystemFileHandle | undefined>): Promise<void> {
    if (this.open.has(path) || !this.unflushed.delete(path)) return;
    const flushing = find().then((file) => file && flushClosedFile(file));
    this.#flushing.set(path, flushing);
    try {
      await flushing;
    } catch (error) {
      this.unflushed.set(path, true);
      throw error;
    } finally {
      this.#flushing.delete(path);
    }
  }

  /** Ends when none of what is at one of the paths, or below, is being flushed. */
  async settled(...paths: string[]): Promise<void> {
    while (this.#flushing.size > 0) {
      const busy = paths.flatMap((path) => this.#flushing.under(path).map(([, flushing]) => flushing));
      if (busy.length === 0) return;
      await Promise.allSettled(busy);
    }
  }

  forget(path: string): void {
    this.recent.changed(path);
    this.open.delete(path);
    this.unflushed.delete(path);
  }

  #closed(file: OpenOpfsFile, unflushed: boolean): void {
    for (const [path, open] of this.open) {
      if (open !== file) continue;
      this.open.delete(path);
      this.recent.changed(path);
      if (unflushed) this.unflushed.set(path, true);
    }
  }
}
