import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName } from "../../posix/name.js";
import { ReadOnlyDirectory } from "../read-only.js";
import { shownNames, unspell } from "../spelling.js";
import type { OpenStoreFile, Store, StoreDirectory, StoreEntry, StoreFile, StoreSpace, StoreStat } from "../store.js";
import { OpenBlob } from "../web/open-blob.js";
import { ReadAhead } from "../web/read-ahead.js";
import type { DroppedEntry } from "./dropped-entry.js";
import { OpenBytes } from "./open-bytes.js";

/** Files that the visitor dropped or selected, or that the page made up: read-only, and all known from the start. */
export class DroppedStore implements Store {
  readonly root: StoreDirectory;
  readonly readOnly = true;
  readonly exclusive = true;
  readonly #bytes: number;

  /** Throws EINVAL for a path with an empty name, "." or "..", and EEXIST for one that is a file and a directory. */
  constructor(entries: Iterable<DroppedEntry>) {
    const root = new DroppedDirectory();
    const readAhead = new ReadAhead();
    let bytes = 0;
    for (const { path, content } of entries) {
      const names = path.split("/").filter((name, index, all) => name !== "" || (index > 0 && index < all.length - 1));
      const last = content === undefined ? undefined : names.pop();
      const directory = names.reduce((at, name) => at.makeDirectory(name), root);
      if (content === undefined || last === undefined) continue;
      const file = new DroppedFile(content, readAhead);
      bytes += file.stat().size;
      directory.addFile(last, file);
    }
    this.root = root;
    this.#bytes = bytes;
  }

  checkName(name: string): void {
    checkName(name);
  }

  space(): StoreSpace {
    return { total: this.#bytes, free: 0 };
  }

  sync(): void {}
  close(): void {}
}

class DroppedDirectory extends ReadOnlyDirectory implements StoreDirectory {
  readonly #entries = new Map<string, DroppedDirectory | DroppedFile>();
  /** By the guest's names, when all are known. */
  #shown: ReadonlyMap<string, DroppedDirectory | DroppedFile> | undefined;

  makeDirectory(name: string): DroppedDirectory {
    checkName(unspell(name));
    const there = this.#entries.get(name) ?? new DroppedDirectory();
    if (there instanceof DroppedFile) throw new FsError(Errno.EEXIST, `${name} is a file and a directory`);
    this.#entries.set(name, there);
    return there;
  }

  addFile(name: string, file: DroppedFile): void {
    checkName(unspell(name));
    const there = this.#entries.get(name);
    if (there instanceof DroppedDirectory) throw new FsError(Errno.EEXIST, `${name} is a file and a directory`);
    this.#entries.set(name, file);
  }

  list(): StoreEntry[] {
    return Array.from(this.#byName(), ([name, entry]) => entryOf(name, entry));
  }

  get(name: string): StoreEntry | undefined {
    const entry = this.#byName().get(name);
    return entry && entryOf(name, entry);
  }

  #byName(): ReadonlyMap<string, DroppedDirectory | DroppedFile> {
    this.#shown ??= new Map(
      Array.from(shownNames(this.#entries.keys()), ([stored, name]) => [name, this.#entries.get(stored)!]),
    );
    return this.#shown;
  }
}

class DroppedFile implements StoreFile {
  readonly #content: Blob | Uint8Array;
  readonly #readAhead: ReadAhead;
  readonly #made = Date.now();

  constructor(content: Blob | Uint8Array | string, readAhead: ReadAhead) {
    this.#content = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#readAhead = readAhead;
  }

  stat(): StoreStat {
    const content = this.#content;
    if (!(content instanceof Blob)) return { size: content.length, lastModified: this.#made };
    return { size: content.size, lastModified: content instanceof File ? content.lastModified : this.#made };
  }

  open(write: boolean): OpenStoreFile {
    if (write) throw new FsError(Errno.EROFS);
    return this.#content instanceof Blob ? new OpenBlob(this.#content, this.#readAhead) : new OpenBytes(this.#content);
  }
}

function entryOf(name: string, entry: DroppedDirectory | DroppedFile): StoreEntry {
  return entry instanceof DroppedFile
    ? { name, kind: "file", file: entry }
    : { name, kind: "directory", directory: entry };
}
