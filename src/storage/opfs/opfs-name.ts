import type { Refusal } from "../spelling.js";

/**
 * What OPFS does not take in a name: Chromium 156 refuses a backslash. Firefox 153 would take it, but then a tree would not be
 * the same everywhere. `.crswap` ends the names of swap files. All else is taken to the letter, 5,000 characters in both.
 */
const REFUSED = /\\|\.crswap$/;

export const opfsRefuses: Refusal = (name) => name.search(REFUSED);

/** As {@link opfsRefuses}, where an entry that is not the guest's has the name `hidden`; in any case, for WebKit's sake. */
export function opfsRefusesBeside(hidden: string): Refusal {
  return (name) => (name.toLowerCase() === hidden ? 0 : opfsRefuses(name));
}
