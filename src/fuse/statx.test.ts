import { beforeEach, expect, test } from "vitest";
import { type Attributes, ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { FuseServer } from "./server.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const BASIC_STATS = 0x7ff;
const BTIME = 0x800;

let fs: TinyFileSystem;
let kernel: KernelDouble;

beforeEach(async () => {
  fs = new TinyFileSystem();
  kernel = new KernelDouble(new FuseServer(fs, { timers: new TimersDouble() }));
  await kernel.mount();
});

function set(changes: Partial<Attributes>): void {
  const node = fs.nodes.get(ROOT)!;
  node.attributes = { ...node.attributes, ...changes };
}

test("has everything that GETATTR has", async () => {
  set({ uid: 1000, gid: 1001, size: 2 ** 33, blocks: 7 });
  const { attr, ...timeout } = await kernel.getattr(ROOT);
  const reply = await kernel.statx(ROOT);
  expect(reply).toMatchObject({ ...timeout, flags: 0 });
  const { mode, nlink, uid, gid, ino, size, blocks } = attr;
  expect(reply.stat).toMatchObject({ mode, nlink, uid, gid, ino, size, blocks, blksize: attr.blksize });
  expect(reply.stat).toMatchObject({
    atime: { tv_sec: 1, tv_nsec: 2 },
    mtime: { tv_sec: -3, tv_nsec: 4 },
    ctime: { tv_sec: 5, tv_nsec: 6 },
    attributes: 0,
    attributes_mask: 0,
  });
});

test("the time of birth is there where it is known", async () => {
  expect((await kernel.statx(ROOT)).stat).toMatchObject({ mask: BASIC_STATS, btime: { tv_sec: 0, tv_nsec: 0 } });
  set({ btime: -1, btimeNanoseconds: 999_999_999 });
  expect((await kernel.statx(ROOT)).stat).toMatchObject({
    mask: BASIC_STATS | BTIME,
    btime: { tv_sec: -1, tv_nsec: 999_999_999 },
  });
  set({ btime: 0, btimeNanoseconds: 0 });
  expect((await kernel.statx(ROOT)).stat.mask).toBe(BASIC_STATS | BTIME);
});

test("a device number is taken apart as the kernel puts it together", async () => {
  set({ rdev: 0xabcde123 });
  const { rdev_major, rdev_minor } = (await kernel.statx(ROOT)).stat;
  // new_encode_dev
  const encoded = (rdev_minor & 0xff) | (rdev_major << 8) | ((rdev_minor & ~0xff) << 12);
  expect(encoded >>> 0).toBe(0xabcde123);
  expect([rdev_major, rdev_minor]).toEqual([0xde1, 0xabc23]);
});

test("flags and mask of statx(2)", async () => {
  const einval = expect.objectContaining({ errno: Errno.EINVAL });
  for (const sx_flags of [0, 0x2000, 0x4000]) await kernel.statx(ROOT, { sx_flags, sx_mask: 1 });
  for (const sx_flags of [0x6000, 1]) await expect(kernel.statx(ROOT, { sx_flags })).rejects.toEqual(einval);
  await expect(kernel.statx(ROOT, { sx_mask: 0x80000000 })).rejects.toEqual(einval);
});

test("a node that is not there is ESTALE", async () => {
  await expect(kernel.statx(99)).rejects.toEqual(expect.objectContaining({ errno: Errno.ESTALE }));
});
