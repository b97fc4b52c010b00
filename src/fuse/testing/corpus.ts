import { ROOT_NODE_ID as ROOT } from "../../fs/file-system.js";
import { O_CREAT, O_RDWR, O_TRUNC } from "../../posix/open-flags.js";
import * as fuse from "../fuse.js";
import { FuseServer } from "../server.js";
import { parseExchange, Recorder } from "./golden/exchange.js";
import exclusive from "./golden/linux-6.12-exclusive.json";
import shared from "./golden/linux-6.12-shared.json";
import { KernelDouble } from "./kernel-double.js";
import { MoodyFileSystem } from "./moody-file-system.js";
import { TimersDouble } from "./timers-double.js";

/** A request as a kernel sends it, and how many bytes it has for the reply. */
export interface SeedRequest {
  readonly bytes: Uint8Array;
  readonly room: number;
}

/** What real guests sent, and each request of the protocol at least once. */
export async function seedRequests(): Promise<SeedRequest[]> {
  const golden = [...exclusive.exchanges, ...shared.exchanges].map(parseExchange);
  const exchanges = [...golden, ...(await everyRequest())];
  return exchanges.map(({ request, room }) => ({ bytes: request, room }));
}

async function everyRequest(): Promise<Recorder["exchanges"]> {
  const recorder = new Recorder(new FuseServer(new MoodyFileSystem(), { timers: new TimersDouble() }));
  const kernel = new KernelDouble(recorder);
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i);
  const [file, fh] = [2, 3];
  const calls: (() => Promise<unknown> | void)[] = [
    () => kernel.mount(),
    () => kernel.lookup(ROOT, "hello.txt"),
    () => kernel.getattr(file, fh),
    () => kernel.statx(file),
    () => kernel.setattr(file, 0xffff, { mode: 0o644, size: 10, atime: -1, mtimensec: 5 }),
    () => kernel.readlink(file),
    () => kernel.symlink(ROOT, "link", "../target"),
    () => kernel.mknod(ROOT, "fifo", 0o010600),
    () => kernel.mkdir(ROOT, "directory"),
    () => kernel.unlink(ROOT, "hello.txt"),
    () => kernel.rmdir(ROOT, "directory"),
    () => kernel.rename(ROOT, "a", ROOT, "b"),
    () => kernel.rename(ROOT, "a", file, "b", 1),
    () => kernel.rename(ROOT, "a", ROOT, "hello.txt", 2),
    () => kernel.link(file, ROOT, "hard"),
    () => kernel.open(file, O_RDWR | O_TRUNC, 1),
    () => kernel.create(ROOT, "new", O_RDWR | O_CREAT | O_TRUNC),
    () => kernel.tmpfile(ROOT, O_RDWR),
    () => kernel.read(file, fh, 0, 10_000),
    () => kernel.write(file, fh, 100, bytes, 4),
    () => kernel.flush(file, fh),
    () => kernel.fsync(file, fh, true),
    () => kernel.fallocate(file, fh, 3, 10, 20),
    () => kernel.lseek(file, fh, 0, 3),
    () => kernel.copyFileRange(file, { fh_in: fh, off_in: 0, nodeid_out: file, fh_out: fh, off_out: 90, len: 50 }),
    () => kernel.release(file, fh),
    () => kernel.opendir(ROOT),
    () => kernel.readdir(ROOT, 0, 0),
    () => kernel.readdirplus(ROOT, 0, 0),
    () => kernel.fsyncdir(ROOT, 0),
    () => kernel.releasedir(ROOT, 0),
    () => kernel.statfs(ROOT),
    () => kernel.syncfs(ROOT),
    () => kernel.setxattr(file, "user.name", bytes.subarray(0, 100)),
    () => kernel.getxattr(file, "user.name", 1000),
    () => kernel.getxattr(file, "user.name", 0),
    () => kernel.listxattr(file, 1000),
    () => kernel.removexattr(file, "user.name"),
    () => kernel.fileattr(file, 0x80046601, new Uint8Array(0), 4),
    () => kernel.fileattr(file, 0x401c5820, new Uint8Array(28), 0),
    () => kernel.ioctl(file, 0x80047601),
    () => kernel.forget(file, 1),
    () => kernel.batchForget([{ nodeid: file, nlookup: 1 }, { nodeid: 5, nlookup: 2 }]), // prettier-ignore
    () => kernel.destroy(),
  ];
  for (const call of calls) await call();
  recorder.exchanges.push(
    ...[fuse.FUSE_INTERRUPT, fuse.FUSE_NOTIFY_REPLY, fuse.FUSE_POLL, fuse.FUSE_SETLKW].map((opcode) => ({
      operation: String(opcode),
      request: fuse.fuse_in_header.encode({ len: fuse.fuse_in_header.size + 48, opcode, nodeid: file }),
      room: 64,
      reply: new Uint8Array(0),
    })),
  );
  return recorder.exchanges;
}
