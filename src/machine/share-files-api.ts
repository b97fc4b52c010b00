import type { ShareEntry, ShareStatistics, UnsavedFile } from "../client/types.js";

/** The files of the machine's shares, for the page. Paths are from a share's root, with "/" between names; "" is the root. */
export interface ShareFilesApi {
  list(tag: string, path: string): Promise<readonly ShareEntry[]>;
  /** Makes the guest hand over what only its page cache has, where the guest still answers. To be called before `open`. */
  settle(tag: string): Promise<void>;
  open(tag: string, path: string): Promise<OpenedFile>;
  /** Exactly `length` bytes, all within the file. */
  read(tag: string, handle: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(tag: string, handle: number): Promise<void>;
  /** Writes through the guest, which sends the file over `port` to a process (`process-messages.ts`). */
  upload(request: UploadRequest, port: MessagePort): Promise<void>;
  /**
   * Writes many files through one process of the guest, which reports over `port` as `upload-list.ts` says, and ends all of them or is
   * killed. False where this guest cannot do that now: nothing was done then, and each file is to be given to `upload`.
   */
  uploadAll(request: UploadAllRequest, port: MessagePort): Promise<boolean>;
  unsaved(tag: string): Promise<readonly UnsavedFile[]>;
  statistics(tag: string): Promise<ShareStatistics>;
}

export interface OpenedFile {
  readonly handle: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A file of `size` bytes, or without a size a directory. */
export interface UploadEntry {
  readonly path: string;
  readonly size?: number;
  readonly replace?: boolean;
}

export interface UploadRequest extends UploadEntry {
  readonly tag: string;
}

export interface UploadAllRequest {
  readonly tag: string;
  readonly entries: readonly UploadEntry[];
  /** The bytes of the files back to back. */
  readonly contents: Blob;
}
