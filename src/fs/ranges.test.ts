import { expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } from "../posix/fallocate-flags.js";
import { FsError } from "../posix/fs-error.js";
import { O_RDONLY } from "../posix/open-flags.js";
import { SEEK_DATA, SEEK_HOLE } from "../posix/seek.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest, type GuestFile } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore, type StoreCall } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
const MEBIBYTE = 2 ** 20;

test("holes are found to the block, in content that waits, is open, and is closed", async () => {
  const { guest, store } = await slowGuest();
  store.hold();
  const file = await guest.create("file");
  await guest.write(file, 10_000, new Uint8Array(10_000));
  await guest.truncate("file", 100_000);
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 12_000, 5000);
  const expectHoles = async (): Promise<void> => {
    const seeks = [
      [0, SEEK_HOLE, 0],
      [0, SEEK_DATA, 8192],
      [8192, SEEK_HOLE, 12_288],
      [12_288, SEEK_DATA, 16_384],
      [16_384, SEEK_HOLE, 20_480],
    ] as const;
    for (const [offset, whence, found] of seeks) {
      expect(await guest.kernel.lseek(file.node, file.fh, offset, whence)).toBe(found);
    }
    const trailing = guest.kernel.lseek(file.node, file.fh, 20_480, SEEK_DATA);
    await expect(trailing).rejects.toMatchObject({ errno: Errno.ENXIO });
  };
  expect((await guest.stat("file")).blocks).toBe(16);
  await expectHoles();
  store.release();
  await guest.kernel.syncfs(1);
  expect((await guest.stat("file")).blocks).toBe(16);
  await expectHoles();
  for (let i = 0; i < 10; i++) await guest.put(`other${i}`, "x"); // closes it
  await expectHoles();
});

test("a huge hole takes no memory while it waits, and none in the store", async () => {
  const { guest, store, fileSystem } = await slowGuest({ waitingBytes: 8192, capacity: MEBIBYTE });
  store.hold();
  const file = await guest.create("file");
  await guest.truncate("file", 2 ** 50);
  await guest.write(file, 2 ** 49, "data");
  expect(guest.kernel.answeredAtOnce).toBe(true);
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 0, 2 ** 50 - 1);
  await guest.write(file, 2 ** 48, "data");
  expect(fileSystem.unsavedBytes()).toBe(4096);
  store.release();
  await guest.kernel.syncfs(1);
  const { size, blocks } = await guest.stat("file");
  expect([size, blocks]).toEqual([2 ** 50, 8]);
  expect(await guest.kernel.lseek(file.node, file.fh, 0, SEEK_DATA)).toBe(2 ** 48);
  expect(store.memory.space().free).toBeGreaterThan(MEBIBYTE - 65_537);
});

test("room is asked for what is not there yet", async () => {
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore({}, { capacity: MEBIBYTE })), stillTimers);
  const file = await guest.create("file");
  await guest.write(file, 0, new Uint8Array(640 * 1024));
  await guest.kernel.fallocate(file.node, file.fh, 0, 0, MEBIBYTE);
  const more = guest.kernel.fallocate(file.node, file.fh, FALLOC_FL_KEEP_SIZE, 0, MEBIBYTE + 4096);
  await expect(more).rejects.toMatchObject({ errno: Errno.ENOSPC });
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 0, 640 * 1024);
  const { bavail, bsize } = await guest.kernel.statfs(1);
  expect(bavail * bsize).toBe(MEBIBYTE);
});

test("a store without holes is written only where it is not zero, and to the end not at all", async () => {
  const { guest, store } = await slowGuest({ holes: false });
  const file = await guest.create("file");
  await guest.write(file, 3 * MEBIBYTE + 5, "data");
  await guest.truncate("file", 10 * MEBIBYTE);
  const { blocks } = await guest.stat("file");
  await guest.kernel.syncfs(1);
  expect([blocks, (await guest.stat("file")).blocks]).toEqual([20_480, 20_480]);
  store.calls.length = 0;
  await guest.kernel.fallocate(file.node, file.fh, FALLOC_FL_ZERO_RANGE, MEBIBYTE, 8 * MEBIBYTE + 17);
  expect(store.calls.filter((operation) => operation !== "read")).toEqual(["write"]);
  store.calls.length = 0;
  await guest.write(file, 5, "data");
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 0, 2 ** 50);
  expect(store.calls).toEqual(["write", "truncate", "truncate"]);
  await guest.kernel.fallocate(file.node, file.fh, FALLOC_FL_ZERO_RANGE, 0, 2 ** 50);
  expect((await guest.stat("file")).size).toBe(2 ** 50);
  expect((await guest.read(file, 0, 100)).every((byte) => byte === 0)).toBe(true);
});

