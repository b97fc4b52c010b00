import { beforeEach, describe, expect, test } from "vitest";
import { ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import * as fuse from "./fuse.js";
import { FuseServer } from "./server.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

// As gcc prints them, for `long`s of 4 and of 8 bytes.
const GETFLAGS = [0x80046601, 0x80086601];
const SETFLAGS = [0x40046602, 0x40086602];
const GETVERSION = [0x80047601, 0x80087601];
const FSGETXATTR = 0x801c581f;
const FSSETXATTR = 0x401c5820;
const TCGETS = 0x5401;
const FS_IOC_SETVERSION = 0x40047602;
const FS_IOC_ENABLE_VERITY = 0x40806685;

const NOTHING = new Uint8Array(0);
const failsWith = (errno: number) => expect.objectContaining({ errno });

let kernel: KernelDouble;

async function serve(readOnly: boolean): Promise<void> {
  kernel = new KernelDouble(new FuseServer(new TinyFileSystem(), { timers: new TimersDouble(), readOnly }));
  await kernel.mount();
}

beforeEach(() => serve(false));

describe("as the kernel asks for itself", () => {
  test.each(GETFLAGS)("FS_IOC_GETFLAGS (0x%x): none", async (cmd) => {
    const reply = { result: 0, flags: 0, in_iovs: 0, out_iovs: 0, bytes: new Uint8Array(4) };
    expect(await kernel.fileattr(ROOT, cmd, NOTHING, 4)).toEqual(reply);
    expect(await kernel.fileattr(ROOT, cmd, NOTHING, 4, fuse.FUSE_IOCTL_DIR)).toEqual(reply);
  });

  test.each(SETFLAGS)("FS_IOC_SETFLAGS (0x%x): none can be set", async (cmd) => {
    expect(await kernel.fileattr(ROOT, cmd, new Uint8Array(4), 0)).toMatchObject({ result: 0 });
    const immutable = Uint8Array.of(0x10, 0, 0, 0);
    await expect(kernel.fileattr(ROOT, cmd, immutable, 0)).rejects.toEqual(failsWith(Errno.EOPNOTSUPP));
  });

  test("FS_IOC_FSGETXATTR: zeros", async () => {
    expect((await kernel.fileattr(ROOT, FSGETXATTR, NOTHING, 28)).bytes).toEqual(new Uint8Array(28));
  });

  test("FS_IOC_FSSETXATTR: zeros only; the number of extents does not count", async () => {
    const set = (index: number) => kernel.fileattr(ROOT, FSSETXATTR, new Uint8Array(28).fill(1, index, index + 1), 0);
    expect(await kernel.fileattr(ROOT, FSSETXATTR, new Uint8Array(28), 0)).toMatchObject({ result: 0 });
    expect(await set(8)).toMatchObject({ result: 0 });
    for (const index of [0, 4, 12, 16]) await expect(set(index)).rejects.toEqual(failsWith(Errno.EOPNOTSUPP));
  });
});

describe("as a program asks", () => {
  test.each(GETVERSION)("FS_IOC_GETVERSION (0x%x): 0, an int", async (cmd) => {
    expect((await kernel.ioctl(ROOT, cmd)).bytes).toEqual(new Uint8Array(4));
    expect((await kernel.ioctl(ROOT, cmd, NOTHING, fuse.FUSE_IOCTL_COMPAT)).bytes).toEqual(new Uint8Array(4));
  });

  test("flags, from kernels before 5.13: a long was copied in", async () => {
    expect((await kernel.ioctl(ROOT, GETFLAGS[1]!)).bytes).toEqual(new Uint8Array(4));
    expect(await kernel.ioctl(ROOT, SETFLAGS[1]!, new Uint8Array(8).fill(9, 4))).toMatchObject({ result: 0 });
  });

  test.each([TCGETS, FS_IOC_SETVERSION, FS_IOC_ENABLE_VERITY, 0, 0xffffffff])("0x%x is ENOTTY", async (cmd) => {
    for (const input of [NOTHING, new Uint8Array(16), new Uint8Array(2 ** 20)]) {
      await expect(kernel.ioctl(ROOT, cmd, input)).rejects.toEqual(failsWith(Errno.ENOTTY));
    }
  });

  test("without bounds it is ENOTTY", async () => {
    const call = kernel.ioctl(ROOT, GETFLAGS[0]!, NOTHING, fuse.FUSE_IOCTL_UNRESTRICTED);
    await expect(call).rejects.toEqual(failsWith(Errno.ENOTTY));
  });
});

test("a node that is not there has no flags", async () => {
  await expect(kernel.fileattr(99, GETFLAGS[0]!, NOTHING, 4)).rejects.toEqual(failsWith(Errno.ESTALE));
  await expect(kernel.ioctl(99, TCGETS)).rejects.toEqual(failsWith(Errno.ESTALE));
});

test("sizes that are not the command's are EINVAL", async () => {
  const einval = failsWith(Errno.EINVAL);
  await expect(kernel.fileattr(ROOT, GETFLAGS[0]!, NOTHING, 3)).rejects.toEqual(einval);
  await expect(kernel.fileattr(ROOT, SETFLAGS[0]!, new Uint8Array(3), 0)).rejects.toEqual(einval);
  await expect(kernel.fileattr(ROOT, SETFLAGS[0]!, new Uint8Array(5), 0)).rejects.toEqual(einval);
  const args = fuse.fuse_ioctl_in.encode({ cmd: SETFLAGS[0]!, in_size: 4 });
  await expect(kernel.request(fuse.FUSE_IOCTL, ROOT, [args], 16)).rejects.toEqual(einval);
});

test("no room for the answer is EIO", async () => {
  const args = fuse.fuse_ioctl_in.encode({ cmd: FSGETXATTR, out_size: 28 });
  await expect(kernel.request(fuse.FUSE_IOCTL, ROOT, [args], 16 + 27)).rejects.toEqual(failsWith(Errno.EIO));
  expect(await kernel.request(fuse.FUSE_IOCTL, ROOT, [args], 16 + 28)).toHaveLength(16 + 28);
});

test("on a read-only share flags can be asked for, not set", async () => {
  await serve(true);
  await kernel.fileattr(ROOT, GETFLAGS[0]!, NOTHING, 4);
  const set = kernel.fileattr(ROOT, SETFLAGS[0]!, new Uint8Array(4), 0);
  await expect(set).rejects.toEqual(failsWith(Errno.EROFS));
});
