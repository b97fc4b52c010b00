import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName, isText } from "../../posix/name.js";

/**
 * Throws for names that OPFS cannot hold. Chromium 156 refuses a backslash and truncates at NUL; every engine replaces lone
 * surrogates. Firefox 153 would take the backslash, but then a tree would not be the same everywhere.
 */
export function checkOpfsName(name: string): void {
  checkName(name);
  if (name.includes("\\")) throw new FsError(Errno.EINVAL, "a backslash in a name");
  if (!isText(name)) throw new FsError(Errno.EILSEQ, "a name that is not UTF-8");
}
