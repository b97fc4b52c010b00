import {
  FATTR_ATIME,
  FATTR_ATIME_NOW,
  FATTR_GID,
  FATTR_KILL_SUIDGID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_SIZE,
  FATTR_UID,
} from "../../fuse/fuse.js";
import { equal, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";

const WRITE_KILL_SUIDGID = 4;

export const attributeCases: readonly ConformanceCase[] = [
  {
    name: "what the store has gets the default attributes",
    async run({ guest, reload }) {
      await guest.put("file", "x");
      await guest.mkdir("directory");
      const again = await reload();
      const [file, directory] = [await again.stat("file"), await again.stat("directory")];
      equal(file.mode, 0o100644, "mode of a file");
      equal(directory.mode, 0o040755, "mode of a directory");
      equal(file.nlink, 1, "links");
      equal(file.blksize, 4096, "block size");
    },
  },
  {
    name: "a new file belongs to its maker and has the mode asked for",
    async run({ guest }) {
      guest.kernel.caller = { uid: 1234, gid: 567, pid: 1 };
      const file = await guest.create("file", 2, 0o600);
      await guest.mkdir("directory", 0o700);
      const [{ uid, gid, mode }, directory] = [await guest.stat("file"), await guest.stat("directory")];
      equal([uid, gid, mode], [1234, 567, 0o100600], "file");
      equal([directory.uid, directory.gid, directory.mode], [1234, 567, 0o040700], "directory");
      await guest.close(file);
    },
  },
  {
    name: "a file created read-only is written through its descriptor",
    async run({ guest }) {
      const file = await guest.create("file", 2, 0o444);
      await guest.write(file, 0, "written");
      await guest.close(file);
      equal(await guest.text("file"), "written", "content");
      equal((await guest.stat("file")).mode, 0o100444, "mode");
      await guest.mkdir("closed", 0);
      equal((await guest.stat("closed")).mode, 0o040000, "mode of a directory");
    },
  },
  {
    name: "chmod and chown",
    async run({ guest }) {
      await guest.put("file", "x");
      const node = await guest.node("file");
      await guest.kernel.setattr(node, FATTR_MODE, { mode: 0o4755 });
      equal((await guest.stat("file")).mode, 0o104755, "mode");
      await guest.kernel.setattr(node, FATTR_UID | FATTR_GID, { uid: 7, gid: 8 });
      const { uid, gid, mode, size } = await guest.stat("file");
      equal([uid, gid, mode, size], [7, 8, 0o100755, 1], "owner, and set-user-ID gone");
    },
  },
  {
    name: "set-id bits go when the kernel says so",
    async run({ guest }) {
      const file = await guest.create("file", 2, 0o6755);
      await guest.kernel.write(file.node, file.fh, 0, new Uint8Array(1), WRITE_KILL_SUIDGID);
      equal((await guest.stat("file")).mode, 0o100755, "after a write");
      await guest.kernel.setattr(file.node, FATTR_MODE, { mode: 0o6745 });
      await guest.kernel.setattr(file.node, FATTR_SIZE | FATTR_KILL_SUIDGID, { size: 0 });
      equal((await guest.stat("file")).mode, 0o102745, "after a truncate: set-group-ID without x means no such thing");
      await guest.close(file);
    },
  },
  {
    name: "a set-group-ID directory hands its group down",
    async run({ guest }) {
      const node = await guest.mkdir("shared");
      await guest.kernel.setattr(node, FATTR_GID, { gid: 42 });
      await guest.kernel.setattr(node, FATTR_MODE, { mode: 0o2775 });
      await guest.put("shared/file", "");
      await guest.mkdir("shared/directory");
      equal((await guest.stat("shared/file")).gid, 42, "file");
      const { gid, mode } = await guest.stat("shared/directory");
      equal([gid, mode], [42, 0o042755], "directory");
    },
  },
  {
    name: "times are set to the nanosecond",
    async run({ guest }) {
      await guest.put("file", "x");
      const node = await guest.node("file");
      const changes = { atime: 1_000_000_000, atimensec: 123_456_789, mtime: -5, mtimensec: 999_999_999 };
      const before = await guest.stat("file");
      await guest.kernel.setattr(node, FATTR_ATIME | FATTR_MTIME, changes);
      const { atime, atimensec, mtime, mtimensec, ctime } = await guest.stat("file");
      equal({ atime, atimensec, mtime, mtimensec }, changes, "times");
      isTrue(ctime >= before.ctime, "ctime went back");
      await guest.kernel.setattr(node, FATTR_ATIME | FATTR_ATIME_NOW);
      isTrue((await guest.stat("file")).atime > 1_000_000_000, "atime is not now");
    },
  },
  {
    name: "size, mtime and ctime move with a write and a truncate",
    async run({ guest, elapse }) {
      const file = await guest.create("file");
      const created = await guest.stat("file");
      await elapse(20);
      await guest.write(file, 0, "0123456789");
      const written = await guest.stat("file");
      equal([written.size, written.blocks], [10, 8], "size");
      isTrue(timeOf(written) > timeOf(created), "mtime stands still at a write");
      equal([written.ctime, written.ctimensec], [written.mtime, written.mtimensec], "ctime");
      await elapse(20);
      await guest.truncate("file", 5);
      isTrue(timeOf(await guest.stat("file")) > timeOf(written), "mtime stands still at a truncate");
      await guest.close(file);
    },
  },
  {
    name: "mtime of a directory moves with its entries",
    async run({ guest, elapse }) {
      await guest.mkdir("d");
      let last = timeOf(await guest.stat("d"));
      const moves = async (what: string, change: () => Promise<unknown>): Promise<void> => {
        await elapse(20);
        await change();
        const now = timeOf(await guest.stat("d"));
        isTrue(now > last, `mtime stands still at ${what}`);
        last = now;
      };
      await moves("create", () => guest.put("d/a", ""));
      await moves("rename", () => guest.rename("d/a", "d/b"));
      await moves("mkdir", () => guest.mkdir("d/c"));
      await moves("unlink", () => guest.unlink("d/b"));
      await moves("rmdir", () => guest.rmdir("d/c"));
      await moves("symlink", () => guest.symlink("d/l", "x"));
    },
  },
  {
    name: "mtime is about the same after a reload",
    async run({ guest, reload }) {
      await guest.put("file", "x");
      const before = timeOf(await guest.stat("file"));
      const after = timeOf(await (await reload()).stat("file"));
      isTrue(Math.abs(after - before) < 5, `${after - before} s apart`);
    },
  },
  {
    name: "space is reported",
    async run({ guest }) {
      const { blocks, bfree, bavail, bsize, namelen } = await guest.kernel.statfs(1);
      isTrue(blocks >= bfree && bfree >= bavail && bavail > 0, "blocks");
      isTrue(bsize > 0, "block size");
      equal(namelen, 255, "name length");
    },
  },
];

/** mtime in seconds. */
function timeOf({ mtime, mtimensec }: { mtime: number; mtimensec: number }): number {
  return mtime + mtimensec / 1e9;
}
