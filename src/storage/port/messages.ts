import type { PickedEvent } from "../picked/picked-files.js";
import type { StoreSpace, UnsavedFile } from "../store.js";

/** What a store is asked over a MessagePort: the arguments of each operation, and its answer. Paths are names from the root. */
export interface StoreCalls {
  /** `problem`: in words for the visitor. */
  facts(): { readonly readOnly: boolean; readonly fixedNames: boolean; readonly problem: string | undefined };
  list(path: Path): readonly PortEntry[];
  get(path: Path, name: string): PortEntry | undefined;
  createFile(path: Path, name: string): void;
  createDirectory(path: Path, name: string): void;
  remove(path: Path, name: string): void;
  rename(path: Path, from: string, target: Path, to: string): void;
  /** Size and time of a file. */
  stat(path: Path): { readonly size: number; readonly lastModified: number };
  open(path: Path, write: boolean): OpenedFile;
  read(file: number, offset: number, length: number): FileReply<Uint8Array<ArrayBuffer>>;
  write(file: number, offset: number, bytes: Uint8Array<ArrayBuffer>): FileReply<void>;
  append(file: number, bytes: Uint8Array<ArrayBuffer>): FileReply<void>;
  truncate(file: number, size: number): FileReply<void>;
  flush(file: number): FileReply<void>;
  detach(file: number): FileReply<void>;
  closeFile(file: number): void;
  space(): StoreSpace;
  watch(): boolean;
  sync(): void;
  close(): void;
}

export type Path = readonly string[];
export type Operation = keyof StoreCalls;

export interface PortEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
}

/** An open file as it is after an operation. */
export interface FileState {
  readonly size: number;
  readonly unsaved: number;
  readonly writable: boolean;
}

export interface OpenedFile extends FileState {
  readonly file: number;
}

/** What an operation on an open file gave, and how the file is now. */
export interface FileReply<T> extends FileState {
  readonly value: T;
}

export interface StoreRequest {
  readonly id: number;
  readonly operation: Operation;
  readonly parameters: readonly unknown[];
}

export type StoreMessage =
  | { readonly type: "reply"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly errno: number; readonly message: string }
  /** Bytes of open files that are not saved, by number, and of files that are closed. Sent when they change by themselves. */
  | {
      readonly type: "unsaved";
      readonly open: readonly (readonly [file: number, bytes: number])[];
      readonly closed: readonly UnsavedFile[];
    }
  | { readonly type: "changed"; readonly path: Path | undefined }
  | { readonly type: "unwatched" }
  | { readonly type: "event"; readonly event: FolderEvent }
  /** Nobody serves it any longer. */
  | { readonly type: "gone" };

/** A {@link PickedEvent} that can be posted. */
export type FolderEvent = Exclude<PickedEvent, { kind: "not-saved" }> | Omit<NotSaved, "error">;
type NotSaved = Extract<PickedEvent, { kind: "not-saved" }>;

/** Bytes in one message: what a request of the guest has at most. */
export const MOST_BYTES = 1 << 20;
