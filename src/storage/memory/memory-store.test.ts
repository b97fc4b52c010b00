import { expect, test } from "vitest";
import { Errno } from "../../posix/errno.js";
import type { OpenStoreFile, StoreFile } from "../store.js";
import type { MemoryFile } from "./memory-file.js";
import { MemoryStore } from "./memory-store.js";

test("starts with a tree", () => {
  const store = new MemoryStore({ "a.txt": "text", bytes: Uint8Array.of(1, 2, 3), d: { e: {} } });
  expect(store.root.list().map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    "file a.txt",
    "file bytes",
    "directory d",
  ]);
  expect((fileOf(store, "bytes").stat() as { size: number }).size).toBe(3);
});

test("is strict about open files", () => {
  const store = new MemoryStore({ a: "A", b: "B" });
  const open = fileOf(store, "a").open(true) as OpenStoreFile;
  const busy = expect.objectContaining({ errno: Errno.EBUSY });
  expect(() => fileOf(store, "a").open(false)).toThrow(busy);
  expect(() => store.root.remove("a")).toThrow(busy);
  expect(() => store.root.rename("b", store.root, "a")).toThrow(busy);
  store.root.rename("a", store.root, "c");
  void open.detach();
  store.root.remove("c");
  const into = new Uint8Array(1);
  expect(open.read(0, [into])).toBe(1);
  expect(into[0]).toBe(65);
});

test("has a capacity, and nothing is written beyond it", () => {
  const store = new MemoryStore({}, { capacity: 100_000 });
  const open = (store.root.createFile("a") as MemoryFile).open(true);
  open.write(0, [new Uint8Array(65_536)]);
  expect(() => open.write(65_536, [new Uint8Array(65_536)])).toThrow(expect.objectContaining({ errno: Errno.ENOSPC }));
  expect(open.size()).toBe(65_536);
  open.close();
  store.root.remove("a");
  expect(store.space()).toEqual({ total: 100_000, free: 100_000 });
});

test("refuses what a directory must", () => {
  const store = new MemoryStore({ d: { f: "" }, f: "" });
  const errno = (value: number) => expect.objectContaining({ errno: value });
  expect(() => store.root.remove("d")).toThrow(errno(Errno.ENOTEMPTY));
  expect(() => store.root.remove("x")).toThrow(errno(Errno.ENOENT));
  expect(() => store.root.createFile("d")).toThrow(errno(Errno.EISDIR));
  expect(() => store.root.createDirectory("f")).toThrow(errno(Errno.ENOTDIR));
  expect(() => store.root.rename("f", store.root, "d")).toThrow(errno(Errno.EISDIR));
  expect(() => store.root.rename("d", store.root.createDirectory("d"), "x")).toThrow(errno(Errno.EINVAL));
});

function fileOf(store: MemoryStore, name: string): StoreFile {
  const entry = store.root.get(name);
  if (entry?.kind !== "file") throw new Error(`no file ${name}`);
  return entry.file;
}
