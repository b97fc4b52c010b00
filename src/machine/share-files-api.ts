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
export interface UploadRequest {
  readonly tag: string;
  readonly path: string;
  readonly size?: number;
  readonly replace?: boolean;
}
