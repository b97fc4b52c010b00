import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore, type MemoryTree } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { contentOf, names } from "../storage/testing/store-case.js";
import { openRecords } from "./open-records.js";
import { type NodeRecord, Records, ROOT_RECORD } from "./records.js";

/** A tab was killed after it had said that it renames "a" to "b", and `tree` is what the next visit finds. */
async function afterRename(tree: MemoryTree, record: NodeRecord, exclusive: boolean) {
  const log = new MemoryRecordLog();
  const before = await Records.open(log);
  before.set(ROOT_RECORD, "a", record);
  before.begin([
    [
      [ROOT_RECORD, "a"],
      [ROOT_RECORD, "b"],
    ],
  ]);
  const told: string[] = [];
  const store: Store = new MemoryStore(tree, { exclusive });
  // What others change too, a picked folder, has no parking directory.
  if (!exclusive) Object.assign(store, { parking: undefined });
  const records = await openRecords(log, store, (problem) => told.push(problem));
  return { root: store.root, records, told };
}

const SCRIPT: NodeRecord = { mode: 0o100755 };
const LINK: NodeRecord = { mode: 0o120777, rdev: 0, target: "t" };

test("a rename that was cut off is ended, also without a parking directory", async () => {
  for (const exclusive of [true, false]) {
    const { root, records, told } = await afterRename({ a: "1", c: "2" }, SCRIPT, exclusive);
    expect(await names(root)).toEqual(["b", "c"]);
    expect(records.get(ROOT_RECORD, "b")).toEqual(SCRIPT);
    expect(records.intents).toEqual([]);
    expect(told).toEqual([]);
  }
});

test("the rest of a directory follows what is there already", async () => {
  const { root, told } = await afterRename({ a: { x: "1", d: { y: "2" } }, b: { z: "3", d: {} } }, { id: 1 }, false);
  expect(await names(root)).toEqual(["b"]);
  const b = await root.get("b");
  expect(b?.kind === "directory" && (await names(b.directory))).toEqual(["d", "x", "z"]);
  expect(told).toEqual([]);
});

test("in a folder that others change, nothing is replaced that may be theirs", async () => {
  for (const [tree, record] of [
    [{ a: "made anew", b: "renamed" }, SCRIPT],
    [{ b: "the visitor's" }, LINK],
    [{ a: { x: "1", same: "2" }, b: { same: "3" } }, { id: 1 }],
  ] as const) {
    const { root, records, told } = await afterRename(tree, record, false);
    expect(await names(root)).toEqual(Object.keys(tree));
    expect(records.get(ROOT_RECORD, "a")).toEqual(record);
    expect(records.intents).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^A rename of a that was cut off could not be ended: .* is there/)]);
  }
  const { root } = await afterRename({ a: "made anew", b: "renamed" }, SCRIPT, false);
  expect(await contentOf(root, "b")).toBe("renamed");
});

test("in a directory of ours alone, what was renamed over is replaced", async () => {
  const { root } = await afterRename({ a: "new", b: "old" }, SCRIPT, true);
  expect(await names(root)).toEqual(["b"]);
  expect(await contentOf(root, "b")).toBe("new");
});
