import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { openRecords } from "./open-records.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { ResumableShare } from "./resumable-share.js";

const ROOT_CALLER = { uid: 0, gid: 0, pid: 1 };
const tree = { a: { b: { file: "content" } }, other: "other" };

/** The file system of the next visit, over the same store. */
async function again(store: MemoryStore, log: MemoryRecordLog): Promise<ResumableShare> {
  return new ResumableShare(store, { records: await openRecords(log, store) });
}

/** A guest that has looked up every name, and the state that it is suspended with. */
async function suspended(store: MemoryStore, log: MemoryRecordLog) {
  const fs = await again(store, log);
  fs.init();
  const a = await fs.lookup(ROOT_NODE_ID, "a");
  const b = await fs.lookup(a.node, "b");
  const file = await fs.lookup(b.node, "file");
  const other = await fs.lookup(ROOT_NODE_ID, "other");
  await fs.lookup(ROOT_NODE_ID, "other");
  const link = await fs.symlink(b.node, "link", new TextEncoder().encode("file"), ROOT_CALLER);
  await fs.setattr(file.node, { mode: 0o600 });
  const state = JSON.parse(JSON.stringify(await fs.suspend())) as unknown;
  await fs[Symbol.asyncDispose]();
  return { state, a: a.node, b: b.node, file: file.node, other: other.node, link: link.node };
}

const bytes = async (fs: ResumableShare, node: number): Promise<string> => {
  const into = new Uint8Array(100);
  const got = await fs.read(node, 0, 0, [into]);
  return new TextDecoder().decode(typeof got === "number" ? into.subarray(0, got) : got);
};
const stale = expect.objectContaining({ message: expect.stringContaining("ESTALE") });

test("every number is good again, with its lookups and attributes, and no new node gets one of them", async () => {
  const [store, log] = [new MemoryStore(tree), new MemoryRecordLog()];
  const known = await suspended(store, log);
  const fs = await again(store, log);
  expect(await fs.resume(known.state)).toEqual([]);
  expect(await bytes(fs, known.file)).toBe("content");
  expect((await fs.getattr(known.file)).mode & 0o777).toBe(0o600);
  expect(new TextDecoder().decode(fs.readlink(known.link))).toBe("file");
  expect((await fs.lookup(known.a, "b")).node).toBe(known.b);
  const made = await fs.mkdir(ROOT_NODE_ID, "new", 0o755, ROOT_CALLER);
  expect(Object.values(known)).not.toContain(made.node);
  fs.forget(known.other, 1);
  expect((await fs.getattr(known.other)).size).toBe(5);
  fs.forget(known.other, 1);
  expect(() => fs.getattr(known.other)).toThrow(stale);
});

test("what is another file, or is gone, is stale; its name leads to what is there now", async () => {
  const [store, log] = [new MemoryStore(tree), new MemoryRecordLog()];
  const known = await suspended(store, log);
  const between = await again(store, log);
  between.init();
  const other = await between.lookup(ROOT_NODE_ID, "other");
  await between.write(other.node, 0, 0, [new TextEncoder().encode("longer than before")], 0, 0);
  const a = await between.lookup(ROOT_NODE_ID, "a");
  const b = await between.lookup(a.node, "b");
  await between.unlink(b.node, "file");
  await between[Symbol.asyncDispose]();

  const fs = await again(store, log);
  // The names in b changed, of which the guest knows: it might put its own over others.
  expect((await fs.resume(known.state)).toSorted()).toEqual(["a/b", "a/b/file", "other"]);
  for (const node of [known.file, known.other, known.b]) expect(() => fs.getattr(node)).toThrow(stale);
  expect(() => fs.write(known.other, 0, 5, [new Uint8Array(3)], 0, 0)).toThrow(stale);
  const now = await fs.lookup(ROOT_NODE_ID, "other");
  expect(now.node).not.toBe(known.other);
  expect(await bytes(fs, now.node)).toBe("longer than before");
  expect((await fs.lookup(known.a, "b")).node).not.toBe(known.b);
});

test("where the names in the root are others, everything is", async () => {
  const [store, log] = [new MemoryStore(tree), new MemoryRecordLog()];
  const known = await suspended(store, log);
  store.root.createFile("new");
  const fs = await again(store, log);
  expect(await fs.resume(known.state)).toEqual([""]);
  expect(() => fs.getattr(known.file)).toThrow(stale);
});

test("a file system goes back to a state of its own", async () => {
  const [store, log] = [new MemoryStore(tree), new MemoryRecordLog()];
  const fs = await again(store, log);
  fs.init();
  const other = await fs.lookup(ROOT_NODE_ID, "other");
  const state = await fs.suspend();
  const a = await fs.lookup(ROOT_NODE_ID, "a");
  expect(await fs.resume(state)).toEqual([]);
  expect(await bytes(fs, other.node)).toBe("other");
  expect(() => fs.getattr(a.node)).toThrow(stale);
  expect((await fs.lookup(ROOT_NODE_ID, "a")).node).not.toBe(a.node);
});

test("where others change the store, too, a path is enough, and open files stay open", async () => {
  const store = new MemoryStore(tree, { exclusive: false });
  const before = new ResumableShare(store);
  before.init();
  const other = await before.lookup(ROOT_NODE_ID, "other");
  const { fh } = await before.open!(other.node, 2);
  const state = await before.suspend();
  await before[Symbol.asyncDispose]();
  store.root.createFile("new");
  const fs = new ResumableShare(store);
  expect(await fs.resume(state)).toEqual([]);
  await fs.write(other.node, fh, 5, [new TextEncoder().encode("!")], 0, 0);
  expect(await bytes(fs, other.node)).toBe("other!");
  fs.release(other.node, fh);
  expect((await fs.open!(other.node, 0)).fh).not.toBe(fh);
});
