import { beforeEach, expect, test } from "vitest";
import { ROOT_NODE_ID as ROOT } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { decodeName } from "../posix/name.js";
import { FuseServer } from "./server.js";
import { KernelDouble } from "./testing/kernel-double.js";
import { TimersDouble } from "./testing/timers-double.js";
import { TinyFileSystem } from "./testing/tiny-file-system.js";

const ONE = Uint8Array.of(1);
const failsWith = (errno: number) => expect.objectContaining({ errno });

let values: Map<string, Uint8Array>;
let sets: number[];
let kernel: KernelDouble;

beforeEach(async () => {
  values = new Map();
  sets = [];
  const xattrs = {
    getxattr: (_node: number, name: string) => values.get(name)!,
    setxattr: (_node: number, name: string, value: Uint8Array, flags: number) => {
      values.set(name, value);
      sets.push(flags);
    },
    listxattr: () => [...values.keys()],
    removexattr: (_node: number, name: string) => void values.delete(name),
  };
  const fs = Object.assign(new TinyFileSystem(), xattrs);
  kernel = new KernelDouble(new FuseServer(fs, { timers: new TimersDouble() }));
  await kernel.mount();
});

test("size first, then value; too little room is ERANGE", async () => {
  const big = Uint8Array.from({ length: 65536 }, (_, i) => i % 7);
  await kernel.setxattr(ROOT, "user.a", Uint8Array.of(1, 2, 3));
  await kernel.setxattr(ROOT, "user.big/slash", big);
  expect((await kernel.getxattr(ROOT, "user.a", 0)).length).toBe(3);
  expect(await kernel.getxattr(ROOT, "user.a", 100)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await kernel.getxattr(ROOT, "user.big/slash", 65536)).toEqual(big);
  await expect(kernel.getxattr(ROOT, "user.a", 2)).rejects.toEqual(failsWith(Errno.ERANGE));
  await kernel.removexattr(ROOT, "user.a");
  expect([...values.keys()]).toEqual(["user.big/slash"]);
});

test("a value may be empty, and 65536 bytes long", async () => {
  await kernel.setxattr(ROOT, "user.empty", new Uint8Array(0));
  expect(await kernel.getxattr(ROOT, "user.empty", 10)).toEqual(new Uint8Array(0));
  await expect(kernel.setxattr(ROOT, "user.b", new Uint8Array(65537))).rejects.toEqual(failsWith(Errno.E2BIG));
});

test("flags are CREATE and REPLACE", async () => {
  for (const flags of [0, 1, 2, 3]) await kernel.setxattr(ROOT, "user.a", ONE, flags);
  expect(sets).toEqual([0, 1, 2, 3]);
  for (const flags of [4, 0x80000000]) {
    await expect(kernel.setxattr(ROOT, "user.a", ONE, flags)).rejects.toEqual(failsWith(Errno.EINVAL));
  }
});

test("names are listed each with its NUL, those of root to root alone", async () => {
  for (const name of ["user.a", "trusted.b", "security.ä"]) await kernel.setxattr(ROOT, name, ONE);
  expect(decodeName(await kernel.listxattr(ROOT, 100))).toBe("user.a\0security.ä\0");
  kernel.caller = { uid: 0, gid: 0, pid: 1 };
  expect(decodeName(await kernel.listxattr(ROOT, 100))).toBe("user.a\0trusted.b\0security.ä\0");
  expect((await kernel.listxattr(ROOT, 0)).length).toBe(29);
  expect((await kernel.listxattr(ROOT, 29)).length).toBe(29);
  await expect(kernel.listxattr(ROOT, 28)).rejects.toEqual(failsWith(Errno.ERANGE));
});

test("a list too long for anybody is ERANGE, from which Linux makes E2BIG", async () => {
  for (let i = 0; i < 300; i++) values.set(`user.${String(i).padStart(240, "x")}`, ONE);
  expect((await kernel.listxattr(ROOT, 0)).length).toBe(300 * 246);
  await expect(kernel.listxattr(ROOT, 65536)).rejects.toEqual(failsWith(Errno.ERANGE));
});

test.each([
  ["", Errno.ERANGE],
  [`user.${"x".repeat(251)}`, Errno.ERANGE],
  [`user.${"ä".repeat(126)}`, Errno.ERANGE],
  ["user.", Errno.EINVAL],
  ["trusted.", Errno.EINVAL],
  ["security.", Errno.EINVAL],
  ["user", Errno.EOPNOTSUPP],
  ["com.apple.quarantine", Errno.EOPNOTSUPP],
  ["system.posix_acl_access", Errno.EOPNOTSUPP],
  ["system.posix_acl_default", Errno.EOPNOTSUPP],
  ["system.nfs4_acl", Errno.EOPNOTSUPP],
  ["system.", Errno.EOPNOTSUPP],
])("the name %j fails alike everywhere", async (name, errno) => {
  await expect(kernel.getxattr(ROOT, name, 0)).rejects.toEqual(failsWith(errno));
  await expect(kernel.getxattr(ROOT, name, 10)).rejects.toEqual(failsWith(errno));
  await expect(kernel.setxattr(ROOT, name, ONE)).rejects.toEqual(failsWith(errno));
  await expect(kernel.removexattr(ROOT, name)).rejects.toEqual(failsWith(errno));
});

test("a name of 255 bytes is fine", async () => {
  const name = `user.${"ä".repeat(125)}`;
  await kernel.setxattr(ROOT, name, ONE);
  expect(await kernel.getxattr(ROOT, name, 10)).toEqual(ONE);
});
