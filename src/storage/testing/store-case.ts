import type { Errno } from "../../posix/errno.js";
import { errnoName } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, Store, StoreDirectory, StoreEntry, StoreFile } from "../store.js";

/** One thing that every store does: run on a store whose root is empty. Plain data, for Node and for a browser's worker. */
export interface StoreCase {
  readonly name: string;
  run(store: Store): Promise<void>;
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Compares by JSON: for strings, numbers and lists of them. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(a === b, `${what}: ${a}, not ${b}`);
}

export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== expected[i]) equal(actual[i], expected[i], `${what}: byte ${i}`);
  }
}

/** The work fails with that errno. */
export async function fails(errno: Errno, work: () => unknown, what: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert(error instanceof FsError, `${what}: ${String(error)} is no FsError`);
    equal(errnoName(error.errno), errnoName(errno), what);
    return;
  }
  throw new Error(`${what}: no ${errnoName(errno)}`);
}

/** `length` bytes that differ with their place and with `seed`. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export async function readAt(file: OpenStoreFile, offset: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  const result = await file.read(offset, [into]);
  return typeof result === "number" ? into.subarray(0, result) : result;
}

export async function readAll(file: OpenStoreFile): Promise<Uint8Array> {
  return readAt(file, 0, file.size() + 1);
}

export async function put(directory: StoreDirectory, name: string, content: Uint8Array | string): Promise<StoreFile> {
  const file = await directory.createFile(name);
  const open = await file.open(true);
  await open.write(0, [typeof content === "string" ? text(content) : content]);
  await open.close();
  return file;
}

export async function fileIn(directory: StoreDirectory, name: string): Promise<StoreFile> {
  const entry = await directory.get(name);
  assert(entry?.kind === "file", `${name} is ${entry?.kind ?? "missing"}, not a file`);
  return entry.file;
}

export async function directoryIn(directory: StoreDirectory, name: string): Promise<StoreDirectory> {
  const entry = await directory.get(name);
  assert(entry?.kind === "directory", `${name} is ${entry?.kind ?? "missing"}, not a directory`);
  return entry.directory;
}

export async function contentOf(directory: StoreDirectory, name: string): Promise<string> {
  const open = await (await fileIn(directory, name)).open(false);
  const bytes = await readAll(open);
  await open.close();
  return new TextDecoder().decode(bytes);
}

export async function names(directory: StoreDirectory): Promise<string[]> {
  return (await directory.list()).map((entry: StoreEntry) => entry.name).toSorted();
}
