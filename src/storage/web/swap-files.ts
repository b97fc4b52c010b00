/**
 * Chromium writes a file through a swap file beside it (`createWritable`, Chromium 156): NAME.crswap, or NAME.1.crswap and so
 * on where that is taken. It is listed while it is written. The guest's own files of such names are spelled otherwise.
 */
export const SWAP_SUFFIX = ".crswap";

const SWAP_NAME = /^(.+?)(?:\.\d+)?\.crswap$/;

/** The file that `name` may be a swap file of, if one of that name is in `names`. */
export function swapOf(name: string, names: { has(name: string): boolean }): string | undefined {
  if (!name.endsWith(SWAP_SUFFIX)) return undefined;
  const plain = name.slice(0, -SWAP_SUFFIX.length);
  if (names.has(plain)) return plain;
  const original = SWAP_NAME.exec(name)?.[1];
  return original !== undefined && names.has(original) ? original : undefined;
}
