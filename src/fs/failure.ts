import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";

/** A change that the store does not have, though the guest was told that it is made. */
export interface StoreFailure {
  /** From the root of the share. */
  readonly path: string;
  /** What the store threw; EIO where that was no errno. */
  readonly error: FsError;
}

/** The error as an errno for the guest: EIO for what is none. */
export function failureOf(error: unknown): FsError {
  return error instanceof FsError ? error : new FsError(Errno.EIO, undefined, { cause: error });
}
