import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { O_CREAT, O_RDWR } from "../posix/open-flags.js";
import type { Store } from "../storage/store.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { Records } from "./records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

/** The number is 20,000: `LEAK_FILES=20000 npx vitest run src/fs/leaks.test.ts`. */
const FILES = Number(process.env["LEAK_FILES"] ?? 2000);
const ROUNDS = 10;
/** From here on everything that is allocated once is there, and the compiler has settled. */
const SETTLED = 2;
const FILES_IN_DIRECTORY = 100;
/** What the compiler and the test runner take meanwhile is half a megabyte in all; a node takes 500 bytes, an entry of a map 100. */
const BYTES_PER_FILE = 64;

const stores: Record<string, () => Store> = {
  "a memory store": () => new MemoryStore(),
  "a memory store that others change": () => new MemoryStore({}, { exclusive: false }),
  "a store that takes time": () => new SlowStore(new MemoryStore(), { random: new Random(1) }),
};

test.each(Object.entries(stores))(
  "trees that were made, used, removed and forgotten leave nothing: %s",
  async (_name, makeStore) => {
    const store = makeStore();
    const records = await Records.open(new MemoryRecordLog());
    const share = new CountedShare(store, { records });
    const guest = await Guest.mount(share, stillTimers);
    const space = await store.space();
    const heap: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await useTree(guest);
      await guest.kernel.syncfs(ROOT_NODE_ID);
      // The root, and its own record.
      expect([share.nodesKnown, records.size, share.unsavedFiles()]).toEqual([1, 1, 0]);
      expect([await store.root.list(), await store.parking?.list(), await store.space()]).toEqual([[], [], space]);
      heap.push(await usedHeap());
    }
    expect(guest.bugs).toEqual([]);
    const [before, after] = [heap[SETTLED - 1]!, heap[ROUNDS - 1]!];
    expect(after / before).toBeLessThan(1.1);
    expect((after - before) / (FILES * (ROUNDS - SETTLED))).toBeLessThan(BYTES_PER_FILE);
  },
  600_000,
);

/** Unpacks a tree, uses it as programs do, removes it and forgets it. */
async function useTree(guest: Guest): Promise<void> {
  const { kernel } = guest;
  const top = await guest.mkdir("tree");
  for (let first = 0; first < FILES; first += FILES_IN_DIRECTORY) {
    const directory = (await kernel.mkdir(top, `d${first}`)).nodeid;
    for (let i = first; i < first + FILES_IN_DIRECTORY; i++) await makeFile(guest, directory, i);
    await kernel.symlink(directory, "symlink", "f0");
    await kernel.rename(top, `d${first}`, top, `e${first}`);
  }
  const directories = await guest.listPlus("tree");
  for (const { name, entry } of directories) {
    for (const below of await guest.listPlus(`tree/${name}`)) await kernel.unlink(entry.nodeid, below.name);
    await kernel.rmdir(top, name);
  }
  await guest.rmdir("tree");
  for (const node of kernel.lookups.keys()) kernel.forget(node);
}

async function makeFile(guest: Guest, directory: number, i: number): Promise<void> {
  const { kernel } = guest;
  const { entry, open } = await kernel.create(directory, `f${i}`, O_RDWR | O_CREAT);
  const file = { node: entry.nodeid, fh: open.fh };
  await guest.write(file, 0, `content of ${i}`);
  await guest.close(file);
  if (i % 10 === 0) await kernel.setxattr(file.node, "user.number", new Uint8Array(100));
  if (i % 10 === 1) await kernel.link(file.node, directory, `link-${i}`);
  if (i % 10 === 2) await kernel.rename(directory, `f${i}`, directory, `f${i - 1}`);
  if (i % 10 === 3) {
    const temporary = await kernel.tmpfile(directory, O_RDWR);
    await guest.close({ node: temporary.entry.nodeid, fh: temporary.open.fh });
  }
  if (i % 10 === 4) {
    const opened = await guest.openNode(file.node);
    await kernel.unlink(directory, `f${i}`);
    await guest.write(opened, 0, "of a file without a name");
    await guest.close(opened);
  }
}

class CountedShare extends ShareFileSystem {
  /** Of those that the guest may name. */
  get nodesKnown(): number {
    return this.nodes.size;
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function usedHeap(): Promise<number> {
  // A WeakRef that was looked at keeps its target until the turn ends.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
