import { beforeEach, describe, expect, test } from "vitest";
import { TimersDouble } from "../fuse/testing/timers-double.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const KIB = 1024;

let timers: TimersDouble;
let calls: string[];
let changed: number;

beforeEach(() => {
  timers = new TimersDouble();
  calls = [];
  changed = 0;
});

/** A share of a store that takes its time and tells what it is asked. */
async function mount(exclusive: boolean) {
  const store = new SlowStore(new MemoryStore({ old: "old" }, { exclusive }), {
    random: new Random(1),
    slowContent: false,
    before: ({ operation, path }) => void calls.push(`${operation} ${path}`),
  });
  const onChange = (): void => void changed++;
  const fileSystem = new ShareFileSystem(store, { timers, waitingBytes: 64 * KIB, onChange });
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.list("");
  calls = [];
  return { guest, fileSystem };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

describe("a store that is ours alone", () => {
  test("is not asked for what is gone by the time it would be", async () => {
    const { guest, fileSystem } = await mount(true);
    for (let i = 0; i < 10; i++) {
      await guest.put(`lock${i}`, "mine");
      guest.kernel.forget(await guest.node(`lock${i}`));
      guest.kernel.forget(await guest.node(`lock${i}`));
      await guest.unlink(`lock${i}`);
    }
    timers.advance(100);
    await turns();
    expect(fileSystem.unsavedFiles()).toBe(0);
    expect(calls.filter((call) => !call.startsWith("stat"))).toEqual([]);
  });

  test("gets a file when the guest is quiet; until then it is unsaved, and read from memory", async () => {
    const { guest, fileSystem } = await mount(true);
    await guest.put("new", "content");
    await turns();
    expect(calls).toEqual([]);
    expect(fileSystem.unsaved()).toEqual([{ path: "new", bytes: 7 }]);
    expect(await guest.text("new")).toBe("content");
    timers.advance(100);
    await turns();
    expect(calls).toContain("createFile new");
    expect(fileSystem.unsaved()).toEqual([]);
  });

  test("gets it at once when the guest has nothing to do", async () => {
    const { guest, fileSystem } = await mount(true);
    await guest.put("new", "content");
    fileSystem.guestIsIdle();
    await turns();
    expect(calls).toContain("createFile new");
    expect(fileSystem.unsavedFiles()).toBe(0);
    expect(timers.waiting).toBe(0);
  });

  test("a file that reached it empty takes its bytes at once all the same", async () => {
    const { guest } = await mount(true);
    const file = await guest.create("new");
    timers.advance(100);
    await turns();
    expect(calls).toContain("createFile new");
    await guest.write(file, 0, "content");
    expect(guest.kernel.answeredAtOnce).toBe(true);
    await guest.kernel.syncfs(ROOT_NODE_ID);
    guest.kernel.forget(file.node);
    expect(await guest.text("new")).toBe("content");
  });

  test("a name that waits is unsaved, and whoever shows that is told", async () => {
    const { guest, fileSystem } = await mount(true);
    await guest.stat("old");
    changed = 0;
    await guest.rename("old", "renamed");
    expect(changed).toBeGreaterThan(0);
    expect(fileSystem.unsavedFiles()).toBe(1);
    expect(fileSystem.unsaved()).toEqual([{ path: "renamed", bytes: 0 }]);
    timers.advance(100);
    await turns();
    expect(fileSystem.unsavedFiles()).toBe(0);
    expect(calls).toContain("rename old");
  });

  test("has everything when fsync of any file ends", async () => {
    const { guest, fileSystem } = await mount(true);
    await guest.mkdir("d");
    await guest.put("d/other", "content");
    await guest.kernel.fsyncdir(await guest.node("d"), 0);
    expect(calls).toContain("createFile d/other");
    expect(fileSystem.unsavedFiles()).toBe(0);
  });

  test("a directory that held a file on its way moves, though the file was removed meanwhile", async () => {
    const { guest } = await mount(true);
    await guest.mkdir("c");
    await guest.put("c/t", "content");
    await guest.rename("c/t", "c/u");
    await guest.rename("c", "d");
    await guest.unlink("d/u");
    await guest.kernel.syncfs(ROOT_NODE_ID);
    expect(calls).toContain("rename c");
    expect(await guest.tree()).toEqual({ old: expect.anything() as unknown, d: {} });
  });

  test("gets what waits when half of the memory for it is used", async () => {
    const { guest } = await mount(true);
    await guest.put("a", "a".repeat(30 * KIB));
    await turns();
    expect(calls).toEqual([]);
    await guest.put("b", "b".repeat(30 * KIB));
    await turns();
    expect(calls).toContain("createFile a");
    expect(calls).toContain("createFile b");
  });
});

test("a store that others change too gets everything at once", async () => {
  const { guest, fileSystem } = await mount(false);
  await guest.put("new", "content");
  await turns();
  expect(calls).toContain("createFile new");
  expect(fileSystem.unsavedFiles()).toBe(0);
  expect(timers.waiting).toBe(0);
});
