import { type Errno, errnoName } from "../../posix/errno.js";

// Assertions that need no test framework: the conformance suite also runs in a browser's Worker.

/** Throws unless the two are equal: same JSON, or same bytes. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual instanceof Uint8Array && expected instanceof Uint8Array) return equalBytes(actual, expected, what);
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
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

function equalBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} bytes, not ${expected.length}`);
  for (let at = 0; at < actual.length; at++) {
    if (actual[at] !== expected[at]) throw new Error(`${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
  }
}

function cut(text = "undefined"): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
