import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { checkName, encodedLength, isText } from "../../posix/name.js";

/** A file of a longer name can be created, but not written: the swap file's name would have more than 255 bytes. */
const LONGEST = 255 - ".crswap".length;

/** Characters that Chromium 156 refuses anywhere in the name of a local file: those of Windows, controls, invisible ones. */
const REFUSED_CHARACTER = /[\\:*?"<>|\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/u;

/** Names that Chromium 156 refuses whole, on every system: what Windows or its shell would take for something else. */
const REFUSED_NAME = [
  /^(?:\.?[\p{White_Space}~]|\.\.)|[\p{White_Space}.~]$/u,
  /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9]|clock\$)(?:\.|$)/i,
  /^con(?:in|out)\$$/i,
  /\.(?:lnk|url|scf)$/i,
  /^(?:desktop\.ini|thumbs\.db)$/i,
  /\.\{[^}]*\}$/,
];

/** Throws for names that Chromium refuses in a picked directory: EINVAL, EILSEQ, ENAMETOOLONG. */
export function checkChromiumName(name: string): void {
  checkName(name);
  if (!isText(name)) throw new FsError(Errno.EILSEQ, "a name that is not UTF-8");
  if (encodedLength(name) > LONGEST) throw new FsError(Errno.ENAMETOOLONG);
  if (REFUSED_CHARACTER.test(name) || REFUSED_NAME.some((pattern) => pattern.test(name))) {
    throw new FsError(Errno.EINVAL, "a name that the browser refuses in a folder of the visitor");
  }
}
