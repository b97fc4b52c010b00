import { beforeEach, describe, expect, test } from "vitest";
import { type Attributes, ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } from "../posix/open-flags.js";
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from "../posix/rename-flags.js";
import * as fuse from "./fuse.js";
import { FuseServer } from "./server.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const KEEP_SIZE = 0x01;
const PUNCH_HOLE = 0x02;
const ZERO_RANGE = 0x10;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const failsWith = (errno: number) => expect.objectContaining({ errno });

let fs: TinyFileSystem;
let kernel: KernelDouble;
let seen: unknown[];

beforeEach(async () => {
  fs = new TinyFileSystem();
  kernel = new KernelDouble(new FuseServer(fs, { timers: new TimersDouble() }));
  await kernel.mount();
  seen = [];
  fs.calls.length = 0;
  Object.assign(fs, {
    fallocate: (...args: unknown[]) => void seen.push(args.slice(0, -1)),
    lseek: (...args: unknown[]) => (seen.push(args), 7),
    copyFileRange: (...args: unknown[]) => (seen.push(args.slice(0, -1)), 77),
    tmpfile: (...args: unknown[]) => {
      seen.push(args);
      return fs.create(ROOT, "tmp", 0, 0, kernel.caller);
    },
  });
});

describe("set-user-ID and set-group-ID", () => {
  test("CREATE says whether to clear them", async () => {
    await kernel.create(ROOT, "a", O_WRONLY | O_CREAT | O_TRUNC, 0o644, fuse.FUSE_OPEN_KILL_SUIDGID);
    await kernel.create(ROOT, "b", O_WRONLY | O_CREAT);
    expect(fs.calls).toEqual([`create ${O_WRONLY | O_CREAT | O_TRUNC} true`, `create ${O_WRONLY | O_CREAT} false`]);
  });

  test("SETATTR says so too", async () => {
    await kernel.setattr(ROOT, fuse.FATTR_SIZE | fuse.FATTR_KILL_SUIDGID, { size: 3 });
    expect(fs.calls).toEqual([`setattr {"size":3,"killSuidgid":true}`]);
  });
});

test("TMPFILE passes flags, O_EXCL among them, and the name means nothing", async () => {
  await kernel.tmpfile(ROOT, O_RDWR | O_EXCL, 0o6600);
  expect(seen).toEqual([[ROOT, 0o106600, O_RDWR | O_EXCL, kernel.caller]]);
});

test.each([
  [RENAME_NOREPLACE, true],
  [RENAME_EXCHANGE, true],
  [RENAME_WHITEOUT, true],
  [RENAME_NOREPLACE | RENAME_WHITEOUT, true],
  [RENAME_EXCHANGE | RENAME_NOREPLACE, false],
  [RENAME_EXCHANGE | RENAME_WHITEOUT, false],
  [8, false],
  [0x80000000, false],
])("RENAME2 with flags 0x%x", async (flags, legal) => {
  await kernel.mkdir(ROOT, "a");
  const renamed = kernel.rename(ROOT, "a", ROOT, "b", flags);
  if (legal) await renamed;
  else await expect(renamed).rejects.toEqual(failsWith(Errno.EINVAL));
  expect(fs.calls).toEqual(legal ? [`rename a b ${flags}`] : []);
});

describe("times", () => {
  const EARLY = -2_208_988_800; // 1900
  const both = fuse.FATTR_ATIME | fuse.FATTR_MTIME;

  test("before 1970 go both ways", async () => {
    await kernel.setattr(ROOT, both, { atime: EARLY, atimensec: 1, mtime: -1, mtimensec: 999_999_999 });
    expect(fs.calls).toEqual([
      `setattr {"atime":{"seconds":${EARLY},"nanoseconds":1},"mtime":{"seconds":-1,"nanoseconds":999999999}}`,
    ]);
    const { attributes } = fs.nodes.get(ROOT)!;
    const early: Partial<Attributes> = { atime: EARLY, mtime: -1, ctime: -(2 ** 40) };
    fs.nodes.get(ROOT)!.attributes = { ...attributes, ...early };
    expect((await kernel.getattr(ROOT)).attr).toMatchObject(early);
  });

  test("now is now, whatever is sent with it", async () => {
    await kernel.setattr(ROOT, both | fuse.FATTR_ATIME_NOW | fuse.FATTR_MTIME_NOW, { atimensec: 2 ** 32 - 1 });
    expect(fs.calls).toEqual([`setattr {"atime":"now","mtime":"now"}`]);
  });

  test("NOW alone changes nothing, and a nanosecond too many is EINVAL", async () => {
    await kernel.setattr(ROOT, fuse.FATTR_ATIME_NOW | fuse.FATTR_MTIME_NOW);
    expect(fs.calls).toEqual(["setattr {}"]);
    const call = kernel.setattr(ROOT, fuse.FATTR_CTIME, { ctimensec: 1e9 });
    await expect(call).rejects.toEqual(failsWith(Errno.EINVAL));
  });

  test("at the ends of 64 bits keep their sign", async () => {
    await kernel.setattr(ROOT, both, { atime: 2 ** 63 - 2048, mtime: -(2 ** 63) });
    const max = Number.MAX_SAFE_INTEGER;
    expect(fs.calls).toEqual([
      `setattr {"atime":{"seconds":${max},"nanoseconds":0},"mtime":{"seconds":${-max},"nanoseconds":0}}`,
    ]);
  });
});

