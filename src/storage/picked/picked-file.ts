import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreFile, StoreStat } from "../store.js";
import { childPath } from "../web/by-path.js";
import { OpenBlob } from "../web/open-blob.js";
import { checkWritablePath } from "./chromium-name.js";
import type { FolderPlace } from "./folder-file.js";
import { PickedContent } from "./picked-content.js";
import type { PickedFiles } from "./picked-files.js";

const IS_DIRECTORY = { TypeMismatchError: Errno.EISDIR };

export class PickedFile implements StoreFile {
  readonly #files: PickedFiles;
  readonly #place: FolderPlace;
  readonly #path: string;

  constructor(files: PickedFiles, place: FolderPlace) {
    this.#files = files;
    this.#place = place;
    this.#path = childPath(place.parentPath, place.name);
  }

  async stat(): Promise<StoreStat> {
    const content = this.#files.contents.get(this.#path);
    return content === undefined ? this.#files.statOf(this.#path, await this.#getFile()) : content.stat();
  }

  async open(write: boolean): Promise<OpenStoreFile> {
    if (this.#files.readOnly) {
      if (write) throw new FsError(Errno.EROFS);
      return new OpenBlob(await this.#getFile(), this.#files.readAhead, () => this.#getFile());
    }
    if (write) this.checkWritable();
    const file = this.#files.contents.has(this.#path) ? undefined : await this.#getFile();
    let content = this.#files.contents.get(this.#path);
    if (content === undefined) {
      content = new PickedContent(this.#files, this.#place, file ?? (await this.#getFile()));
      this.#files.contents.set(this.#path, content);
    }
    return content.hold();
  }

  checkWritable(): void {
    checkWritablePath(this.#files.root.name, this.#path);
  }

  async readWhole(limit: number, found: (stat: StoreStat) => void): Promise<Uint8Array | undefined> {
    const { blobs, contents } = this.#files;
    const file = await this.#getFile();
    if (contents.has(this.#path)) return undefined;
    found(this.#files.statOf(this.#path, file));
    if (file.size > limit) return undefined;
    const bytes = await this.#files.attempt("read", () => blobs.read(file));
    return contents.has(this.#path) ? undefined : bytes;
  }

  #getFile(): Promise<File> {
    return this.#files.fileToOpen(this.#path, this.#place.handle, IS_DIRECTORY);
  }
}
