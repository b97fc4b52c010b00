import type { Awaitable } from "../../posix/awaitable.js";

/**
 * A place of our own for content that has no place in a share: copies of files that were written but are not yet in the
 * visitor's folder, and content that is open but removed. In OPFS under `.v86-virtiofs/scratch/`, outside every share.
 */
export interface Scratch {
  /** False: in memory, and a closed or crashed tab loses it. The visitor should be told. */
  readonly persistent: boolean;
  /** An empty file. Its content goes with its holder, unless it is labelled. */
  take(): Awaitable<ScratchFile>;
  /** Moves a file of OPFS here that goes with its holder. It may not be open. */
  adopt(file: FileSystemFileHandle): Promise<AdoptedFile>;
  /** Copies that earlier owners left behind, in no order. */
  leftovers(): Promise<readonly Leftover[]>;
  /** Lets go of everything. Labelled content stays for the next visit. */
  close(): Awaitable<void>;
}

/** What a copy is a copy of. */
export interface CopyLabel {
  /** Name of the share. */
  readonly share: string;
  /** Id of the folder, where the browser remembers it. */
  readonly folder?: string;
  /** In the share, as the store spells it: "a/b". */
  readonly path: string;
  /** Size and time of the folder's file when it was copied; missing for a new file. */
  readonly base?: { readonly size: number; readonly lastModified: number };
  /** When it was last begun to be saved in the folder: milliseconds since 1970. Missing: it never was. */
  readonly saving?: number;
}

/** Content in the scratch directory, open. Reads and writes are answered at once. */
export interface ScratchFile {
  readonly size: number;
  read(offset: number, into: readonly Uint8Array[]): number;
  /** ENOSPC: nothing was written. */
  write(offset: number, from: readonly Uint8Array[]): void;
  truncate(size: number): void;
  /** The content as it is now. A write makes it unreadable. */
  blob(): Promise<Blob>;
  /** The content is a copy that must outlive a closed or crashed tab; the label says of what. Takes an earlier label's place. */
  label(label: CopyLabel): void;
  /** The content goes with its holder again. */
  unlabel(): void;
  /** Nobody needs the content any more. */
  release(): Awaitable<void>;
  /** Lets go; labelled content stays for the next visit. */
  keep(): void;
}

export interface AdoptedFile {
  readonly handle: FileSystemFileHandle;
  /** Removes the content. The file may not be open. */
  remove(): Promise<void>;
}

/** A copy whose owner is gone. */
export interface Leftover {
  /** Missing where the journal does not name it. */
  readonly label: CopyLabel | undefined;
  file(): Promise<File>;
  discard(): Promise<void>;
}
