import type { Access, ShareState } from "../client/types.js";
import { type FileSystemDevice, fileSystemDevice, hostTimers } from "../device/file-system-device.js";
import type { PluggedDevice } from "../emulator/emulator.js";
import type { Records } from "../fs/records.js";
import { ShareFileSystem } from "../fs/share-file-system.js";
import { Errno } from "../posix/errno.js";
import type { Store } from "../storage/store.js";
import type { ChangeSource } from "./change-source.js";
import { MachineError } from "./machine-error.js";

/** What keeps a share from its folder. */
export type StoreAccess = "needs-permission" | "gone";

/** A store with what the visitor knows it by. */
export interface OpenedSource {
  readonly store: Store;
  readonly kind: ShareState["kind"];
  readonly name: string;
  readonly access: Access;
  /** Id of a picked folder, where the browser remembers it. */
  readonly folder?: string;
  /** What keeps the attributes that the store cannot hold. Missing: they last as long as the share. */
  readonly records?: Records;
  /** Told to the visitor from the start. */
  readonly problem?: string;
  /** What the guest changed, where `access` is "copy-on-write". */
  readonly changes?: ChangeSource;
  /** Nobody but this machine has the content: a copy in another can take its place. */
  readonly isOwn?: boolean;
  /** Lets go of what `store` does not: locks. Called after the store was closed. */
  release?(): void;
}

const FULL = "The browser's storage for this page is full: delete something or free disk space.";

/** One share: a store, a file system over it, a FUSE server, and the device that the guest sees. */
export class ActiveShare {
  readonly served: FileSystemDevice;
  /** Serves the guest, and the page beside it. */
  readonly fileSystem: ShareFileSystem;
  /** Where the device is; set when it is plugged in. */
  slot!: PluggedDevice;
  /** Of the store, such as a folder that is gone. */
  #storeProblem: string | undefined;
  #storeAccess: StoreAccess | undefined;
  /** Of a change that the guest was told is made; void when everything is saved. */
  #saveProblem: string | undefined;
  #timeout: string | undefined;
  /** The last write found no room. */
  #isFull = false;

  constructor(
    readonly tag: string,
    readonly mountPoint: string,
    readonly source: OpenedSource,
    changed: () => void,
  ) {
    this.#storeProblem = source.problem;
    this.fileSystem = new ShareFileSystem(source.store, {
      ...(source.records && { records: source.records }),
      timers: hostTimers,
      onChange: changed,
      onError: ({ path, error }) => {
        void inWords(error).then((why) => {
          this.#saveProblem = `${path} could not be saved: ${why}`;
          changed();
        });
      },
    });
    this.served = fileSystemDevice(tag, this.fileSystem, {
      readOnly: source.access === "read-only",
      tracer: ({ operation, errno }) => {
        // A sync tells of what was refused after its reply: `onError` has told the page.
        const isFull = errno === Errno.ENOSPC && !/SYNC|FLUSH/.test(operation);
        if (isFull || (this.#isFull && errno === 0 && operation === "WRITE")) {
          this.#isFull = isFull;
          changed();
        }
      },
      onBug: (error, operation) => console.error(`FUSE ${operation} on ${tag}:`, error),
      onTimeout: ({ operation }) => {
        this.#timeout = `The folder did not answer in time (${operation}): Linux got an error.`;
        changed();
      },
    });
  }

  /** What the visitor should know of it now. */
  get state(): ShareState {
    const { kind, name, access, folder, changes } = this.source;
    const unsavedFiles = this.fileSystem.unsavedFiles();
    if (unsavedFiles === 0) this.#saveProblem = undefined;
    return {
      tag: this.tag,
      mountPoint: this.mountPoint,
      access,
      kind,
      name,
      folder,
      unsavedBytes: this.fileSystem.unsavedBytes(),
      unsavedFiles,
      status: this.#storeAccess ?? (unsavedFiles > 0 ? "saving" : "saved"),
      ...(changes && { changeCount: changes.count }),
      problem: this.#storeProblem ?? this.#saveProblem ?? (this.#isFull ? FULL : this.#timeout),
    };
  }

  setStoreProblem(problem: string | undefined, access: StoreAccess | undefined): void {
    this.#storeProblem = problem;
    this.#storeAccess = access;
  }

  /** Resolves when the store has everything; rejects with "not-saved". */
  async save(): Promise<void> {
    try {
      await this.fileSystem.save();
    } catch (error) {
      const message = `Not everything in ${this.source.name} could be saved: ${await inWords(error)}`;
      throw new MachineError("not-saved", message, { cause: error });
    }
  }

  /** Lets go of the store. What it could not save was told by `save`. */
  async close(): Promise<void> {
    try {
      await this.fileSystem[Symbol.asyncDispose]();
    } catch (error) {
      console.error(`${this.source.name}:`, error);
    } finally {
      this.source.release?.();
    }
  }
}

/** The words are loaded when they are needed. */
async function inWords(error: unknown): Promise<string> {
  return (await import("../storage/web/failure-words.js")).failureInWords(error);
}
