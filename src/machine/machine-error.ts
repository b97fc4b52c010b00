/** What went wrong with the machine, for code; `message` is for people. */
export type MachineErrorCode =
  /** The browser lacks something that the machine cannot do without. */
  | "unsupported"
  /** An image did not load, or Linux did not start. */
  | "boot-failed"
  /** The Worker ended, or the machine was stopped: no call can be answered. */
  | "stopped"
  /** The command does not exist or cannot be executed. */
  | "start-failed"
  /** The tag is taken, too long, or has characters that a tag cannot have. */
  | "bad-tag"
  /** The source cannot be shared: no permission, not a directory, not there. */
  | "bad-source"
  /** The source given as the root has no Linux system in it that could be started. */
  | "bad-root"
  /** The guest could not mount or unmount it. */
  | "mount-failed"
  /** A process, or Linux itself, keeps the share busy; the message says which. */
  | "busy"
  /** Something written could not be saved. */
  | "not-saved"
  /** No such file or directory in the share. */
  | "not-found"
  /** A directory where a file is meant, or the other way round. */
  | "is-directory"
  | "not-directory"
  /** The name is taken, and was not to be replaced. */
  | "exists"
  /** The share takes no changes. */
  | "read-only"
  /** There is no room for it. */
  | "full"
  /** The file's bytes cannot be had, or were changed while they were read. */
  | "not-readable"
  /** The frame takes no calls from this page, or this page none from the frame. */
  | "not-allowed"
  /** A defect of this library. */
  | "internal";

/** The error that every call of `VirtualMachine` rejects with. */
export class MachineError extends Error {
  override readonly name = "MachineError";

  /** `message`: for people. `options.cause`: what it was made from. */
  constructor(
    /** What went wrong. */
    readonly code: MachineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** `error` itself, or what it was before it went through Comlink, or an internal error with it as the cause. */
  static from(error: unknown): MachineError {
    if (error instanceof MachineError) return error;
    const { code, message } = error as { code?: MachineErrorCode; message?: string };
    if (typeof code === "string") return new MachineError(code, message ?? code, { cause: error });
    return new MachineError("internal", message ?? String(error), { cause: error });
  }
}
