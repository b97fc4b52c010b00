/** A file that the guest wrote and that a closed or killed tab did not bring to the visitor's folder. */
export interface LeftoverFacts {
  /** Name of the folder or share. */
  readonly folder: string;
  /** In the folder: "a/b". */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When the guest last wrote it: milliseconds since 1970. */
  readonly lastWrite: number;
  /**
   * Whether the folder can be written to now: "prompt" if the browser asks the visitor first (`handle.requestPermission`, in a
   * click), "gone" from the disk, "unknown" to this browser: it can only be downloaded then.
   */
  readonly reach: "available" | "prompt" | "denied" | "gone" | "unknown";
  /** The folder's file is another than the guest's was made from. Undefined where that cannot be seen now. */
  readonly changed?: boolean;
  /** The folder; missing where `reach` is "unknown". */
  readonly handle?: FileSystemDirectoryHandle;
}

/** A leftover file, and what can be done with it. Each is decided by the visitor; nothing is lost until then. */
export interface Leftover extends LeftoverFacts {
  /** As the guest had it. Rejects with "bad-source" once it was decided about, as do the next three. */
  content(): Promise<File>;
  /** Saves it in its folder, beside a file that changed meanwhile; gives the path where it is. */
  finish(): Promise<string>;
  /** Saves it beside the folder's file, as NAME.recovered-DATE; gives its path. */
  keepAsCopy(): Promise<string>;
  /** Removes it from the browser, for good. */
  discard(): Promise<void>;
}
