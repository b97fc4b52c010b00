import { Errno } from "./errno.js";
import { FsError } from "./fs-error.js";

/**
 * File names as strings. A Linux name is bytes, most often UTF-8. As a string it is the decoded text, and each byte that is
 * part of no valid UTF-8 sequence is the lone surrogate U+DC00 + byte (PEP 383's "surrogateescape"). Every byte string has
 * exactly one such string, and {@link encodeName} gives the same bytes back.
 */

/** NAME_MAX of `linux/limits.h`, in bytes. */
export const NAME_MAX = 255;

const ESCAPE = 0xdc00;
const ASCII_CHUNK = 1024;

/** The string of the name bytes [start, end). */
export function decodeName(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let at = start;
  while (at < end && bytes[at]! < 0x80) at++;
  let text = asciiText(bytes, start, at);
  while (at < end) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) text += String.fromCharCode(ESCAPE + bytes[at]!);
    else text += String.fromCodePoint(codePointAt(bytes, at, length));
    at += length || 1;
  }
  return text;
}

/** The bytes of a name. Throws EILSEQ for a string that stands for no bytes: one with other lone surrogates. */
export function encodeName(name: string): Uint8Array {
  const bytes = new Uint8Array(encodedLength(name));
  encodeInto(name, bytes, 0);
  return bytes;
}

/** Puts the bytes of a name at `at`, where there must be room for {@link encodedLength} of them. */
export function encodeInto(name: string, into: Uint8Array, at: number): void {
  for (let i = 0; i < name.length; i++) {
    const code = name.codePointAt(i)!;
    if (code < 0x80) {
      into[at++] = code;
    } else if (code < 0x800) {
      into[at++] = 0xc0 | (code >> 6);
      into[at++] = 0x80 | (code & 0x3f);
    } else if (isEscape(code)) {
      into[at++] = code - ESCAPE;
    } else if (code < 0x10000) {
      into[at++] = 0xe0 | (code >> 12);
      into[at++] = 0x80 | ((code >> 6) & 0x3f);
      into[at++] = 0x80 | (code & 0x3f);
    } else {
      into[at++] = 0xf0 | (code >> 18);
      into[at++] = 0x80 | ((code >> 12) & 0x3f);
      into[at++] = 0x80 | ((code >> 6) & 0x3f);
      into[at++] = 0x80 | (code & 0x3f);
      i++;
    }
  }
}

/** How many bytes a name has. Throws EILSEQ as {@link encodeName} does. */
export function encodedLength(name: string): number {
  let length = name.length;
  for (let i = 0; i < name.length; i++) {
    const code = name.codePointAt(i)!;
    if (code < 0x80 || isEscape(code)) continue;
    if (code >= 0xd800 && code < 0xe000) throw new FsError(Errno.EILSEQ, "a lone surrogate in a name");
    if (code < 0x800) {
      length += 1;
    } else {
      length += 2;
      if (code >= 0x10000) i++; // two UTF-16 units, four bytes
    }
  }
  return length;
}

/**
 * Throws unless `name` can name an entry of a directory: EINVAL when it is empty, ".", ".." or holds "/" or NUL, ENAMETOOLONG
 * above {@link NAME_MAX} bytes, EILSEQ when it stands for no bytes.
 */
export function checkName(name: string): void {
  if (name === "" || name === "." || name === "..") throw new FsError(Errno.EINVAL, `the name "${name}"`);
  if (name.includes("/") || name.includes("\0")) throw new FsError(Errno.EINVAL, "a slash or NUL in a name");
  if (encodedLength(name) > NAME_MAX) throw new FsError(Errno.ENAMETOOLONG);
}

/** True when the string stands for bytes, so that {@link encodeName} does not throw. */
export function isEncodable(name: string): boolean {
  // With the u flag, only a lone surrogate matches.
  return !/[\ud800-\udc7f\udd00-\udfff]/u.test(name);
}

/** True when every byte of the name belongs to valid UTF-8, so that a store which holds text can hold it. */
export function isText(name: string): boolean {
  return !/\p{Surrogate}/u.test(name);
}

function isEscape(code: number): boolean {
  return code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += ASCII_CHUNK) {
    const chunk = bytes.subarray(at, Math.min(at + ASCII_CHUNK, end));
    text += String.fromCharCode.apply(null, chunk as unknown as number[]);
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF), or 0. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!;
  if (length === 1) return first;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i]! & 0x3f);
  return code;
}
