import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName, encodedLength } from "../../posix/name.js";
import type { Refusal } from "../spelling.js";
import { spell } from "../spelling.js";

/** Bytes of a name on the visitor's disk, on Linux and macOS. (On Windows: UTF-16 units, never more than bytes.) */
export const LONGEST = 255;

/**
 * What Chromium 156 refuses in the name of a local file, on every system, each at the character that is spelled otherwise then;
 * `e2e/stores/names.spec.ts` asks it.
 */
const REFUSED = new RegExp(
  [
    // What Windows does not take, controls, and what is invisible.
    /[\\:*?"<>|\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/u,
    // At the start, behind a dot too; at the end.
    /(?<=^\.?)[\p{White_Space}~]|(?<=^\.)\./u,
    /[\p{White_Space}.~]$/u,
    // What Windows or its shell takes for something else.
    /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9]|clock\$)(?=\.|$)|^con(?:in|out)\$$/,
    /\.(?:lnk|url|scf)$|^(?:desktop\.ini|thumbs\.db)$|\.\{[^.]*\}$/,
    // Swap files of Chromium's. Not refused, but hidden by us.
    /\.crswap$/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "iu",
);

export const chromiumRefuses: Refusal = (name) => name.search(REFUSED);

/**
 * What Chromium 156 lets no page make or write, in a directory `.git` of whatever case, nor anything below: what git obeys or runs.
 * It can be read and removed. A `move` to such a name never ends.
 */
const GUARDED = /^(?:config|hooks|modules)$/i;
const GUARDED_PATH = /(?:^|\/)\.git\/(?:config|hooks|modules)(?:\/|$)/i;

/** As {@link chromiumRefuses}, of what is made in a directory of that name. */
export function refusalIn(directory: string): Refusal {
  return (name) => (isGuarded(directory, name) ? 0 : chromiumRefuses(name));
}

/** What is of that name in the directory can only be read and removed. */
export function isGuarded(directory: string, name: string): boolean {
  return GUARDED.test(name) && directory.toLowerCase() === ".git";
}

/** Throws EACCES where nothing can be made or written. `root`: the name of the folder that `path` is in. */
export function checkWritablePath(root: string, path: string): void {
  if (!GUARDED_PATH.test(`${root}/${path}`)) return;
  throw new FsError(
    Errno.EACCES,
    "the browser lets no page change what is in .git/config, .git/hooks and .git/modules",
  );
}

/** Throws for names that cannot be in a picked directory, however spelled: EINVAL, EILSEQ, ENAMETOOLONG. */
export function checkChromiumName(name: string): void {
  checkName(name);
  if (encodedLength(spell(name, chromiumRefuses)) > LONGEST) {
    throw new FsError(Errno.ENAMETOOLONG, "a name that is too long as it has to be spelled");
  }
}
