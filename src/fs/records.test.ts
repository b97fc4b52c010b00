import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { type NodeRecord, Records, ROOT_RECORD } from "./records.js";

function open(log: MemoryRecordLog): Records {
  return Records.open(log) as Records;
}

function all(records: Records, directory = ROOT_RECORD): Record<string, NodeRecord> {
  return Object.fromEntries(records.in(directory));
}

test("what was set, moved and removed is there when the log is read again", () => {
  const log = new MemoryRecordLog();
  const records = open(log);
  records.set(ROOT_RECORD, "a", { mode: 0o100755 });
  records.set(ROOT_RECORD, "b\udcff", { uid: 7 });
  records.set(ROOT_RECORD, "gone", { gid: 8 });
  records.delete(ROOT_RECORD, "gone");
  records.move([ROOT_RECORD, "a"], [ROOT_RECORD, "c"]);
  records.root = { mode: 0o040700 };
  const again = open(log);
  expect(all(again)).toEqual({ "b\udcff": { uid: 7 }, c: { mode: 0o100755 } });
  expect(again.root).toEqual({ mode: 0o040700 });
  expect(again.size).toBe(3);
});

test("renaming a directory writes one line, whatever it holds", () => {
  const log = new MemoryRecordLog();
  const records = open(log);
  const id = records.newId();
  records.set(ROOT_RECORD, "d", { id });
  for (let i = 0; i < 500; i++) records.set(id, `f${i}`, { uid: i });
  const before = log.read().length;
  records.move([ROOT_RECORD, "d"], [ROOT_RECORD, "e"]);
  expect(log.read().length - before).toBeLessThan(48);
  expect(open(log).get(id, "f7")).toEqual({ uid: 7 });
  records.delete(ROOT_RECORD, "e");
  expect(open(log).size).toBe(0);
  expect(open(log).newId()).toBe(id + 1);
});

test("a torn or broken end is cut off, and what is written then is read", () => {
  for (const damage of [1, 5, 12]) {
    const log = new MemoryRecordLog();
    const records = open(log);
    records.set(ROOT_RECORD, "a", { uid: 1 });
    const good = log.read().length;
    records.set(ROOT_RECORD, "b", { uid: 2 });
    log.replace(log.read().subarray(0, good + damage));
    const again = open(log);
    expect(all(again)).toEqual({ a: { uid: 1 } });
    again.set(ROOT_RECORD, "c", { uid: 3 });
    expect(again.flush()).toBeUndefined();
    expect(all(open(log))).toEqual({ a: { uid: 1 }, c: { uid: 3 } });
  }
});

test("the log does not grow without end", () => {
  const log = new MemoryRecordLog();
  const records = open(log);
  for (let i = 0; i < 20_000; i++) {
    records.set(ROOT_RECORD, "a", { uid: i });
    void records.flush();
  }
  expect(log.read().length).toBeLessThan(100_000);
  expect(all(open(log))).toEqual({ a: { uid: 19_999 } });
});

test("a log that fails is written anew at the next flush", () => {
  const log = new MemoryRecordLog();
  const records = open(log);
  const write = log.write.bind(log);
  log.write = () => {
    throw new Error("full");
  };
  records.set(ROOT_RECORD, "a", { uid: 1 });
  log.write = write;
  records.set(ROOT_RECORD, "b", { uid: 2 });
  void records.flush();
  expect(all(open(log))).toEqual({ a: { uid: 1 }, b: { uid: 2 } });
});
