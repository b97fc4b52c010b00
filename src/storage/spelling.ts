import { decodeName, encodeName, isEncodable } from "../posix/name.js";

/**
 * Names that a store refuses, spelled so that it takes them. A Linux name is bytes; each byte b that cannot stand as it is
 * becomes the character U+F000 + b, in the private use area of Unicode. Cygwin and WSL (DrvFs) spell so on Windows:
 *
 *     a:b           a U+F03A b
 *     "end."        end U+F02E
 *     a, 0xFF       a U+F0FF               a byte that is no UTF-8
 *     U+200D        U+F0E2 U+F080 U+F08D   each byte of a character
 *     U+F03A        U+F0EF U+F080 U+F0BA   a character of the guest's that would be read as a spelled byte
 *
 * U+F000 and U+F02F stand for themselves: NUL and "/" are in no name.
 */

const SPELLED_BYTE = /[\uf001-\uf02e\uf030-\uf0ff]/;
const SPELLED_BYTES = /[\uf001-\uf02e\uf030-\uf0ff]/g;
const NO_TEXT = /[\uf001-\uf02e\uf030-\uf0ff]|\p{Surrogate}/gu;
const FIRST = 0xf000;

/** Where in a name the first character is that a store does not take there, -1 for a name that it takes. Takes every spelled byte. */
export type Refusal = (name: string) => number;

/** The store's name for the guest's. No two names have the same. */
export function spell(name: string, refused: Refusal): string {
  return withoutRefused(name.replace(NO_TEXT, spellCharacter), refused);
}

/**
 * The spellings of a name, each to be tried where another entry answers to the one before: on a file system that takes two
 * names for one. The first is that of {@link spell}; no name shares its last with another, in whatever case.
 */
export function* spellings(name: string, refused: Refusal): Generator<string, void> {
  let spelled = spell(name, refused);
  yield spelled;
  for (let at = 0; at < spelled.length; at++) {
    // A dot stays: it hides a file, and it begins what says a file's kind.
    if (spelled[at] === "." || SPELLED_BYTE.test(spelled[at]!)) continue;
    spelled = withoutRefused(spellAt(spelled, at), refused);
    yield spelled;
  }
}

/** The guest's name for the store's, of whatever spelling. */
export function unspell(stored: string): string {
  if (!SPELLED_BYTE.test(stored) || !isEncodable(stored)) return stored;
  const name = decodeName(encodeName(stored.replace(SPELLED_BYTES, byteOf)));
  return name === "." || name === ".." ? stored : name;
}

/** The guest's path ("a/b") for the store's. */
export function unspellPath(path: string): string {
  return path.split("/").map(unspell).join("/");
}

/**
 * What the guest calls each entry of a directory, by the store's name. Of entries that stand for one name, one has it, the
 * one that is not spelled if there is such; the others are shown as the store has them.
 */
export function shownNames(stored: Iterable<string>): Map<string, string> {
  const shown = new Map<string, string>();
  const spelled: string[] = [];
  for (const name of stored) {
    if (SPELLED_BYTE.test(name)) spelled.push(name);
    else shown.set(name, name);
  }
  const taken = new Set(shown.keys());
  const take = (stored: string, name: string): boolean => {
    if (taken.has(name)) return false;
    taken.add(name);
    shown.set(stored, name);
    return true;
  };
  const others = spelled.sort().filter((name) => !take(name, unspell(name)));
  for (const name of others) for (let free = name; !take(name, free); free = spell(free, takesAll));
  return shown;
}

function takesAll(): number {
  return -1;
}

function withoutRefused(name: string, refused: Refusal): string {
  for (let spelled = name; ;) {
    const at = refused(spelled);
    if (at < 0) return spelled;
    spelled = spellAt(spelled, at);
  }
}

function spellAt(name: string, at: number): string {
  const character = String.fromCodePoint(name.codePointAt(at)!);
  return name.slice(0, at) + spellCharacter(character) + name.slice(at + character.length);
}

function spellCharacter(character: string): string {
  return Array.from(encodeName(character), (byte) => String.fromCharCode(FIRST + byte)).join("");
}

/** As `posix/name.ts` has a byte in a string. */
function byteOf(spelled: string): string {
  const byte = spelled.charCodeAt(0) - FIRST;
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
