import { expect, test } from "vitest";
import { O_RDWR } from "../posix/open-flags.js";
import * as fuse from "./fuse.js";
import { formatExchange, Recorder } from "./testing/golden/exchange.js";
import { KernelDouble } from "./testing/kernel-double.js";

const [ROOT, FILE] = [1, 2];
const NOTHING = new Uint8Array(0);
const PROJECT = new Uint8Array(28).fill(5, 12, 13);

/**
 * What a program that calls statx(2), ioctl(2), setxattr(2) and so on made Linux 6.12.117 send on 2025-11-22, beside the golden
 * sessions, whose programs call none of these. Zeros stand where `unique` was and, of an ioctl, the program's pointer.
 */
const CAPTURED: [line: string, send: (kernel: KernelDouble) => Promise<unknown>][] = [
  ["40(3)34(11)02(15)1e(27)ff0f0000 304", (kernel) => kernel.statx(FILE)],
  ["48(3)27(11)02(15)1e(15)08(3)01660480(12)04(3) 36", (kernel) => kernel.fileattr(FILE, 0x80046601, NOTHING, 4)],
  [
    "4c(3)27(11)02(15)1e(15)08(3)02660440(8)04(7)10(3) 32",
    (kernel) => kernel.fileattr(FILE, 0x40046602, Uint8Array.of(0x10, 0, 0, 0), 0),
  ],
  ["48(3)27(11)02(15)1e(15)08(3)1f581c80(12)1c(3) 60", (kernel) => kernel.fileattr(FILE, 0x801c581f, NOTHING, 28)],
  ["64(3)27(11)02(15)1e(15)08(3)20581c40(8)1c(19)05(15) 32", (kernel) => kernel.fileattr(FILE, 0x401c5820, PROJECT, 0)],
  ["48(3)27(11)02(15)1e(15)08(3)01760480(12)04(3) 4128", (kernel) => kernel.ioctl(FILE, 0x80047601)],
  ["48(3)27(11)02(15)1e(15)08(3)0154(18) 4128", (kernel) => kernel.ioctl(FILE, 0x5401)],
  [
    "48(3)27(11)01(15)1e(15)18(3)01660480(12)04(3) 36",
    (kernel) => kernel.fileattr(ROOT, 0x80046601, NOTHING, 4, fuse.FUSE_IOCTL_DIR | fuse.FUSE_IOCTL_32BIT),
  ],
  [
    "3a(3)15(11)02(15)1e(7)03(3)01(3)757365722e61006f6e65 16",
    (kernel) => kernel.setxattr(FILE, "user.a", new TextEncoder().encode("one"), 1),
  ],
  ["37(3)16(11)02(15)1e(7)64(7)757365722e6100 116", (kernel) => kernel.getxattr(FILE, "user.a", 100)],
  ["30(3)17(11)02(15)1e(7)64(7) 116", (kernel) => kernel.listxattr(FILE, 100)],
  ["2f(3)18(11)02(15)1e(7)757365722e6100 16", (kernel) => kernel.removexattr(FILE, "user.a")],
  ["40(3)2e(11)02(15)1e(15)fbffffffffffffff03(7) 24", (kernel) => kernel.lseek(FILE, 0, -5, 3)],
  ["48(3)2b(11)02(15)1e(24)10(6)03(7) 16", (kernel) => kernel.fallocate(FILE, 0, 3, 0, 4096)],
  [
    "46(3)2d(11)01(15)1e(7)01(7)02(7)6f75740068656c6c6f2e74787400 16",
    (kernel) => kernel.rename(ROOT, "out", ROOT, "hello.txt", 2),
  ],
  ["3a(3)33(11)01(15)1e(7)020041008081000012(7)2f00 160", (kernel) => kernel.tmpfile(ROOT, 0o20200000 | O_RDWR, 0o600)],
  ["30(3)32(11)01(15)1e(15) 16", (kernel) => kernel.syncfs(ROOT)],
];

test.each(CAPTURED)("the double sends %s", async (line, send) => {
  const recorder = new Recorder({ handle: (message) => message.complete(0) });
  const kernel = new KernelDouble(recorder);
  kernel.caller = { uid: 0, gid: 0, pid: 30 };
  await send(kernel).catch(() => {}); // the reply is none
  const [exchange] = recorder.exchanges;
  const request = exchange!.request.fill(0, 8, 16);
  expect(formatExchange({ ...exchange!, operation: "", request })).toBe(line);
});
