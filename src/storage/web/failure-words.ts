import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { errorName } from "./dom-errors.js";

/** What a browser's error means for a file or folder of the visitor's disk, and what can be done, as the end of a sentence. */
const WORDS: Readonly<Record<string, string>> = {
  NotFoundError: "it is not there any more. Was it moved, renamed or removed, or is its disk not connected?",
  NotAllowedError:
    "the browser, or the disk, does not allow it. Allow it when the browser asks; a disk that can only be read takes nothing.",
  NoModificationAllowedError:
    "it can only be read, or another program holds it. Make it writable, or close that program; try without touching what is on a disk that can only be read.",
  NotReadableError:
    "the browser cannot read it. Another program may hold it, its permissions may forbid it, or it is in the cloud only: keep it on this computer, then try again.",
  TypeMismatchError: "a file is there where a folder is meant, or a folder where a file is meant.",
  SecurityError: "the browser lets no page change it, as other programs obey or run it.",
  AbortError: "the browser takes it for dangerous and refused it.",
  QuotaExceededError: "the browser's storage for this page is full, or the disk: delete something, or free space.",
};

const NOT_EMPTY =
  "there is something in it that the browser shows to no page, such as a symbolic link. Take that out of it, or undo the change in Linux.";

/** Why it failed, in words that a visitor can act on where the browser's error has a meaning for them. */
export function failureInWords(error: unknown): string {
  const cause = error instanceof FsError && error.cause !== undefined ? error.cause : error;
  const message = error instanceof Error ? error.message : String(error);
  const isNotEmpty = error instanceof FsError && error.errno === Errno.ENOTEMPTY;
  const words = isNotEmpty ? NOT_EMPTY : WORDS[errorName(cause)];
  return words ?? (/[.!?]$/.test(message) ? message : `${message}.`);
}