test("a copy that fails after a while says how far it came", async () => {
  const { guest, store } = await slowGuest();
  await guest.put("source", new Uint8Array(2.5 * MEBIBYTE).fill(1));
  await guest.put("target", "");
  await guest.kernel.syncfs(1);
  const [source, target] = [await guest.open("source"), await guest.open("target")];
  const copy = (offset: number): Promise<number> =>
    guest.kernel.copyFileRange(source.node, {
      fh_in: source.fh,
      off_in: offset,
      nodeid_out: target.node,
      fh_out: target.fh,
      off_out: offset,
      len: 2 ** 30,
    });
  let writes = 0;
  store.before = ({ operation }) => {
    if (operation === "write" && ++writes > 1) throw new FsError(Errno.ENOSPC);
  };
  expect(await copy(0)).toBe(MEBIBYTE);
  expect((await guest.stat("target")).size).toBe(MEBIBYTE);
  await expect(copy(MEBIBYTE)).rejects.toMatchObject({ errno: Errno.ENOSPC });
  store.before = undefined;
  expect(await copy(MEBIBYTE)).toBe(1.5 * MEBIBYTE);
});

test("content that is on its way into the store is cut and extended: what was cut off does not come back", async () => {
  const { guest, store } = await slowGuest();
  const file = await guest.create("file");
  await guest.write(file, 0, new Uint8Array(200_000).fill(1));
  store.hold((operation) => operation === "write"); // half way
  const synced = guest.kernel.syncfs(1);
  for (let turns = 0; turns < 100; turns++) await Promise.resolve();
  const cut = guest.truncate("file", 1000);
  expect(await guest.read(file, 150_000, 100_000)).toHaveLength(50_000); // of memory, still
  store.release();
  await Promise.all([synced, cut]);
  await guest.truncate("file", 100_000);
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 0, 500);
  await expectOnes(guest, file, 500, 1000, 100_000);
});

test("content that reached the store in part is cut and extended: what was cut off does not come back", async () => {
  const { guest, store, fileSystem } = await slowGuest();
  const file = await guest.create("file");
  await guest.write(file, 0, new Uint8Array(200_000).fill(1));
  let writes = 0;
  store.before = ({ operation }) => {
    if (operation === "write" && ++writes > 2) throw new FsError(Errno.EIO);
  };
  await expect(fileSystem.save()).rejects.toMatchObject({ errno: Errno.EIO });
  store.before = undefined;
  await guest.truncate("file", 1000);
  await guest.truncate("file", 100_000);
  await guest.kernel.fallocate(file.node, file.fh, PUNCH, 0, 500);
  await expectOnes(guest, file, 500, 1000, 100_000);
  await fileSystem.save();
  await expectOnes(guest, file, 500, 1000, 100_000);
});

test("a read-only share refuses them, and tells where data is", async () => {
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore({ a: "A" }, { readOnly: true })), stillTimers);
  const { node, fh } = await guest.open("a", O_RDONLY);
  const erofs = { errno: Errno.EROFS };
  await expect(guest.kernel.fallocate(node, fh, PUNCH, 0, 10)).rejects.toMatchObject(erofs);
  await expect(guest.kernel.copyFileRange(node, { fh_in: fh, nodeid_out: node, off_out: 1, len: 1 }))
    .rejects //
    .toMatchObject(erofs);
  expect(await guest.kernel.lseek(node, fh, 0, SEEK_HOLE)).toBe(1);
});

/** The file holds ones from `from` to `to`, and is zeros apart from them. */
async function expectOnes(guest: Guest, file: GuestFile, from: number, to: number, size: number): Promise<void> {
  const bytes = await guest.read(file, 0, 2 * size);
  const expected = new Uint8Array(size).fill(1, from, to);
  expect(Buffer.compare(bytes, expected)).toBe(0);
}

/** A slow store that keeps count, can be held up, and be made to fail. */
class ControlledStore {
  readonly memory: MemoryStore;
  readonly slow: SlowStore;
  /** What was done to the content of open files. */
  readonly calls: string[] = [];
  before: ((call: StoreCall) => void) | undefined;
  #held: Promise<void> | undefined;
  #holds: (operation: string) => boolean = () => true;
  #release = (): void => {};

  constructor(capacity: number, holes: boolean) {
    this.memory = new MemoryStore({}, { capacity });
    this.slow = new SlowStore(this.memory, {
      random: new Random(1),
      holes,
      before: (call) => {
        if (["read", "write", "truncate", "punch"].includes(call.operation)) this.calls.push(call.operation);
        this.before?.(call);
        if (this.#holds(call.operation)) return this.#held;
      },
    });
  }

  hold(holds: (operation: string) => boolean = () => true): void {
    this.#holds = holds;
    this.#held = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#held = undefined;
    this.#release();
  }
}

async function slowGuest({ waitingBytes = 2 ** 25, capacity = 2 ** 30, holes = true } = {}) {
  const store = new ControlledStore(capacity, holes);
  const fileSystem = new ShareFileSystem(store.slow, { waitingBytes, openFiles: 4 });
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.list("");
  return { guest, store, fileSystem };
}
