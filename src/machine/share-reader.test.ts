import { expect, test } from "vitest";
import { ROOT_NODE_ID } from "../fs/file-system.js";
import { ShareFileSystem } from "../fs/share-file-system.js";
import { Guest } from "../fs/testing/guest.js";
import { Random } from "../fs/testing/random.js";
import { SlowStore } from "../fs/testing/slow-store.js";
import { stillTimers } from "../fs/testing/still-timers.js";
import { Errno } from "../posix/errno.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { ShareReader } from "./share-reader.js";

const TREE = { "a.txt": "content of a", empty: "", d: { e: { deep: "deep" }, none: {} } };
const stores: Record<string, () => Store> = {
  "a store that answers at once": () => new MemoryStore(TREE),
  "a store that others change": () => new MemoryStore(TREE, { exclusive: false }),
  "a store that takes time": () => new SlowStore(new MemoryStore(TREE), { random: new Random(1) }),
};

class CountedShare extends ShareFileSystem {
  /** Of those that anybody has looked up: the root alone, when all is forgotten. */
  get nodesKnown(): number {
    return this.nodes.size;
  }
}

for (const [name, store] of Object.entries(stores)) {
  test(`${name}: lists and reads as the guest sees it, and forgets every node`, async () => {
    const share = new CountedShare(store());
    const guest = await Guest.mount(share, stillTimers);
    await guest.put("new", "not in the store yet");
    await guest.symlink("link", "d/e");
    const reader = new ShareReader(share);
    const known = share.nodesKnown;

    const entries = await reader.list("");
    expect(Object.fromEntries(entries.map(({ name, kind, size, target }) => [name, [kind, size, target]]))).toEqual({
      "a.txt": ["file", 12, undefined],
      d: ["directory", 0, undefined],
      empty: ["file", 0, undefined],
      link: ["symlink", 0, "d/e"],
      new: ["file", 20, undefined],
    });
    expect((await reader.list("/d/e/")).map((entry) => entry.name)).toEqual(["deep"]);
    expect(await reader.list("d/none")).toEqual([]);
    expect(await text(reader, "a.txt")).toBe("content of a");
    expect(await text(reader, "d/e/deep")).toBe("deep");
    expect(await text(reader, "new")).toBe("not in the store yet");
    expect(await text(reader, "empty")).toBe("");
    expect(share.nodesKnown).toBe(known);

    for (const [path, errno] of [
      ["nothing", Errno.ENOENT],
      ["a.txt/b", Errno.ENOTDIR],
      ["d", Errno.EISDIR],
      ["link", Errno.EINVAL],
      ["link/deep", Errno.ENOTDIR],
    ] as const) {
      await expect(reader.open(path), path).rejects.toMatchObject({ errno });
    }
    await expect(reader.list("a.txt")).rejects.toMatchObject({ errno: Errno.ENOTDIR });
    expect(share.nodesKnown).toBe(known);
    for (const node of guest.kernel.lookups.keys()) if (node !== ROOT_NODE_ID) guest.kernel.forget(node);
    expect(share.nodesKnown).toBe(1);
  });
}

test("a file that the guest removes is read to its end", async () => {
  const share = new CountedShare(new MemoryStore(TREE));
  const guest = await Guest.mount(share, stillTimers);
  const reader = new ShareReader(share);
  const { handle, size } = await reader.open("a.txt");
  await guest.unlink("a.txt");
  for (const node of guest.kernel.lookups.keys()) if (node !== ROOT_NODE_ID) guest.kernel.forget(node);
  expect(decode(await reader.read(handle, 0, size))).toBe("content of a");
  reader.close(handle);
  expect(share.nodesKnown).toBe(1);
});

test("a file that is changed meanwhile is not given as a mixture", async () => {
  const share = new CountedShare(new MemoryStore(TREE));
  const guest = await Guest.mount(share, stillTimers);
  const reader = new ShareReader(share);
  const { handle } = await reader.open("a.txt");
  expect(decode(await reader.read(handle, 0, 4))).toBe("cont");
  await guest.write(await guest.open("a.txt"), 0, "CONT");
  await expect(reader.read(handle, 4, 8)).rejects.toMatchObject({ errno: Errno.EBUSY });
  reader.close(handle);
});

test("lookups that a new mount made void are not taken back from it", async () => {
  const share = new CountedShare(new MemoryStore(TREE));
  await Guest.mount(share, stillTimers);
  const reader = new ShareReader(share);
  const { handle } = await reader.open("a.txt");
  const guest = await Guest.mount(share, stillTimers);
  await guest.lookup(ROOT_NODE_ID, "a.txt");
  await expect(reader.read(handle, 0, 4)).rejects.toMatchObject({ errno: Errno.ESTALE });
  reader.close(handle);
  expect(share.nodesKnown).toBe(2);
});

test("says which files the store does not have yet", async () => {
  const slow = new SlowStore(new MemoryStore({ d: {} }), { random: new Random(1) });
  const share = new CountedShare(slow);
  const guest = await Guest.mount(share, stillTimers);
  await guest.put("d/one", "123");
  await guest.put("two", "12345");
  const unsaved = share.unsaved();
  await guest.kernel.syncfs(ROOT_NODE_ID);
  expect(unsaved).toEqual([
    { path: "d/one", bytes: 3 },
    { path: "two", bytes: 5 },
  ]);
  expect(share.unsaved()).toEqual([]);
});

async function text(reader: ShareReader, path: string): Promise<string> {
  const { handle, size } = await reader.open(path);
  const bytes = await reader.read(handle, 0, size);
  reader.close(handle);
  return decode(bytes);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
