import { describe, expect, test } from "vitest";
import { FATTR_MODE } from "../fuse/fuse.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { addName, changeName, dropName, linksOf } from "./links.js";
import type { DirectoryNode, FsNode, Place } from "./node.js";
import { openRecords } from "./open-records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const FEW = 100;
const MANY = 8 * FEW;

/** How many steps iterators of arrays take meanwhile: a copy takes one for each element. */
async function steps(of: () => Promise<void>): Promise<number> {
  const iterator = Object.getPrototypeOf([].values()) as IterableIterator<unknown>;
  const next = iterator.next;
  let count = 0;
  iterator.next = function (this: IterableIterator<unknown>) {
    count++;
    return next.call(this);
  };
  try {
    await of();
  } finally {
    iterator.next = next;
  }
  return count;
}

/** A file of so many names, at two visits: what giving them, finding them again and taking them cost for each. */
async function perName(length: number): Promise<number[]> {
  const store = new MemoryStore();
  const log = new MemoryRecordLog();
  const names = Array.from({ length }, (_, index) => `name ${index}`);
  const visit = async (act: (guest: Guest) => Promise<void>) => {
    const records = await openRecords(log, store);
    const fileSystem = new ShareFileSystem(store, { records });
    await act(await Guest.mount(fileSystem, stillTimers));
    await fileSystem[Symbol.asyncDispose]();
  };
  const counts: number[] = [];
  const count = async (act: () => Promise<void>) => void counts.push((await steps(act)) / length);
  await count(() =>
    visit(async (guest) => {
      await guest.put("file", "content");
      for (const name of names) await guest.link("file", name);
    }),
  );
  await count(() =>
    visit(async (guest) => {
      expect((await guest.list("")).length).toBe(length + 1);
      expect((await guest.stat(names.at(-1)!)).nlink).toBe(length + 1);
    }),
  );
  await count(() =>
    visit(async (guest) => {
      for (const name of names) await guest.unlink(name);
      expect((await guest.stat("file")).nlink).toBe(1);
    }),
  );
  return counts;
}

test("a name that the store could not take at first is there at the next visit, whatever succeeded meanwhile", async () => {
  const memory = new MemoryStore();
  let failing = false;
  const before = ({ operation }: { operation: string }): void => {
    if (failing && operation === "rename") throw new FsError(Errno.EIO);
  };
  const store = new SlowStore(memory, { random: new Random(1), slowContent: false, before });
  const log = new MemoryRecordLog();
  const fileSystem = new ShareFileSystem(store, { records: await openRecords(log, store) });
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.put("file", "content");
  await guest.put("in the way", "another");
  await guest.kernel.syncfs(ROOT_NODE_ID);
  failing = true;
  await guest.rename("in the way", "elsewhere");
  await guest.link("file", "in the way");
  await guest.kernel.setattr(await guest.node("file"), FATTR_MODE, { mode: 0o640 });
  await expect(guest.kernel.syncfs(ROOT_NODE_ID)).rejects.toThrow();
  failing = false;
  await fileSystem.save();
  await fileSystem[Symbol.asyncDispose]();
  const again = await Guest.mount(
    new ShareFileSystem(memory, { records: await openRecords(log, memory) }),
    stillTimers,
  );
  expect((await again.list("")).toSorted()).toEqual(["elsewhere", "file", "in the way"]);
  expect([await again.text("in the way"), await again.text("elsewhere")]).toEqual(["content", "another"]);
  expect((await again.stat("file")).nlink).toBe(2);
});

describe("a file of many names", () => {
  test("each name costs as much as that of a file of few: given, found again, taken", async () => {
    const few = await perName(FEW);
    const many = await perName(MANY);
    for (const [phase, count] of many.entries()) expect(count).toBeLessThan(1.5 * few[phase]!);
  });

  test("each name that is given, changed or taken is looked at a few times", () => {
    let looks = 0;
    const parents = [{ ino: 1 }, { ino: 2 }] as DirectoryNode[];
    const places = Array.from({ length: 1000 }, (_, index): Place => {
      const parent = parents[index % 2]!;
      return {
        get parent() {
          looks++;
          return parent;
        },
        name: `${index >> 1}`,
      };
    });
    const main = { parent: parents[0]!, name: "main" };
    const other = { parent: parents[1]!, name: "other" };
    const node = { ...main, links: undefined } as FsNode;
    for (const place of places) addName(node, place);
    expect(new Set(linksOf(node))).toEqual(new Set(places));
    for (const place of places) {
      expect(changeName(node, place, other)).toBe(false);
      changeName(node, other, place);
    }
    expect(new Set(linksOf(node))).toEqual(new Set(places));
    expect(dropName(node, main).kind).toBe("main");
    for (const place of places) dropName(node, place);
    expect([...linksOf(node)]).toEqual([]);
    expect(looks).toBeLessThan(40 * places.length);
  });
});
