import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { AccessHandle } from "../web/access-handle.js";
import { ByPath } from "../web/by-path.js";
import { ReadAhead } from "../web/read-ahead.js";
import type { Scratch } from "../web/scratch.js";
import { OpenOpfsFile } from "./open-opfs-file.js";

/** What the directories and files of one store share: which files are open, and which were closed unflushed, by path. */
export class OpfsFiles {
  readonly open = new ByPath<OpenOpfsFile>();
  /** Written and closed: in the browser's hands, but not yet brought to the medium. */
  readonly unflushed = new ByPath<FileSystemFileHandle>();
  readonly readAhead = new ReadAhead();
  readonly scratch: Scratch;
  readonly readOnly: boolean;

  constructor(scratch: Scratch, readOnly: boolean) {
    this.scratch = scratch;
    this.readOnly = readOnly;
  }

  /** Throws EROFS in a store that is read only. */
  mayChange(): void {
    if (this.readOnly) throw new FsError(Errno.EROFS);
  }

  opened(path: string, handle: FileSystemFileHandle, access: AccessHandle): OpenOpfsFile {
    if (this.unflushed.delete(path)) access.markUnflushed();
    const file = new OpenOpfsFile(handle, access, (closed, unflushed) => this.#closed(closed, unflushed));
    this.open.set(path, file);
    return file;
  }

  rename(from: string, to: string): void {
    this.open.rename(from, to);
    this.unflushed.rename(from, to);
  }

  forget(path: string): void {
    this.open.delete(path);
    this.unflushed.delete(path);
  }

  #closed(file: OpenOpfsFile, unflushed: boolean): void {
    for (const [path, open] of this.open) {
      if (open !== file) continue;
      this.open.delete(path);
      if (unflushed) this.unflushed.set(path, file.handle);
    }
  }
}
