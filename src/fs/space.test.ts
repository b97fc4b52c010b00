import { expect, test } from "vitest";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from "../posix/fallocate-flags.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { Store } from "../storage/store.js";
import { Records } from "./records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const MEBIBYTE = 2 ** 20;
const FAR = 2 ** 34;

const stores: Record<string, () => Store> = {
  "a memory store": () => new MemoryStore(),
  "a memory store that others change": () => new MemoryStore({}, { exclusive: false }),
  "a store that takes time": () => new SlowStore(new MemoryStore(), { random: new Random(1) }),
};

/** What is left of a file when the guest has removed its names, closed it and forgotten it. */
const lives: Record<string, (guest: Guest) => Promise<void>> = {
  "a file is removed": async (guest) => {
    await guest.put("file", new Uint8Array(MEBIBYTE));
    await guest.unlink("file");
  },
  "a sparse file is removed": async (guest) => {
    const file = await guest.create("file");
    await guest.write(file, FAR, new Uint8Array(MEBIBYTE));
    await guest.close(file);
    await guest.unlink("file");
  },
  "a file that is open is removed, and written once more": async (guest) => {
    const file = await guest.create("file");
    await guest.write(file, 0, new Uint8Array(MEBIBYTE));
    await guest.kernel.syncfs(1);
    await guest.unlink("file");
    await guest.write(file, MEBIBYTE, new Uint8Array(MEBIBYTE));
    await guest.close(file);
  },
  "a file never had a name": async (guest) => {
    const file = await guest.temporary("");
    await guest.write(file, 0, new Uint8Array(MEBIBYTE));
    await guest.kernel.syncfs(1);
    await guest.write(file, MEBIBYTE, new Uint8Array(MEBIBYTE));
    await guest.close(file);
  },
  "both names of a file are removed": async (guest) => {
    await guest.put("file", new Uint8Array(MEBIBYTE));
    await guest.link("file", "link");
    await guest.kernel.syncfs(1);
    await guest.unlink("file");
    await guest.kernel.syncfs(1);
    await guest.unlink("link");
  },
  "a file with extended attributes is removed": async (guest) => {
    await guest.put("file", "");
    await guest.kernel.setxattr(await guest.node("file"), "user.large", new Uint8Array(60_000));
    await guest.kernel.syncfs(1);
    await guest.unlink("file");
  },
  "a file is replaced, and its successor removed": async (guest) => {
    await guest.put("file", new Uint8Array(MEBIBYTE));
    await guest.put("other", new Uint8Array(MEBIBYTE));
    await guest.rename("other", "file");
    await guest.unlink("file");
  },
  "a file is cut to nothing": async (guest) => {
    await guest.put("file", new Uint8Array(MEBIBYTE));
    await guest.truncate("file", 0);
    await guest.unlink("file");
  },
};

const cases = Object.entries(stores).flatMap(([store, make]) =>
  Object.entries(lives).map(([life, live]) => ({ store, make, life, live })),
);

test.each(cases)("$store has its space back when $life", async ({ make, live }) => {
  const records = await Records.open(new MemoryRecordLog());
  const guest = await Guest.mount(new ShareFileSystem(make(), { records }), stillTimers);
  await guest.put("stays", "x");
  await guest.kernel.syncfs(1);
  const before = { statistics: await guest.kernel.statfs(1), records: records.size };
  await live(guest);
  for (const node of guest.kernel.lookups.keys()) guest.kernel.forget(node);
  await guest.kernel.syncfs(1);
  expect({ statistics: await guest.kernel.statfs(1), records: records.size }).toEqual(before);
  expect(guest.bugs).toEqual([]);
});

test.each(Object.entries(stores))(
  "%s: a sparse file costs what it holds, and a hole gives it back",
  async (_name, make) => {
    const guest = await Guest.mount(new ShareFileSystem(make()), stillTimers);
    const used = async (): Promise<number> => {
      await guest.kernel.syncfs(1);
      const statistics = await guest.kernel.statfs(1);
      return (statistics.blocks - statistics.bfree) * statistics.bsize;
    };
    const file = await guest.create("file");
    await guest.write(file, FAR, new Uint8Array(MEBIBYTE).fill(1));
    expect(await used()).toBe(MEBIBYTE);
    expect((await guest.stat("file")).size).toBe(FAR + MEBIBYTE);
    await guest.kernel.fallocate(file.node, file.fh, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FAR, MEBIBYTE);
    expect(await used()).toBe(0);
    await guest.truncate("file", 0);
    await guest.close(file);
    expect(await used()).toBe(0);
  },
);
