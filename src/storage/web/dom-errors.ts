import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";

/** What the names of DOMExceptions mean for one operation, where it differs from {@link usual}. */
export type Meanings = Readonly<Record<string, Errno>>;

const usual: Meanings = {
  NotFoundError: Errno.ENOENT,
  TypeMismatchError: Errno.ENOTDIR,
  InvalidModificationError: Errno.EINVAL,
  NoModificationAllowedError: Errno.EBUSY,
  NotAllowedError: Errno.EACCES,
  SecurityError: Errno.EACCES,
  QuotaExceededError: Errno.ENOSPC,
  NotSupportedError: Errno.EOPNOTSUPP,
};

/** Of `removeEntry`, for a directory. With nothing in it but what Chromium hides, such as symbolic links: InvalidStateError (156). */
export const REMOVING: Meanings = { InvalidModificationError: Errno.ENOTEMPTY, InvalidStateError: Errno.ENOTEMPTY };

/** The name of a browser's error: "NotFoundError", "TypeError". */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** The errno of what a browser's file system call failed with; the call's error is the cause. EIO for what has no meaning. */
export function fsErrorFrom(error: unknown, doing: string, meanings: Meanings = {}): FsError {
  if (error instanceof FsError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FsError(errnoFor(error, message, meanings), `${doing}: ${message}`, { cause: error });
}

/** Runs a browser's file system call; its failure is made an `FsError`. */
export async function inBrowser<T>(doing: string, call: () => Promise<T>, meanings?: Meanings): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fsErrorFrom(error, doing, meanings);
  }
}

/** As {@link inBrowser}, with `undefined` for what is not there. */
export async function ifThere<T>(doing: string, call: () => Promise<T>, meanings?: Meanings): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (errorName(error) === "NotFoundError") return undefined;
    throw fsErrorFrom(error, doing, meanings);
  }
}

function errnoFor(error: unknown, message: string, meanings: Meanings): Errno {
  const name = errorName(error);
  // Chromium 156 has one name for a locked file and for one whose permission bits forbid writing.
  if (name === "NoModificationAllowedError" && /read-only/i.test(message)) return Errno.EACCES;
  // "Name is not allowed." (Chromium), "Invalid filename" (Firefox), "Name is invalid" (WebKit)
  if (name === "TypeError" && /name/i.test(message)) return Errno.EINVAL;
  return meanings[name] ?? usual[name] ?? Errno.EIO;
}
