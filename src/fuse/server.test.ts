import { beforeEach, describe, expect, test } from "vitest";
import { ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { DT_DIR, DT_REG, S_IFDIR, S_IFIFO, S_IFREG } from "../posix/mode.js";
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from "../posix/open-flags.js";
import { RENAME_EXCHANGE } from "../posix/rename-flags.js";
import * as fuse from "./fuse.js";
import { FuseServer } from "./server.js";
import type { TraceEvent } from "./server-options.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const failsWith = (errno: number) => expect.objectContaining({ errno });

let timers: TimersDouble;
let fs: TinyFileSystem;
let bugs: string[];
let events: TraceEvent[];
let server: FuseServer;
let kernel: KernelDouble;

beforeEach(() => {
  timers = new TimersDouble();
  fs = new TinyFileSystem();
  bugs = [];
  events = [];
  serve();
});

function serve(options: { readOnly?: boolean } = {}): void {
  server = new FuseServer(fs, {
    timers,
    tracer: (event) => events.push(event),
    onBug: (error, operation) => bugs.push(`${operation}: ${String(error)}`),
    ...options,
  });
  kernel = new KernelDouble(server);
}

describe("names and attributes", () => {
  beforeEach(() => kernel.mount());

  test("an entry carries node, attributes and time-outs", async () => {
    const { entry } = await kernel.create(ROOT, "hello.txt", O_RDWR, 0o640);
    const reply = await kernel.lookup(ROOT, "hello.txt");
    expect(kernel.answeredAtOnce).toBe(true);
    expect(reply).toMatchObject({ nodeid: entry.nodeid, entry_valid: 1, entry_valid_nsec: 0 });
    expect(reply).toMatchObject({ attr_valid: 1, attr_valid_nsec: 5e8 });
    expect(reply.attr).toMatchObject({ ino: entry.nodeid, mode: S_IFREG | 0o640, uid: 1000, gid: 1000, nlink: 1 });
    expect(reply.attr).toMatchObject({ atime: 1, atimensec: 2, mtime: -3, mtimensec: 4, ctime: 5, ctimensec: 6 });
    expect((await kernel.getattr(entry.nodeid)).attr).toEqual(reply.attr);
  });

  test("a name that is not there is ENOENT, or a negative entry where the profile has time for one", async () => {
    await expect(kernel.lookup(ROOT, "nowhere")).rejects.toEqual(failsWith(Errno.ENOENT));
    fs.profile = { ...fs.profile, negativeSeconds: 2.25 };
    const reply = await kernel.lookup(ROOT, "nowhere");
    expect(reply).toMatchObject({ nodeid: 0, entry_valid: 2, entry_valid_nsec: 25e7 });
    fs.lookup = () => Promise.reject(new FsError(Errno.ENOENT));
    expect((await kernel.lookup(ROOT, "nowhere")).nodeid).toBe(0);
    fs.lookup = () => Promise.reject(new FsError(Errno.EACCES));
    await expect(kernel.lookup(ROOT, "nowhere")).rejects.toEqual(failsWith(Errno.EACCES));
  });

  test("names that are not UTF-8 come back byte for byte", async () => {
    const name = Uint8Array.of(0x66, 0xff, 0xc3, 0xa4, 0x80);
    await kernel.mkdir(ROOT, name);
    expect([...fs.nodes.get(ROOT)!.children.keys()]).toEqual(["f\udcffä\udc80"]);
    expect((await kernel.lookup(ROOT, name)).nodeid).toBe(2);
    const listing = await kernel.readdir(ROOT, 0, 2);
    expect(listing.map((entry) => entry.name)).toEqual(["f\udcffä\udc80"]);
  });

  test.each(["", ".", "..", "a/b"])("the name %j is EINVAL", async (name) => {
    await expect(kernel.lookup(ROOT, name)).rejects.toEqual(failsWith(Errno.EINVAL));
    await expect(kernel.mkdir(ROOT, name)).rejects.toEqual(failsWith(Errno.EINVAL));
    await expect(kernel.rename(ROOT, "a", ROOT, name)).rejects.toEqual(failsWith(Errno.EINVAL));
  });

  test("256 bytes are too long, 255 are not", async () => {
    await kernel.mkdir(ROOT, "x".repeat(255));
    await expect(kernel.mkdir(ROOT, "x".repeat(256))).rejects.toEqual(failsWith(Errno.ENAMETOOLONG));
  });

  test("SETATTR passes what is valid and no more", async () => {
    const { nodeid } = await kernel.mkdir(ROOT, "d");
    const { FATTR_MODE, FATTR_ATIME, FATTR_MTIME, FATTR_MTIME_NOW, FATTR_SIZE, FATTR_FH, FATTR_KILL_SUIDGID } = fuse;
    fs.calls.length = 0;
    await kernel.setattr(nodeid, FATTR_MODE, { mode: S_IFDIR | 0o700, uid: 5 });
    const times = { atime: -5, atimensec: 7, mtime: 1, mtimensec: 2e9 };
    await kernel.setattr(nodeid, FATTR_ATIME | FATTR_MTIME | FATTR_MTIME_NOW, times);
    await kernel.setattr(nodeid, FATTR_SIZE | FATTR_FH | FATTR_KILL_SUIDGID, { size: 3, fh: 9 });
    expect(fs.calls).toEqual([
      'setattr {"mode":448}',
      'setattr {"atime":{"seconds":-5,"nanoseconds":7},"mtime":"now"}',
      'setattr {"size":3,"fh":9,"killSuidgid":true}',
    ]);
    await expect(kernel.setattr(nodeid, FATTR_MTIME, times)).rejects.toEqual(failsWith(Errno.EINVAL));
    await expect(kernel.setattr(nodeid, FATTR_SIZE, { size: 2 ** 60 })).rejects.toEqual(failsWith(Errno.EFBIG));
  });

  test("symlinks keep their bytes", async () => {
    const { nodeid } = await kernel.symlink(ROOT, "l", Uint8Array.of(0x2f, 0xfe));
    expect([...(await kernel.readlink(nodeid))]).toEqual([0x2f, 0xfe]);
    await expect(kernel.symlink(ROOT, "m", "x".repeat(4096))).rejects.toEqual(failsWith(Errno.ENAMETOOLONG));
    await expect(kernel.symlink(ROOT, "m", "")).rejects.toEqual(failsWith(Errno.EINVAL));
  });

  test("RENAME and RENAME2", async () => {
    await kernel.mkdir(ROOT, "a");
    await kernel.rename(ROOT, "a", ROOT, "b");
    await kernel.rename(ROOT, "b", ROOT, "c", RENAME_EXCHANGE);
    expect(fs.calls.filter((call) => call.startsWith("rename"))).toEqual(["rename a b 0", "rename b c 2"]);
  });

  test("UNLINK and RMDIR", async () => {
    await kernel.mkdir(ROOT, "a");
    await kernel.rmdir(ROOT, "a");
    await expect(kernel.unlink(ROOT, "a")).rejects.toEqual(failsWith(Errno.ENOENT));
  });

  test("FORGET takes lookups back and is not answered", async () => {
    const { nodeid } = await kernel.mkdir(ROOT, "a");
    await kernel.lookup(ROOT, "a");
    expect(fs.nodes.get(nodeid)!.nlookup).toBe(2);
    kernel.forget(nodeid, 1);
    kernel.batchForget([{ nodeid, nlookup: 1 }]);
    expect(fs.nodes.get(nodeid)!.nlookup).toBe(0);
    kernel.forget(999, 1);
    expect(kernel.lookups.size).toBe(0);
  });

  test("STATFS", async () => {
    const expected = {
      blocks: 100,
      bfree: 50,
      bavail: 40,
      files: 9,
      ffree: 8,
      bsize: 4096,
      frsize: 4096,
      namelen: 255,
    };
    expect(await kernel.statfs(ROOT)).toEqual(expected);
  });
});

describe("files", () => {
  beforeEach(() => kernel.mount());

  test("what is written over page borders is read back, at once", async () => {
    const { entry, open } = await kernel.create(ROOT, "f", O_RDWR);
    const content = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
    expect(await kernel.write(entry.nodeid, open.fh, 5, content)).toBe(10_000);
    expect(kernel.answeredAtOnce).toBe(true);
    expect([...(await kernel.read(entry.nodeid, open.fh, 5, 12_000))]).toEqual([...content]);
    expect(kernel.answeredAtOnce).toBe(true);
    expect((await kernel.read(entry.nodeid, open.fh, 20_000, 4096)).length).toBe(0);
    await kernel.flush(entry.nodeid, open.fh);
    await kernel.fsync(entry.nodeid, open.fh, true);
    await kernel.release(entry.nodeid, open.fh);
    expect(fs.calls.slice(-3)).toEqual(["flush", `fsync ${open.fh} true`, `release ${open.fh}`]);
    expect(fs.handles.size).toBe(0);
  });

  test("a read that takes its time is copied in afterwards", async () => {
    const { entry } = await kernel.create(ROOT, "f", O_RDWR);
    fs.read = async () => Promise.resolve(bytes("later"));
    expect(text(await kernel.read(entry.nodeid, 0, 0, 8192))).toBe("later");
    expect(kernel.answeredAtOnce).toBe(false);
  });

  test("offsets and sizes beyond 4 GiB", async () => {
    const { entry, open } = await kernel.create(ROOT, "f", O_RDWR);
    const offset = 5 * 2 ** 32 + 3;
    await kernel.write(entry.nodeid, open.fh, offset, bytes("far"), fuse.FUSE_WRITE_KILL_SUIDGID);
    expect(fs.calls.at(-1)).toBe(`write ${open.fh} ${offset} 3 4`);
    fs.getattr = () => ({ ...fs.nodes.get(entry.nodeid)!.attributes, size: offset + 3 });
    expect((await kernel.getattr(entry.nodeid)).attr.size).toBe(offset + 3);
    const far = kernel.write(entry.nodeid, open.fh, 2 ** 53, bytes("x"));
    await expect(far).rejects.toEqual(failsWith(Errno.EFBIG));
    expect((await kernel.read(entry.nodeid, open.fh, 2 ** 53, 10)).length).toBe(0);
  });

  test("OPEN passes flags, and takes those of the profile", async () => {
    const { entry } = await kernel.create(ROOT, "f", O_RDWR);
    expect((await kernel.open(entry.nodeid)).open_flags).toBe(0);
    fs.profile = { ...fs.profile, keepCache: true };
    const opened = await kernel.open(entry.nodeid, O_WRONLY | O_TRUNC, fuse.FUSE_OPEN_KILL_SUIDGID);
    expect(opened.open_flags).toBe(fuse.FOPEN_KEEP_CACHE);
    expect(fs.calls.at(-1)).toBe(`open ${O_WRONLY | O_TRUNC} true`);
    expect((await kernel.opendir(ROOT)).open_flags).toBe(fuse.FOPEN_KEEP_CACHE | fuse.FOPEN_CACHE_DIR);
  });

  test("a file system without open keeps no handle", async () => {
    Object.assign(fs, { open: undefined, opendir: undefined, flush: undefined });
    const { entry, open } = await kernel.create(ROOT, "f", O_RDWR);
    expect(open).toMatchObject({ fh: 0, open_flags: fuse.FOPEN_KEEP_CACHE });
    await expect(kernel.open(entry.nodeid)).rejects.toEqual(failsWith(Errno.ENOSYS));
    await expect(kernel.opendir(ROOT)).rejects.toEqual(failsWith(Errno.ENOSYS));
    await expect(kernel.flush(entry.nodeid, 0)).rejects.toEqual(failsWith(Errno.ENOSYS));
  });

  test("a file system that claims more bytes than there were is a bug", async () => {
    const { entry } = await kernel.create(ROOT, "f", O_RDWR);
    fs.read = () => 4097;
    await expect(kernel.read(entry.nodeid, 0, 0, 4096)).rejects.toEqual(failsWith(Errno.EIO));
    fs.read = async () => Promise.resolve(new Uint8Array(4097));
    await expect(kernel.read(entry.nodeid, 0, 0, 4096)).rejects.toEqual(failsWith(Errno.EIO));
    fs.write = () => 2;
    await expect(kernel.write(entry.nodeid, 0, 0, bytes("x"))).rejects.toEqual(failsWith(Errno.EIO));
    expect(bugs).toHaveLength(2);
  });
});

describe("optional operations", () => {
  beforeEach(() => kernel.mount());

  test("are ENOSYS where they are missing", async () => {
    const calls = [
      kernel.mknod(ROOT, "p", S_IFIFO | 0o600),
      kernel.link(2, ROOT, "l"),
      kernel.getxattr(ROOT, "user.a", 0),
      kernel.listxattr(ROOT, 0),
      kernel.setxattr(ROOT, "user.a", bytes("1")),
      kernel.removexattr(ROOT, "user.a"),
      kernel.fallocate(ROOT, 0, 0, 0, 1),
      kernel.lseek(ROOT, 0, 0, 3),
      kernel.copyFileRange(ROOT, {}),
      kernel.tmpfile(ROOT, O_RDWR),
      kernel.request(fuse.FUSE_POLL, ROOT, [new Uint8Array(24)], 8),
      kernel.request(fuse.FUSE_GETLK, ROOT, [new Uint8Array(48)], 24),
      kernel.request(fuse.FUSE_ACCESS, ROOT, [new Uint8Array(8)], 0),
      kernel.request(7, ROOT, [], 0),
      kernel.request(4096, ROOT, [], 0),
    ];
    for (const call of calls) await expect(call).rejects.toEqual(failsWith(Errno.ENOSYS));
  });

  test("MKNOD gets a type, LINK the right nodes", async () => {
    const seen: unknown[] = [];
    Object.assign(fs, {
      mknod(parent: number, name: string, mode: number, rdev: number) {
        seen.push([parent, name, mode, rdev]);
        return fs.mkdir(parent, name, mode, kernel.caller);
      },
      link(node: number, parent: number, name: string) {
        seen.push([node, parent, name]);
        return fs.mkdir(parent, name, S_IFREG, kernel.caller);
      },
    });
    await kernel.mknod(ROOT, "p", S_IFIFO | 0o600, 7);
    await kernel.mknod(ROOT, "r", 0o600);
    await kernel.link(2, ROOT, "l");
    expect(seen).toEqual([
      [ROOT, "p", S_IFIFO | 0o600, 7],
      [ROOT, "r", S_IFREG | 0o600, 0],
      [2, ROOT, "l"],
    ]);
    await expect(kernel.mknod(ROOT, "d", S_IFDIR)).rejects.toEqual(failsWith(Errno.EINVAL));
  });

  test("FALLOCATE, LSEEK, COPY_FILE_RANGE, TMPFILE", async () => {
    const seen: unknown[] = [];
    Object.assign(fs, {
      fallocate: (...args: unknown[]) => void seen.push(args.slice(0, -1)),
      lseek: (...args: unknown[]) => (seen.push(args), 2 ** 40),
      copyFileRange: (...args: unknown[]) => (seen.push(args.slice(0, -1)), 77),
      tmpfile: (parent: number, mode: number, flags: number) => {
        seen.push([parent, mode, flags]);
        return fs.create(parent, "tmp", mode, flags, kernel.caller);
      },
    });
    await kernel.fallocate(2, 9, 1, 2 ** 33, 4);
    expect(await kernel.lseek(2, 9, 5, 4)).toBe(2 ** 40);
    const range = { fh_in: 1, off_in: 2, nodeid_out: 3, fh_out: 4, off_out: 5, len: 2 ** 40 };
    expect(await kernel.copyFileRange(2, range)).toBe(77);
    expect((await kernel.tmpfile(ROOT, O_RDWR)).open.fh).toBe(100);
    expect(seen).toEqual([
      [2, 9, 1, 2 ** 33, 4],
      [2, 9, 5, 4],
      [{ node: 2, fh: 1, offset: 2 }, { node: 3, fh: 4, offset: 5 }, 0x7ffff000],
      [ROOT, S_IFREG | 0o600, O_RDWR],
    ]);
    await expect(kernel.copyFileRange(2, { flags: 1 })).rejects.toEqual(failsWith(Errno.EINVAL));
    await expect(kernel.lseek(2, 9, 5, 0)).rejects.toEqual(failsWith(Errno.EINVAL));
  });
});

describe("listings", () => {
  beforeEach(() => kernel.mount());

  test("READDIR gives names, types and where to go on", async () => {
    await kernel.mkdir(ROOT, "dir");
    await kernel.create(ROOT, "file", O_WRONLY);
    expect(await kernel.readdir(ROOT, 0, 0)).toEqual([
      { name: ".", ino: 1, off: 1, type: DT_DIR },
      { name: "..", ino: 1, off: 2, type: DT_DIR },
      { name: "dir", ino: 2, off: 3, type: DT_DIR },
      { name: "file", ino: 3, off: 4, type: DT_REG },
    ]);
    expect((await kernel.readdir(ROOT, 0, 3)).map((entry) => entry.name)).toEqual(["file"]);
    expect(await kernel.readdir(ROOT, 0, 4)).toEqual([]);
  });

  test("READDIRPLUS packs what fits in a page, and counts lookups of those alone", async () => {
    for (let i = 10; i < 60; i++) await kernel.mkdir(ROOT, `sixteen-bytes-${i}`);
    for (const nodeid of kernel.lookups.keys()) kernel.forget(nodeid);
    // "." and ".." take 160 bytes each, each of the others 168: 2 × 160 + 22 × 168 = 4016.
    const first = await kernel.readdirplus(ROOT, 0, 0);
    expect(first.map((entry) => entry.name)).toEqual([".", "..", ...sixteen(10, 32)]);
    expect(first[0]!.entry.nodeid).toBe(0);
    expect(first[2]).toMatchObject({ type: DT_DIR, ino: 2, off: 3, entry: { nodeid: 2, entry_valid: 1 } });
    const second = await kernel.readdirplus(ROOT, 0, first.at(-1)!.off);
    expect(second.map((entry) => entry.name)).toEqual(sixteen(32, 56));
    const held = [...fs.nodes].filter(([, node]) => node.nlookup > 0).map(([nodeid]) => nodeid);
    expect(held).toEqual([...kernel.lookups.keys()]);
    expect(held).toHaveLength(46);
  });

  test("a record that ends with the page fits, one more byte does not", async () => {
    const room = (name: string) => kernel.readdirplus(ROOT, 0, 2, 152 + name.length);
    await kernel.mkdir(ROOT, "12345678");
    expect(await room("12345678")).toHaveLength(1);
    expect(await room("1234567")).toHaveLength(0);
    expect(await kernel.readdir(ROOT, 0, 2, 32)).toHaveLength(1);
    expect(await kernel.readdir(ROOT, 0, 2, 31)).toHaveLength(0);
  });

  test("an entry whose node cannot be had is listed without one", async () => {
    fs.readdir = (_node, _fh, _offset, _plus, sink) => {
      sink.entry("gone", 77, DT_REG, 1);
      sink.entryPlus("odd", 2, { node: 0, generation: 0, attributes: fs.nodes.get(ROOT)!.attributes });
    };
    const entries = await kernel.readdirplus(ROOT, 0, 0);
    expect(entries).toMatchObject([
      { name: "gone", ino: 77, type: DT_REG, entry: { nodeid: 0 } },
      { name: "odd", ino: 1, type: DT_DIR, entry: { nodeid: 0, attr: { mode: 0 } } },
    ]);
  });

  test("a listing that fails half-way gives its lookups back", async () => {
    const { nodeid } = await kernel.mkdir(ROOT, "a");
    const whole = fs.readdir.bind(fs);
    fs.readdir = async (node, fh, offset, plus, sink) => {
      await whole(node, fh, offset, plus, sink);
      throw new FsError(Errno.EIO);
    };
    await expect(kernel.readdirplus(ROOT, 0, 0)).rejects.toEqual(failsWith(Errno.EIO));
    expect(fs.nodes.get(nodeid)!.nlookup).toBe(1);
  });
});

describe("a read-only share", () => {
  beforeEach(async () => {
    await fs.create(ROOT, "f", S_IFREG, O_WRONLY, kernel.caller);
    fs.calls.length = 0;
    fs.init = () => {};
    serve({ readOnly: true });
    await kernel.mount();
  });

  test("refuses all that modifies", async () => {
    const calls = [
      kernel.setattr(2, fuse.FATTR_MODE),
      kernel.symlink(ROOT, "l", "t"),
      kernel.mknod(ROOT, "p", S_IFIFO),
      kernel.mkdir(ROOT, "d"),
      kernel.unlink(ROOT, "f"),
      kernel.rmdir(ROOT, "f"),
      kernel.rename(ROOT, "f", ROOT, "g"),
      kernel.rename(ROOT, "f", ROOT, "g", RENAME_EXCHANGE),
      kernel.link(2, ROOT, "l"),
      kernel.open(2, O_WRONLY),
      kernel.open(2, O_RDWR),
      kernel.open(2, O_TRUNC),
      kernel.write(2, 0, 0, bytes("x")),
      kernel.setxattr(2, "user.a", bytes("x")),
      kernel.removexattr(2, "user.a"),
      kernel.create(ROOT, "new", O_CREAT | O_WRONLY),
      kernel.fallocate(2, 0, 0, 0, 1),
      kernel.copyFileRange(2, {}),
      kernel.tmpfile(ROOT, O_RDWR),
    ];
    for (const call of calls) await expect(call).rejects.toEqual(failsWith(Errno.EROFS));
    expect(fs.calls).toEqual([]);
  });

  test("lets all else through", async () => {
    const { nodeid } = await kernel.lookup(ROOT, "f");
    const { fh } = await kernel.open(nodeid);
    await kernel.read(nodeid, fh, 0, 10);
    await kernel.flush(nodeid, fh);
    await kernel.fsync(nodeid, fh);
    await kernel.release(nodeid, fh);
    await kernel.syncfs(ROOT);
    await kernel.destroy();
  });
});

test("each request is traced and counted", async () => {
  await kernel.mount();
  timers.tick = 0.25;
  await expect(kernel.lookup(ROOT, "x")).rejects.toThrow();
  const lookup = { operation: "LOOKUP", unique: 4, nodeid: ROOT, microseconds: 250, errno: Errno.ENOENT };
  expect(events[1]).toEqual(lookup);
  await kernel.getattr(ROOT);
  await kernel.getattr(ROOT);
  expect([...server.requests]).toEqual([
    ["INIT", 1],
    ["LOOKUP", 1],
    ["GETATTR", 2],
  ]);
});

test("what is not an FsError is EIO, and reported once for each cause", async () => {
  await kernel.mount();
  fs.getattr = () => {
    throw new TypeError("oops");
  };
  fs.statfs = async () => Promise.reject(new Error("later oops"));
  for (let i = 0; i < 3; i++) {
    await expect(kernel.getattr(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
    await expect(kernel.statfs(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
  }
  expect(bugs).toEqual(["GETATTR: TypeError: oops", "STATFS: Error: later oops"]);
});

function sixteen(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `sixteen-bytes-${from + i}`);
}
