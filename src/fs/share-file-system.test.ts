import { expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { O_RDONLY, O_RDWR, O_WRONLY } from "../posix/open-flags.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { StoreFailure } from "./failure.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { outsideOf, treeOf } from "./testing/memory-outside.js";
import { Random } from "./testing/random.js";
import { SlowStore, type StoreCall } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const FOPEN_KEEP_CACHE = 2;
const FOPEN_NOFLUSH = 1 << 5;
const SUID_MODE = 0o104755;
const FATTR_MODE = 1;

test("on a store that answers at once, so does everything", async () => {
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore({ a: "A", d: { b: "B" } })), stillTimers);
  const { kernel } = guest;
  const atOnce = async (request: Promise<unknown>): Promise<void> => {
    await request;
    expect(kernel.answeredAtOnce).toBe(true);
  };
  await atOnce(guest.lookup(1, "a"));
  await atOnce(kernel.lookup(1, "nothing"));
  await atOnce(kernel.readdirplus(1, 0, 0));
  const { entry } = await kernel.create(1, "new", O_RDWR);
  expect(kernel.answeredAtOnce).toBe(true);
  await atOnce(kernel.write(entry.nodeid, 0, 0, new Uint8Array(5000)));
  await atOnce(kernel.read(entry.nodeid, 0, 0, 5000));
  await atOnce(kernel.setattr(entry.nodeid, FATTR_MODE, { mode: 0o755 }));
  await atOnce(kernel.rename(1, "new", 1, "a"));
  await atOnce(kernel.mkdir(1, "e"));
  await atOnce(kernel.rename(1, "d", 1, "e"));
  await atOnce(kernel.unlink(1, "a"));
  await atOnce(kernel.fsync(entry.nodeid, 0));
  await atOnce(kernel.statfs(1));
  await atOnce(kernel.syncfs(1));
  await atOnce(kernel.destroy());
});

test("a read-only share refuses every change, and serves", async () => {
  const fileSystem = new ShareFileSystem(new MemoryStore({ a: "A", d: {} }, { readOnly: true }));
  const guest = await Guest.mount(fileSystem, stillTimers);
  const changes = [
    () => guest.put("b", ""),
    () => guest.mkdir("b"),
    () => guest.symlink("b", "a"),
    () => guest.unlink("a"),
    () => guest.rmdir("d"),
    () => guest.rename("a", "b"),
    () => guest.truncate("a", 0),
    async () => guest.write(await guest.open("a", O_RDONLY), 0, "x"),
  ];
  for (const change of changes) await expect(change()).rejects.toMatchObject({ errno: Errno.EROFS });
  expect(await guest.text("a")).toBe("A");
});

