import type { FsError } from "../../posix/fs-error.js";
import { unspellPath } from "../spelling.js";
import type { FolderChanged, Store, StoreSpace, UnsavedFile } from "../store.js";
import { inBrowser } from "../web/dom-errors.js";
import type { Scratch } from "../web/scratch.js";
import { checkChromiumName } from "./chromium-name.js";
import { PickedDirectory } from "./picked-directory.js";
import type { PickedEvent } from "./picked-files.js";
import { PickedFiles } from "./picked-files.js";
import { watchFolder } from "./watch-folder.js";
import { type FolderHas, type Unsaved, folderHas, recoverFile } from "./recover-file.js";

export interface PickedStoreOptions {
  /** Where the files are kept that the guest wrote, until the folder has them. */
  readonly scratch: Scratch;
  /** Nothing is ever written into the folder. */
  readonly readOnly?: boolean;
  /** The directory stands for single files: no name can be made, removed or moved. */
  readonly fixedNames?: boolean;
  /** Names the share in the scratch journal, for the visit that finds what this one could not save. */
  readonly share?: string;
  /** Id of the folder, where the browser remembers it. */
  readonly folder?: string;
  /** What the page should tell the visitor. */
  readonly onEvent?: (event: PickedEvent) => void;
}

/**
 * A directory of the visitor's disk, picked or dropped (File System Access; Chromium). Others change it too. Nothing is
 * written into it that the guest did not write, and every file whole or not at all; see `PickedContent` for where the content is.
 */
export class PickedStore implements Store {
  readonly root: PickedDirectory;
  readonly readOnly: boolean;
  readonly exclusive = false;
  readonly readsAhead = true;
  readonly fixedNames: boolean;
  readonly #files: PickedFiles;
  readonly #directory: FileSystemDirectoryHandle;
  #unwatch: (() => void) | undefined;

  constructor(directory: FileSystemDirectoryHandle, options: PickedStoreOptions) {
    const {
      scratch,
      readOnly = false,
      fixedNames = false,
      share = directory.name,
      folder,
      onEvent = () => {},
    } = options;
    this.readOnly = readOnly;
    this.fixedNames = fixedNames;
    this.#directory = directory;
    this.#files = new PickedFiles(directory, { scratch, readOnly, share, folder, onEvent });
    this.root = new PickedDirectory(this.#files, directory, "");
  }

  checkName(name: string): void {
    checkChromiumName(name);
  }

  async watch(changed: FolderChanged, ended: () => void): Promise<boolean> {
    this.#unwatch = await watchFolder(this.#directory, changed, ended);
    return this.#unwatch !== undefined;
  }

  /** Of the browser's own storage, through which everything goes: no browser tells how full the visitor's disk is. */
  async space(): Promise<StoreSpace> {
    const { quota = 0, usage = 0 } = await inBrowser("estimate space", () => navigator.storage.estimate());
    return { total: quota, free: Math.max(0, quota - usage) };
  }

  unsavedClosed(): readonly UnsavedFile[] {
    const found: UnsavedFile[] = [];
    for (const [path, content] of this.#files.contents) {
      if (content.dirty && !content.held) found.push({ path: unspellPath(path), bytes: content.unsaved() });
    }
    return found;
  }

  /** What the folder has where a closed tab left something unsaved. */
  folderHas(unsaved: Unsaved): Promise<FolderHas> {
    return folderHas(this.#files, unsaved);
  }

  /** Brings to the folder what a closed tab left unsaved; see `recoverFile`. */
  recover(unsaved: Unsaved, copy: boolean): Promise<string> {
    this.#files.mayChange();
    return recoverFile(this.#files, unsaved, copy);
  }

  async sync(): Promise<void> {
    const contents = [...this.#files.contents.values()];
    const results = await Promise.allSettled(contents.map((content) => content.flush()));
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason as FsError;
  }

  /** What cannot be saved now stays in the scratch directory, under its name in the journal. */
  async close(): Promise<void> {
    this.#unwatch?.();
    try {
      await this.sync();
    } finally {
      this.#files.close();
      for (const content of this.#files.contents.values()) content.abandon();
      this.#files.contents.clear();
    }
  }
}
