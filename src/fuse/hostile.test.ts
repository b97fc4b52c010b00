import { beforeEach, describe, expect, test } from "vitest";
import { ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { S_IFREG } from "../posix/mode.js";
import { encodeName } from "../posix/name.js";
import * as fuse from "./fuse.js";
import { operations } from "./operations.js";
import { FuseServer } from "./server.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { MessageDouble } from "./testing/message-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const HEADER = fuse.fuse_in_header.size;

let fs: TinyFileSystem;
let bugs: unknown[];
let server: FuseServer;

beforeEach(async () => {
  fs = new TinyFileSystem();
  bugs = [];
  server = new FuseServer(fs, { timers: new TimersDouble(), onBug: (error) => bugs.push(error) });
  await new KernelDouble(server).mount();
  await fs.create(ROOT, "f", S_IFREG, 0, { uid: 0, gid: 0, pid: 0 });
});

function header(fields: Parameters<typeof fuse.fuse_in_header.encode>[0]): Uint8Array {
  return fuse.fuse_in_header.encode({ len: HEADER, nodeid: ROOT, unique: 99, ...fields });
}

/** Hands the message over, and returns what came back: nothing, or the reply's errno. */
function handled(readable: Uint8Array[], room: number): { written: number; errno?: number; unique?: number } {
  const message = new MessageDouble(readable, [room]);
  server.handle(message);
  if (message.written === undefined) throw new Error("not completed");
  if (message.written === 0) return { written: 0 };
  const reply = fuse.fuse_out_header.decode(message.reply());
  expect(reply.len).toBe(message.written);
  return { written: message.written, errno: Math.abs(reply.error), unique: reply.unique };
}

test("no header: EIO where there is room for it", () => {
  expect(handled([], 0)).toEqual({ written: 0 });
  expect(handled([], 64)).toEqual({ written: 16, errno: Errno.EIO, unique: 0 });
  expect(handled([new Uint8Array(39).fill(1)], 16)).toEqual({ written: 16, errno: Errno.EIO, unique: 0 });
  expect(handled([new Uint8Array(39)], 15)).toEqual({ written: 0 });
});

test("room too small for a reply's header: given back empty", () => {
  expect(handled([header({ opcode: fuse.FUSE_STATFS })], 15)).toEqual({ written: 0 });
  expect(handled([header({ opcode: 999 })], 15)).toEqual({ written: 0 });
});

test("a length that is not the message's is EINVAL", () => {
  const opcode = fuse.FUSE_STATFS;
  expect(handled([header({ opcode })], 96).errno).toBe(0);
  expect(handled([header({ opcode, len: 39 })], 96).errno).toBe(Errno.EINVAL);
  expect(handled([header({ opcode, len: 41 })], 96).errno).toBe(Errno.EINVAL);
  expect(handled([header({ opcode, len: 2 ** 32 - 1 })], 96).errno).toBe(Errno.EINVAL);
  expect(handled([header({ opcode, len: 40 }), new Uint8Array(8)], 96).errno).toBe(Errno.EINVAL);
});

test("extensions are cut off, and must be there", () => {
  const name = new TextEncoder().encode("f\0");
  const opcode = fuse.FUSE_LOOKUP;
  const request = (total_extlen: number) => [
    header({ opcode, len: HEADER + 18, total_extlen }),
    name,
    new Uint8Array(16),
  ];
  expect(handled(request(2), 200).errno).toBe(0);
  expect(handled(request(3), 200).errno).toBe(Errno.EINVAL);
  expect(handled(request(65535), 200).errno).toBe(Errno.EINVAL);
});

test("unique comes back bit by bit", () => {
  const head = header({ opcode: fuse.FUSE_STATFS });
  const unique = [0xff, 1, 2, 3, 4, 5, 6, 0xfe];
  head.set(unique, fuse.fuse_in_header.offsets.unique);
  const message = new MessageDouble([head], [96]);
  server.handle(message);
  expect([...message.reply().subarray(8, 16)]).toEqual(unique);
});

test("a request without room for the reply's struct changes nothing", () => {
  const body = new Uint8Array([...fuse.fuse_mkdir_in.encode({ mode: 0o755 }), 0x64, 0]);
  const request = [header({ opcode: fuse.FUSE_MKDIR, len: HEADER + body.length }), body];
  expect(handled(request, 16 + 127).errno).toBe(Errno.EIO);
  expect(fs.nodes.get(ROOT)!.children.has("d")).toBe(false);
  expect(handled(request, 16 + 128).errno).toBe(0);
});

test("a symlink that does not fit is EIO", async () => {
  const kernel = new KernelDouble(server);
  const { nodeid } = await kernel.symlink(ROOT, "l", "x".repeat(100));
  expect(handled([header({ opcode: fuse.FUSE_READLINK, nodeid })], 16 + 99)).toMatchObject({ errno: Errno.EIO });
  expect(handled([header({ opcode: fuse.FUSE_READLINK, nodeid })], 16 + 100)).toMatchObject({ written: 116 });
});

test("reads and listings end where the room does", () => {
  fs.nodes.get(2)!.bytes = new Uint8Array(10_000);
  const read = fuse.fuse_read_in.encode({ size: 2 ** 32 - 1 });
  const len = HEADER + read.length;
  expect(handled([header({ opcode: fuse.FUSE_READ, nodeid: 2, len }), read], 16 + 7).written).toBe(23);
  expect(handled([header({ opcode: fuse.FUSE_READ, nodeid: 2, len }), read], 16).written).toBe(16);
  expect(handled([header({ opcode: fuse.FUSE_READDIR, len }), read], 16 + 40).written).toBe(48);
  expect(handled([header({ opcode: fuse.FUSE_READDIRPLUS, len }), read], 16).written).toBe(16);
});

test.each([0, 2, 4, 4096, 2 ** 32 - 1])("a WRITE that says it has %i bytes but has 3", (size) => {
  const write = fuse.fuse_write_in.encode({ size });
  const request = [header({ opcode: fuse.FUSE_WRITE, nodeid: 2, len: HEADER + write.length + 3 }), write];
  expect(handled([...request, new Uint8Array(3)], 24).errno).toBe(Errno.EINVAL);
});

test("a SETXATTR that says it has more than it has", () => {
  Object.assign(fs, { setxattr: () => {} });
  const body = new Uint8Array([
    ...fuse.fuse_setxattr_in_compat.encode({ size: 5 }),
    ...encodeName("user.a\0"),
    1,
    2,
    3,
    4,
  ]);
  expect(handled([header({ opcode: fuse.FUSE_SETXATTR, len: HEADER + body.length }), body], 16).errno).toBe(
    Errno.EINVAL,
  );
});

test("arguments beyond all measure are EINVAL, and of no use to what has no answer", () => {
  const body = new Uint8Array(2 ** 20);
  const len = HEADER + body.length;
  expect(handled([header({ opcode: fuse.FUSE_LOOKUP, len }), body], 144).errno).toBe(Errno.EINVAL);
  expect(handled([header({ opcode: fuse.FUSE_POLL, len }), body], 32).errno).toBe(Errno.ENOSYS);
  expect(handled([header({ opcode: fuse.FUSE_IOCTL, len }), body], 32).errno).toBe(Errno.ENOTTY);
  expect(handled([header({ opcode: fuse.FUSE_WRITE, len }), body], 24).errno).toBe(Errno.EINVAL);
  const count = 2 ** 32 - 1;
  const forgets = fuse.fuse_batch_forget_in.encode({ count });
  expect(handled([header({ opcode: fuse.FUSE_BATCH_FORGET, len: HEADER + 8 }), forgets], 0)).toEqual({ written: 0 });
});

describe("each operation", () => {
  const rows = Object.entries(operations).map(([opcode, operation]) => ({ ...operation, opcode: Number(opcode) }));

  test.each(rows)("$name with a body that is too short", ({ opcode, input, inputSize }) => {
    Object.assign(fs, everything());
    const size = (inputSize ?? input?.size ?? 0) - 1;
    if (size < 0) return;
    const { errno, written } = handled([header({ opcode, len: HEADER + size }), new Uint8Array(size)], 4096);
    if (written > 0) expect(errno).toBe(Errno.EINVAL);
  });

  const named = new Set([
    "LOOKUP",
    "MKNOD",
    "MKDIR",
    "UNLINK",
    "RMDIR",
    "RENAME",
    "RENAME2",
    "LINK",
    "CREATE",
    "SYMLINK",
  ]);
  test.each(rows.filter(({ name }) => named.has(name)))("$name with a name that does not end", ({ opcode, input }) => {
    Object.assign(fs, everything());
    const size = input?.size ?? 0;
    const body = new Uint8Array(size + 3).fill(0x61, size);
    expect(handled([header({ opcode, len: HEADER + body.length }), body], 4096).errno).toBe(Errno.EINVAL);
  });
});

/** The optional operations, some of them slow. */
function everything(): object {
  const entry = () => fs.lookup(ROOT, "f");
  return {
    mknod: entry,
    link: async () => Promise.resolve().then(entry),
    getxattr: () => new Uint8Array(3),
    setxattr: async () => Promise.resolve(),
    listxattr: () => ["user.a"],
    removexattr: () => {},
    fallocate: () => {},
    lseek: async () => Promise.resolve(5),
    copyFileRange: () => 0,
    tmpfile: () => ({ entry: entry(), fh: 1, flags: 0 }),
  };
}