test("nodes that the guest forgets are let go", async () => {
  const tree = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}`]));
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore({ d: tree })), stillTimers);
  await guest.listPlus("d");
  const first = await guest.node("d/f0");
  for (const node of guest.kernel.lookups.keys()) guest.kernel.forget(node);
  // The listing was dropped with the directory: its entries are new nodes.
  expect(await guest.node("d/f0")).not.toBe(first);
  await expect(guest.kernel.getattr(first)).rejects.toMatchObject({ errno: Errno.ESTALE });
});

test("a directory that was forgotten and is listed again has not changed", async () => {
  let now = 1_750_000_000_000;
  const store = new MemoryStore({ d: { file: "x" } });
  const guest = await Guest.mount(new ShareFileSystem(store, { now: () => ++now }), stillTimers);
  await guest.list("d");
  const before = await guest.stat("d");
  for (let round = 0; round < 2; round++) {
    await guest.listPlus("d");
    for (const node of guest.kernel.lookups.keys()) guest.kernel.forget(node);
    expect(await guest.stat("d")).toEqual(before);
  }
});

test("pages that the guest has cached live over an open, until the file is changed outside", async () => {
  let now = 1_750_000_000_000;
  const store = new MemoryStore({ file: "one" }, { exclusive: false, now: () => now });
  const guest = await Guest.mount(new ShareFileSystem(store, { now: () => now }), stillTimers);
  const opened = async () => (await guest.kernel.open(await guest.node("file"))).open_flags & FOPEN_KEEP_CACHE;
  expect([await opened(), await opened()]).toEqual([FOPEN_KEEP_CACHE, FOPEN_KEEP_CACHE]);
  now += 2000;
  void outsideOf(store).write("file", "two");
  expect([await opened(), await opened()]).toEqual([0, FOPEN_KEEP_CACHE]);
  await guest.truncate("file", 1);
  expect(await opened()).toBe(FOPEN_KEEP_CACHE);
});

test("a descriptor that only reads is closed without a FLUSH, one that writes with", async () => {
  const store = new MemoryStore({ file: "one" }, { exclusive: false });
  const guest = await Guest.mount(new ShareFileSystem(store), stillTimers);
  const flags = await Promise.all(
    [O_RDONLY, O_WRONLY, O_RDWR].map(
      async (how) => (await guest.kernel.open(await guest.node("file"), how)).open_flags,
    ),
  );
  expect(flags.map((flag) => flag & FOPEN_NOFLUSH)).toEqual([FOPEN_NOFLUSH, 0, 0]);
});

test("attributes that the guest gave outlive its memory of the node", async () => {
  const guest = await Guest.mount(new ShareFileSystem(new MemoryStore({ d: { program: "x" } })), stillTimers);
  await guest.kernel.setattr(await guest.node("d/program"), FATTR_MODE, { mode: SUID_MODE });
  for (const node of guest.kernel.lookups.keys()) guest.kernel.forget(node);
  expect((await guest.stat("d/program")).mode).toBe(SUID_MODE);
});

test("content waits in memory up to the limit, and writers beyond it wait for the store", async () => {
  const store = new GatedStore();
  const fileSystem = new ShareFileSystem(store.slow, { waitingBytes: 8192 });
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.list("");
  store.close();
  const file = await guest.create("file");
  await guest.write(file, 0, new Uint8Array(8192).fill(1));
  expect(guest.kernel.answeredAtOnce).toBe(true);
  expect([fileSystem.unsavedBytes(), fileSystem.unsavedFiles()]).toEqual([8192, 1]);
  const late = guest.write(file, 8192, new Uint8Array(4096).fill(2));
  expect(guest.kernel.answeredAtOnce).toBe(false);
  store.open();
  await late;
  await guest.kernel.fsync(file.node, file.fh);
  expect(fileSystem.unsavedBytes()).toBe(0);
  expect((await guest.bytes("file"))[12287]).toBe(2);
});

test("fsync waits for the store", async () => {
  const store = new GatedStore();
  const guest = await Guest.mount(new ShareFileSystem(store.slow), stillTimers);
  await guest.list("");
  store.close();
  const file = await guest.create("file");
  await guest.write(file, 0, "content");
  let synced = false;
  const sync = guest.kernel.fsync(file.node, file.fh).then(() => (synced = true));
  for (let i = 0; i < 200; i++) await Promise.resolve();
  expect(synced).toBe(false);
  expect(treeOf(store.memory.root)).toEqual({});
  store.open();
  await sync;
  expect(treeOf(store.memory.root)).toEqual({ file: "content" });
});

test("a failure after the reply is told at fsync, once, and made good when the store recovers", async () => {
  const store = new GatedStore();
  const failures: StoreFailure[] = [];
  const fileSystem = new ShareFileSystem(store.slow, { onError: (failure) => failures.push(failure) });
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.mkdir("d");
  await guest.kernel.syncfs(1);
  store.fail = ({ operation }) => (operation === "createFile" ? Errno.ENOSPC : undefined);
  const file = await guest.create("d/file");
  await guest.write(file, 0, "content");
  await expect(guest.kernel.fsync(file.node, file.fh)).rejects.toMatchObject({ errno: Errno.ENOSPC });
  await expect(guest.kernel.fsync(file.node, file.fh)).rejects.toMatchObject({ errno: Errno.ENOSPC });
  expect(failures[0]).toMatchObject({ path: "d/file", error: { errno: Errno.ENOSPC } });
  expect(await guest.text("d/file")).toBe("content");
  expect([fileSystem.unsavedBytes(), fileSystem.unsavedFiles() > 0]).toEqual([7, true]);
  await expect(fileSystem.save()).rejects.toMatchObject({ errno: Errno.ENOSPC });
  // Others do not suffer.
  await guest.mkdir("e");
  store.fail = undefined;
  await fileSystem.save();
  expect(treeOf(store.memory.root)).toEqual({ d: { file: "content" }, e: {} });
  await expect(guest.kernel.fsync(file.node, file.fh)).rejects.toMatchObject({ errno: Errno.ENOSPC });
  await guest.kernel.fsync(file.node, file.fh);
});

test("a rename that the store refuses costs no file", async () => {
  const store = new GatedStore({ a: "A", b: "B" });
  const fileSystem = new ShareFileSystem(store.slow);
  const guest = await Guest.mount(fileSystem, stillTimers);
  await guest.list("");
  store.fail = ({ operation, path }) => (operation === "rename" && path === "a" ? Errno.EACCES : undefined);
  await guest.rename("a", "c");
  await guest.rename("b", "a"); // over what the store still has as "a"
  await expect(fileSystem.save()).rejects.toMatchObject({ errno: Errno.EACCES });
  expect(await guest.tree()).toEqual({ a: "B", c: "A" });
  expect(treeOf(store.memory.root)).toEqual({ a: "A", b: "B" });
  store.fail = undefined;
  await fileSystem.save();
  expect(treeOf(store.memory.root)).toEqual({ a: "B", c: "A" });
});

test("names that the store refuses fail at once", async () => {
  const memory = new MemoryStore({ file: "x" });
  const check = memory.checkName.bind(memory);
  memory.checkName = (name) => {
    if (name.includes(":")) throw new FsError(Errno.EINVAL);
    check(name);
  };
  const guest = await Guest.mount(new ShareFileSystem(memory), stillTimers);
  for (const change of [guest.put("a:b", ""), guest.mkdir("a:b"), guest.rename("file", "a:b")]) {
    await expect(change).rejects.toMatchObject({ errno: Errno.EINVAL });
  }
  expect(await guest.list("")).toEqual(["file"]);
});

/** A slow store that can be held up, and made to fail. */
class GatedStore {
  readonly memory: MemoryStore;
  readonly slow: SlowStore;
  fail: ((call: StoreCall) => Errno | undefined) | undefined;
  #gate: Promise<void> | undefined;
  #open = (): void => {};

  constructor(tree = {}) {
    this.memory = new MemoryStore(tree);
    this.slow = new SlowStore(this.memory, {
      random: new Random(1),
      slowContent: false,
      before: (call) => {
        const errno = this.fail?.(call);
        if (errno !== undefined) throw new FsError(errno);
        return this.#gate;
      },
    });
  }

  close(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#gate = undefined;
    this.#open();
  }
}

test("a share with fixed names takes content, and refuses what would change a name", async () => {
  const store = new MemoryStore({ a: "A", d: {} });
  const guest = await Guest.mount(new ShareFileSystem(Object.assign(store, { fixedNames: true })), stillTimers);
  const changes = [
    () => guest.put("b", ""),
    () => guest.mkdir("b"),
    () => guest.symlink("b", "a"),
    () => guest.unlink("a"),
    () => guest.rmdir("d"),
    () => guest.rename("a", "b"),
  ];
  for (const change of changes) await expect(change()).rejects.toMatchObject({ errno: Errno.EACCES });
  await guest.write(await guest.open("a", O_RDWR), 0, "changed");
  expect(treeOf(store.root)).toEqual(treeOf(new MemoryStore({ a: "changed", d: {} }).root));
});

test("a directory that cannot be listed fails when it is opened", async () => {
  const store = new MemoryStore({}, { exclusive: false });
  const guest = await Guest.mount(new ShareFileSystem(store), stillTimers);
  store.root.list = () => {
    throw new FsError(Errno.EIO);
  };
  await expect(guest.kernel.opendir(1)).rejects.toMatchObject({ errno: Errno.EIO });
});
