import { type Errno, errnoName } from "../../posix/errno.js";

// Assertions that need no test framework: the conformance suite also runs in a browser's Worker.

/** Throws unless the two are equal: same JSON, or same bytes. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [show(actual), show(expected)];
  if (a !== b) throw new Error(`${what}: ${cut(a)}, not ${cut(b)}`);
}

export function isTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Throws unless the promise rejects with that errno. */
export async function fails(errno: Errno, promise: Promise<unknown>, what: string): Promise<void> {
  try {
    await promise;
  } catch (error) {
    const actual = (error as { errno?: unknown }).errno;
    if (actual === errno) return;
    throw new Error(`${what}: ${String(error)}, not ${errnoName(errno)}`, { cause: error });
  }
  throw new Error(`${what}: no error, not ${errnoName(errno)}`);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array)
    return `bytes ${value.length} ${Array.from(value.subarray(0, 4096)).join(" ")} ${sum(value)}`;
  return JSON.stringify(value) ?? String(value);
}

function sum(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
