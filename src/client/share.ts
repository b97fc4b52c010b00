import type { ShareFiles } from "./share-files.js";
import type {
  ApplyOptions,
  Access,
  AppliedChanges,
  ChangeSide,
  FileChange,
  FileToWrite,
  ShareEntry,
  ShareFile,
  ShareState,
  ShareStatistics,
  UnsavedFile,
  WriteAllOptions,
  WriteFailure,
  WriteOptions,
  ZipOptions,
} from "./types.js";

/** A share of a running machine. Its fields are what the Worker reported last. */
export class Share implements ShareState {
  #state: ShareState;
  readonly #actions: ShareActions;

  /** @internal */
  constructor(state: ShareState, actions: ShareActions) {
    this.#state = state;
    this.#actions = actions;
  }

  get tag(): string {
    return this.#state.tag;
  }
  get mountPoint(): string {
    return this.#state.mountPoint;
  }
  get access(): Access {
    return this.#state.access;
  }
  get kind(): ShareState["kind"] {
    return this.#state.kind;
  }
  /** Name of the folder that is shared. */
  get name(): string {
    return this.#state.name;
  }
  /** Id under which the browser remembers the folder, where it does. */
  get folder(): string | undefined {
    return this.#state.folder;
  }
  /** Bytes that the guest wrote and that the folder does not have yet. */
  get unsavedBytes(): number {
    return this.#state.unsavedBytes;
  }
  get unsavedFiles(): number {
    return this.#state.unsavedFiles;
  }
  /** Whether the folder has everything, or what keeps the share from it. */
  get status(): ShareState["status"] {
    return this.#state.status;
  }
  /** What is wrong, in words for the visitor. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /** Of a "copy-on-write" share: about how many names the guest has changed; {@link changes} knows them. */
  get changeCount(): number | undefined {
    return this.#state.changeCount;
  }

  /** What the guest changed, sorted by path. Rejects with "bad-source" unless the share is "copy-on-write", as do the next three. */
  changes(): Promise<readonly FileChange[]> {
    return this.#actions.changes();
  }

  /** The content of a changed file. */
  readChange(path: string, side: ChangeSide = "after"): ReadableStream<Uint8Array> {
    return streamOf((offset, length) => this.#actions.readChange(path, side, offset, length));
  }

  /** Brings changes into the folder: all, or those at and below `paths`. Needs the permission to write into it. */
  apply(paths?: readonly string[], { onProgress }: ApplyOptions = {}): Promise<AppliedChanges> {
    return this.#actions.apply(paths, onProgress);
  }

  /** Forgets changes: all, or those at and below `paths`. The guest sees the folder's own again. */
  discard(paths?: readonly string[]): Promise<void> {
    return this.#actions.discard(paths);
  }

  /** Resolves when the folder has everything that the guest wrote; rejects with "not-saved" where it could not be saved. */
  flush(): Promise<void> {
    return this.#actions.flush();
  }

  // Paths are from the share's root, with "/" between names; "" is the root. Links are not followed.

  /** What is in a directory, in no order. */
  async list(path = ""): Promise<readonly ShareEntry[]> {
    return (await this.#actions.files()).list(path);
  }

  /** A file, as Linux sees it now. Its stream fails with "not-readable" where the file is changed meanwhile. */
  async read(path: string): Promise<ShareFile> {
    return (await this.#actions.files()).read(path);
  }

  /** A directory with all below it as a zip, made while it is read: without links, FIFOs, sockets, devices, and what is removed meanwhile. */
  async zip(path = "", options: ZipOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return (await this.#actions.files()).zip(path, options);
  }

  /**
   * Puts a file into the share, whole or not at all; directories on the way are made. Rejects with "exists", "is-directory",
   * "read-only" or "full". A stream is collected first: what ends early is not taken for all of it.
   */
  async write(
    path: string,
    content: Blob | Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array<ArrayBuffer>>,
    options: WriteOptions = {},
  ): Promise<void> {
    const whole = content instanceof Blob ? content : await new Response(content).blob();
    return (await this.#actions.files()).write(path, whole, options);
  }

  /**
   * Puts files and directories into the share, hundreds a second: each as {@link write} does, in their order. Resolves with those that
   * could not be put there; rejects where none can ("read-only"), and when it is aborted.
   */
  async writeAll(files: Iterable<FileToWrite>, options: WriteAllOptions = {}): Promise<readonly WriteFailure[]> {
    return (await this.#actions.files()).writeAll(files, options);
  }

  /** Makes a directory, and those on the way, where they are missing. */
  async makeDirectory(path: string): Promise<void> {
    return (await this.#actions.files()).makeDirectory(path);
  }

  /** The files that the folder does not have yet as Linux has them. */
  async unsaved(): Promise<readonly UnsavedFile[]> {
    return (await this.#actions.files()).unsaved();
  }

  /** What its device has done so far. */
  async statistics(): Promise<ShareStatistics> {
    return (await this.#actions.files()).statistics();
  }

  /** Unmounts it, saves, and lets go of the folder. Rejects with "busy" while a process of the guest uses it. */
  remove(): Promise<void> {
    return this.#actions.remove();
  }

  /** @internal */
  update(state: ShareState): void {
    this.#state = state;
  }
}

/** What {@link ShareFiles} does, whoever does it. */
export type ShareFileCalls = Pick<ShareFiles, keyof ShareFiles>;

export interface ShareActions {
  files(): Promise<ShareFileCalls>;
  flush(): Promise<void>;
  remove(): Promise<void>;
  changes(): Promise<readonly FileChange[]>;
  readChange(path: string, side: ChangeSide, offset: number, length: number): Promise<Uint8Array>;
  apply(paths?: readonly string[], onProgress?: ApplyOptions["onProgress"]): Promise<AppliedChanges>;
  discard(paths?: readonly string[]): Promise<void>;
}

const PIECE_BYTES = 1 << 20;

function streamOf(read: (offset: number, length: number) => Promise<Uint8Array>): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await read(offset, PIECE_BYTES);
        offset += bytes.length;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (bytes.length < PIECE_BYTES) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