describe("FALLOCATE", () => {
  test.each([0, KEEP_SIZE, KEEP_SIZE | PUNCH_HOLE, ZERO_RANGE, KEEP_SIZE | ZERO_RANGE])("mode 0x%x", async (mode) => {
    await kernel.fallocate(2, 9, mode, 2 ** 33, 4);
    expect(seen).toEqual([[2, 9, mode, 2 ** 33, 4]]);
  });

  test.each([PUNCH_HOLE, KEEP_SIZE | PUNCH_HOLE | ZERO_RANGE, 0x08, 0x20, 0x40, 0x80000000])(
    "mode 0x%x is EOPNOTSUPP",
    async (mode) => {
      await expect(kernel.fallocate(2, 9, mode, 0, 4)).rejects.toEqual(failsWith(Errno.EOPNOTSUPP));
    },
  );

  test("nothing is EINVAL, too much is EFBIG", async () => {
    await expect(kernel.fallocate(2, 9, 0, 0, 0)).rejects.toEqual(failsWith(Errno.EINVAL));
    await expect(kernel.fallocate(2, 9, 0, 2 ** 53, 1)).rejects.toEqual(failsWith(Errno.EFBIG));
    await expect(kernel.fallocate(2, 9, 0, 1, 2 ** 63)).rejects.toEqual(failsWith(Errno.EFBIG));
    expect(seen).toEqual([]);
  });
});

test("LSEEK is for data and holes, and negative offsets are ENXIO", async () => {
  expect(await kernel.lseek(2, 9, 0, SEEK_DATA)).toBe(7);
  expect(await kernel.lseek(2, 9, 2 ** 40, SEEK_HOLE)).toBe(7);
  for (const whence of [0, 1, 2, 5]) {
    await expect(kernel.lseek(2, 9, 0, whence)).rejects.toEqual(failsWith(Errno.EINVAL));
  }
  await expect(kernel.lseek(2, 9, -1, SEEK_DATA)).rejects.toEqual(failsWith(Errno.ENXIO));
  await expect(kernel.lseek(2, 9, 2 ** 62, SEEK_HOLE)).rejects.toEqual(failsWith(Errno.ENXIO));
});

describe("COPY_FILE_RANGE", () => {
  test("is as long as Linux can hear of", async () => {
    const range = { fh_in: 1, off_in: 2 ** 40, nodeid_out: 3, fh_out: 4, off_out: 5, len: 2 ** 63 };
    expect(await kernel.copyFileRange(2, range)).toBe(77);
    const source = { node: 2, fh: 1, offset: 2 ** 40 };
    expect(seen).toEqual([[source, { node: 3, fh: 4, offset: 5 }, 0x7ffff000]]);
  });

  test("from beyond every file, or of nothing, copies nothing", async () => {
    expect(await kernel.copyFileRange(2, { off_in: 2 ** 62, nodeid_out: 3, len: 10 })).toBe(0);
    expect(await kernel.copyFileRange(2, { nodeid_out: 3, len: 0 })).toBe(0);
    expect(seen).toEqual([]);
  });

  test("to beyond every file is EFBIG", async () => {
    const copied = kernel.copyFileRange(2, { off_out: 2 ** 62, nodeid_out: 3, len: 10 });
    await expect(copied).rejects.toEqual(failsWith(Errno.EFBIG));
  });

  test("within a file the ranges must not meet", async () => {
    await kernel.copyFileRange(2, { off_in: 0, off_out: 10, nodeid_out: 2, len: 10 });
    const meeting = kernel.copyFileRange(2, { off_in: 9, off_out: 0, nodeid_out: 2, len: 10 });
    await expect(meeting).rejects.toEqual(failsWith(Errno.EINVAL));
  });
});
