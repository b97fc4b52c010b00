import { describe, expect, test } from "vitest";
import { FATTR_MODE } from "../fuse/fuse.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { openRecords } from "./open-records.js";
import { ROOT_RECORD } from "./records.js";
import { ShareFileSystem } from "./share-file-system.js";
import type { Outside } from "./testing/conformance.js";
import { Guest } from "./testing/guest.js";
import { outsideOf } from "./testing/memory-outside.js";
import { stillTimers } from "./testing/still-timers.js";

/** A folder that others change while no machine has it: what `first` did in the guest is looked at again after `outside`. */
async function visits(first: (guest: Guest) => Promise<void>, outside: (folder: Outside) => void) {
  let clock = 1_750_000_000_000;
  const now = (): number => (clock += 2000);
  const store = new MemoryStore({}, { exclusive: false, now });
  Object.assign(store, { parking: undefined });
  const log = new MemoryRecordLog();
  const visit = async () => {
    const records = await openRecords(log, store);
    const fileSystem = new ShareFileSystem(store, { now, records });
    return { records, fileSystem, guest: await Guest.mount(fileSystem, stillTimers) };
  };
  const before = await visit();
  await first(before.guest);
  await before.fileSystem[Symbol.asyncDispose]();
  outside(outsideOf(store));
  return visit();
}

async function chmod(guest: Guest, path: string, mode: number): Promise<void> {
  await guest.kernel.setattr(await guest.node(path), FATTR_MODE, { mode });
}

describe("between two visits", () => {
  test("a file that was replaced keeps its mode, and has its new size and time", async () => {
    const { guest } = await visits(
      async (guest) => {
        await guest.put("file", "old");
        await chmod(guest, "file", 0o755);
      },
      (folder) => void folder.write("file", "much newer"),
    );
    const { mode, size, mtime } = await guest.stat("file");
    expect([mode, size]).toEqual([0o100755, 10]);
    expect(mtime).toBeGreaterThan(1_750_000_000);
  });

  test("what was removed has no record any more, and what takes its name has none of it", async () => {
    const { guest, records } = await visits(
      async (guest) => {
        await guest.put("file", "x");
        await chmod(guest, "file", 0o700);
        await guest.mkdir("d");
        await guest.symlink("d/link", "target");
        await guest.symlink("taken", "target");
      },
      (folder) => {
        void folder.remove("file");
        void folder.remove("d");
        void folder.write("taken", "a file");
      },
    );
    expect(await guest.list("")).toEqual(["taken"]);
    expect((await guest.stat("taken")).mode).toBe(0o100644);
    expect([...records.in(ROOT_RECORD).keys()].filter((name) => name !== "taken")).toEqual([]);
  });

  test.each([
    ["main", "d/link"],
    ["d/main", "link"],
    ["d/main", "e/link"],
  ])("when %s is removed, its other name %s goes too", async (main, link) => {
    const { guest } = await visits(
      async (guest) => {
        await guest.mkdir("d");
        await guest.mkdir("e");
        await guest.put(main, "content");
        await guest.link(main, link);
      },
      (folder) => void folder.remove(main),
    );
    expect(await guest.exists(link)).toBe(false);
    expect(await guest.exists(main)).toBe(false);
    expect(await guest.tree()).toEqual({ d: {}, e: {} });
  });

  test("when the main name is a new file, both names are that file", async () => {
    const { guest } = await visits(
      async (guest) => {
        await guest.mkdir("d");
        await guest.put("d/main", "content");
        await guest.link("d/main", "link");
      },
      (folder) => void folder.write("d/main", "replaced"),
    );
    expect(await guest.text("link")).toBe("replaced");
    expect((await guest.stat("d/main")).nlink).toBe(2);
  });

  test("a directory that became a file takes its links along", async () => {
    const { guest } = await visits(
      async (guest) => {
        await guest.mkdir("d");
        await guest.put("d/main", "content");
        await guest.link("d/main", "link");
        await guest.symlink("d/soft", "x");
      },
      (folder) => {
        void folder.remove("d/main");
        void folder.remove("d");
        void folder.write("d", "a file");
      },
    );
    expect(await guest.exists("link")).toBe(false);
    expect(await guest.tree()).toEqual({ d: "a file" });
  });
});
