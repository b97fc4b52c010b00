import { beforeEach, describe, expect, test } from "vitest";
import { ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { O_RDWR } from "../posix/open-flags.js";
import * as fuse from "./fuse.js";
import { FuseServer } from "./server.js";
import type { TraceEvent } from "./server-options.js";
import { KernelDouble, LINUX_6_1, LINUX_6_12 } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const failsWith = (errno: number) => expect.objectContaining({ errno });
const settled = () => new Promise((resolve) => setImmediate(resolve));

let timers: TimersDouble;
let fs: TinyFileSystem;
let bugs: string[];
let timeouts: TraceEvent[];
let server: FuseServer;
let kernel: KernelDouble;

beforeEach(() => {
  timers = new TimersDouble();
  fs = new TinyFileSystem();
  bugs = [];
  timeouts = [];
  server = new FuseServer(fs, {
    timers,
    onBug: (error) => bugs.push(String(error)),
    onTimeout: (event) => timeouts.push(event),
  });
  kernel = new KernelDouble(server);
});

/** Makes GETATTR wait until told. */
function held(): { resolve: () => void; reject: (error: Error) => void } {
  const { attributes } = fs.nodes.get(ROOT)!;
  const { promise, resolve, reject } = withResolvers<typeof attributes>();
  fs.getattr = () => promise;
  return { resolve: () => resolve(attributes), reject };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

describe("INIT", () => {
  const base =
    fuse.FUSE_ASYNC_READ |
    fuse.FUSE_BIG_WRITES |
    fuse.FUSE_DO_READDIRPLUS |
    fuse.FUSE_READDIRPLUS_AUTO |
    fuse.FUSE_ASYNC_DIO |
    fuse.FUSE_PARALLEL_DIROPS |
    fuse.FUSE_CACHE_SYMLINKS |
    fuse.FUSE_MAX_PAGES |
    fuse.FUSE_INIT_EXT;

  test("agrees with Linux 6.12", async () => {
    expect(await kernel.mount()).toEqual({
      major: 7,
      minor: 41,
      max_readahead: 131072,
      flags: base | fuse.FUSE_ATOMIC_O_TRUNC | fuse.FUSE_AUTO_INVAL_DATA,
      max_background: 65535,
      congestion_threshold: 49149,
      max_write: 2 ** 20,
      time_gran: 1,
      max_pages: 256,
      map_alignment: 0,
      flags2: 0,
      max_stack_depth: 0,
    });
    expect(fs.calls).toEqual(["init"]);
  });

  test("agrees with Linux 6.1", async () => {
    expect(await kernel.mount(LINUX_6_1)).toMatchObject({ minor: 38, max_pages: 256 });
  });

  test("takes what profile and file system call for, and only what was offered", async () => {
    fs.profile = { ...fs.profile, keepCache: true, invalidateOnChange: false, timeGranularity: 1e6 };
    Object.assign(fs, { open: undefined, getxattr: () => new Uint8Array(0) });
    const reply = await kernel.mount();
    expect(reply.flags).toBe(base | fuse.FUSE_HANDLE_KILLPRIV_V2);
    expect(reply.time_gran).toBe(1e6);
    expect((await kernel.mount({ ...LINUX_6_12, flags: fuse.FUSE_BIG_WRITES })).flags).toBe(fuse.FUSE_BIG_WRITES);
  });

  test("of a kernel before 7.36 is 16 bytes", async () => {
    const input = fuse.fuse_init_in.encode({ ...LINUX_6_12, minor: 31, flags2: 0xffff }).subarray(0, 16);
    const reply = await kernel.request(fuse.FUSE_INIT, 0, [input], fuse.fuse_init_out.size);
    expect(fuse.fuse_init_out.decode(reply)).toMatchObject({ major: 7, minor: 31 });
  });

  test("of another version is refused, or answered with ours", async () => {
    await expect(kernel.mount({ major: 7, minor: 26 })).rejects.toEqual(failsWith(Errno.EPROTO));
    await expect(kernel.mount({ major: 6, minor: 99 })).rejects.toEqual(failsWith(Errno.EPROTO));
    expect(await kernel.mount({ major: 8, minor: 1 })).toMatchObject({ major: 7, minor: 41, max_write: 0 });
    await expect(kernel.getattr(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
    expect(fs.calls).toEqual([]);
    await kernel.mount();
    await kernel.getattr(ROOT);
  });

  test("comes before everything else", async () => {
    await expect(kernel.getattr(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
    await expect(kernel.destroy()).rejects.toEqual(failsWith(Errno.EIO));
    kernel.forget(ROOT, 1);
    expect(fs.nodes.get(ROOT)!.nlookup).toBe(0);
  });

  test("again begins anew, and ends what still waits", async () => {
    await kernel.mount();
    await kernel.mkdir(ROOT, "d");
    const { resolve } = held();
    const waiting = kernel.getattr(ROOT);
    await kernel.mount();
    await expect(waiting).rejects.toEqual(failsWith(Errno.EIO));
    await expect(kernel.lookup(ROOT, "d")).rejects.toEqual(failsWith(Errno.ENOENT));
    resolve();
    await settled();
    expect([server.pending, timers.waiting]).toEqual([0, 0]);
  });
});

test("DESTROY waits for the file system", async () => {
  await kernel.mount();
  const { promise, resolve } = withResolvers<void>();
  fs.destroy = () => promise;
  let over = false;
  const destroyed = kernel.destroy().then(() => (over = true));
  await settled();
  expect(over).toBe(false);
  await expect(kernel.getattr(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
  resolve();
  await destroyed;
  await kernel.mount();
  await kernel.lookup(ROOT, "x").catch(() => {});
});

test("replies come in the order in which they are ready", async () => {
  await kernel.mount();
  const { resolve } = held();
  const first = kernel.getattr(ROOT);
  expect(kernel.answeredAtOnce).toBe(false);
  await kernel.statfs(ROOT);
  expect([server.pending, timers.waiting]).toEqual([1, 1]);
  resolve();
  expect((await first).attr.ino).toBe(ROOT);
  expect([server.pending, timers.waiting]).toEqual([0, 0]);
});

describe("an operation that does not end", () => {
  beforeEach(() => kernel.mount());

  test("is EIO after two minutes, and its late result is ignored", async () => {
    const { resolve } = held();
    const reply = kernel.getattr(ROOT);
    timers.advance(119_999);
    expect(server.pending).toBe(1);
    timers.advance(1);
    await expect(reply).rejects.toEqual(failsWith(Errno.EIO));
    const event = { operation: "GETATTR", unique: 4, nodeid: ROOT, microseconds: 120_000_000, errno: Errno.EIO };
    expect(timeouts).toEqual([event]);
    resolve();
    await settled();
    expect(bugs).toEqual([]);
  });

  test("may fail late", async () => {
    const { reject } = held();
    const reply = kernel.getattr(ROOT);
    timers.advance(120_000);
    await expect(reply).rejects.toEqual(failsWith(Errno.EIO));
    reject(new Error("at last"));
    await settled();
    expect(bugs).toEqual(["Error: at last"]);
  });

  test("gives back the lookups and handles of its late result", async () => {
    const create = fs.create.bind(fs);
    const { promise, resolve } = withResolvers<void>();
    fs.create = async (...args) => promise.then(() => create(...args));
    const created = kernel.create(ROOT, "f", O_RDWR);
    timers.advance(120_000);
    await expect(created).rejects.toEqual(failsWith(Errno.EIO));
    resolve();
    await settled();
    expect(fs.nodes.get(2)!.nlookup).toBe(0);
    expect(fs.handles.size).toBe(0);
  });

  test("of an earlier mount gives nothing back", async () => {
    const create = fs.create.bind(fs);
    const { promise, resolve } = withResolvers<void>();
    fs.create = async (...args) => promise.then(() => create(...args));
    const created = kernel.create(ROOT, "f", O_RDWR);
    await kernel.mount();
    await expect(created).rejects.toEqual(failsWith(Errno.EIO));
    resolve();
    await settled();
    expect(fs.nodes.get(2)!.nlookup).toBe(1);
  });
});

test("after a reset nothing is answered, and nothing is mounted", async () => {
  await kernel.mount();
  const { resolve } = held();
  let answered = false;
  void kernel.getattr(ROOT).finally(() => (answered = true));
  server.reset();
  resolve();
  await settled();
  expect(answered).toBe(false);
  expect([server.pending, timers.waiting]).toEqual([0, 0]);
  await expect(kernel.statfs(ROOT)).rejects.toEqual(failsWith(Errno.EIO));
});
