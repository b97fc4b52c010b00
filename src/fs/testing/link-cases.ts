import { FATTR_MODE } from "../../fuse/fuse.js";
import { ReplyError } from "../../fuse/testing/kernel-double.js";
import { Errno } from "../../posix/errno.js";
import { decodeName } from "../../posix/name.js";
import { RENAME_EXCHANGE, RENAME_WHITEOUT } from "../../posix/rename-flags.js";
import { equal, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import type { Guest } from "./guest.js";

/** Rules of names beyond one for each file, of what is kept beside them, and that both outlive a visit. */
export const linkCases: readonly ConformanceCase[] = [
  {
    name: "hard links share content, attributes and count, through a reload and whichever name goes",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      await guest.put("a", "one");
      await guest.link("a", "d/b");
      await guest.link("d/b", "c");
      await guest.kernel.setattr(await guest.node("c"), FATTR_MODE, { mode: 0o640 });
      equal((await guest.stat("a")).nlink, 3, "names");
      const second = await reload();
      equal(await second.text("d/b"), "one", "content, by a name that no store has");
      const { mode, nlink, ino } = await second.stat("d/b");
      equal([mode, nlink], [0o100640, 3], "mode and names");
      equal((await second.stat("a")).ino, ino, "inode");
      await second.unlink("a");
      const file = await second.open("c");
      await second.write(file, 0, "two");
      await second.close(file);
      equal(await second.text("d/b"), "two", "written by another name");
      const third = await reload();
      equal([await third.text("c"), await third.text("d/b")], ["two", "two"], "content, the first name gone");
      equal((await third.stat("c")).nlink, 2, "names left");
      await third.unlink("d/b");
      await third.rename("c", "d/e");
      const fourth = await reload();
      equal(await fourth.text("d/e"), "two", "content of the last name");
      equal((await fourth.stat("d/e")).nlink, 1, "names at last");
      equal([await fourth.list(""), await fourth.list("d")], [["d"], ["e"]], "listings");
    },
  },
  {
    name: "links of what only the records know: a symbolic link, a FIFO",
    async run({ guest, reload }) {
      await guest.symlink("s", "target");
      await guest.kernel.mknod(1, "fifo", 0o010600);
      await guest.mkdir("d");
      await guest.link("s", "d/s");
      await guest.link("fifo", "d/fifo");
      await guest.unlink("s");
      const again = await reload();
      equal(decodeName(await again.kernel.readlink(await again.node("d/s"))), "target", "target");
      equal((await again.stat("d/s")).nlink, 1, "names of the link");
      equal((await again.stat("fifo")).nlink, 2, "names of the FIFO");
    },
  },
  {
    name: "directories have no links, nor has what was removed",
    async run({ guest }) {
      const directory = await guest.mkdir("d");
      await failsWith(Errno.EPERM, () => guest.kernel.link(directory, 1, "e"));
      const file = await guest.create("f");
      await guest.unlink("f");
      await failsWith(Errno.ENOENT, () => guest.kernel.link(file.node, 1, "g"));
      await guest.close(file);
    },
  },
  {
    name: "renaming a name over another of several",
    async run({ guest, reload }) {
      await guest.put("a", "a");
      await guest.link("a", "b");
      await guest.put("x", "x");
      await guest.rename("x", "a");
      equal([await guest.text("a"), await guest.text("b")], ["x", "a"], "after the main name was replaced");
      await guest.link("b", "c");
      await guest.rename("c", "a");
      const again = await reload();
      equal([await again.text("a"), await again.text("b")], ["a", "a"], "after a link replaced a file");
      equal((await again.stat("a")).nlink, 2, "names");
      equal((await again.list("")).sort(), ["a", "b"], "listing");
    },
  },
  {
    name: "extended attributes: set, listed, replaced, removed, shared by links, kept through a reload",
    async run({ guest, reload }) {
      await guest.put("file", "x");
      const node = await guest.node("file");
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await guest.kernel.setxattr(node, "user.all", all);
      await guest.kernel.setxattr(node, "user.empty", new Uint8Array());
      await failsWith(Errno.EEXIST, () => guest.kernel.setxattr(node, "user.all", all, 1));
      await failsWith(Errno.ENODATA, () => guest.kernel.setxattr(node, "user.none", all, 2));
      await failsWith(Errno.EOPNOTSUPP, () => guest.kernel.setxattr(node, "system.posix_acl_access", all));
      await failsWith(Errno.ERANGE, () => guest.kernel.getxattr(node, "user.all", 255));
      await guest.link("file", "link");
      await guest.rename("file", "moved");
      const again = await reload();
      const link = await again.node("link");
      equal(await again.kernel.getxattr(link, "user.all", 256), all, "value");
      equal((await again.kernel.getxattr(link, "user.empty", 1)).length, 0, "empty value");
      equal(decodeName(await again.kernel.listxattr(link, 1000)), "user.all\0user.empty\0", "names");
      await again.kernel.removexattr(await again.node("moved"), "user.all");
      await failsWith(Errno.ENODATA, () => again.kernel.getxattr(link, "user.all", 256));
    },
  },
  {
    name: "exchanged names have each other's node, whatever they are, and after a reload",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      await guest.put("d/inside", "i");
      await guest.put("file", "f");
      await guest.symlink("link", "target");
      const exchanging = guest.rename("file", "d", RENAME_EXCHANGE);
      const isMissing = await exchanging.then(
        () => false,
        (error: unknown) => error instanceof ReplyError && error.errno === Errno.EINVAL,
      );
      if (isMissing) return; // this store has nowhere to put one of them meanwhile
      await guest.rename("d", "link", RENAME_EXCHANGE);
      await check(guest);
      await check(await reload());
      async function check(at: Guest): Promise<void> {
        equal(await at.text("file/inside"), "i", "directory");
        equal(await at.text("link"), "f", "file");
        equal(decodeName(await at.kernel.readlink(await at.node("d"))), "target", "symbolic link");
      }
    },
  },
  {
    name: "a rename may leave a whiteout",
    async run({ guest, reload }) {
      await guest.put("old", "o");
      await guest.rename("old", "new", RENAME_WHITEOUT);
      const again = await reload();
      const { mode, rdev } = await again.stat("old");
      equal([mode & 0o170000, rdev], [0o020000, 0], "whiteout");
      equal(await again.text("new"), "o", "content");
    },
  },
  {
    name: "a file without a name: its content, and the name it gets",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      const kept = await guest.temporary("d", 0o600);
      const dropped = await guest.temporary("");
      await guest.write(kept, 0, "kept");
      await guest.write(dropped, 0, "dropped");
      equal(decodeName(await guest.read(dropped)), "dropped", "content without a name");
      equal((await guest.kernel.getattr(kept.node)).attr.nlink, 0, "names at first");
      await guest.linkNode(kept.node, "d/kept");
      equal((await guest.stat("d/kept")).nlink, 1, "names then");
      await guest.close(kept);
      await guest.close(dropped);
      const again = await reload();
      equal([await again.list(""), await again.list("d")], [["d"], ["kept"]], "listings");
      equal([await again.text("d/kept"), (await again.stat("d/kept")).mode], ["kept", 0o100600], "what was kept");
    },
  },
  {
    name: "the time of birth stays, through writes and a reload",
    async run({ guest, reload, elapse }) {
      await guest.put("file", "x");
      const { btime, btime_nsec } = await birth(guest, "file");
      await elapse(50);
      const file = await guest.open("file");
      await guest.write(file, 0, "yy");
      await guest.close(file);
      equal(await birth(guest, "file"), { btime, btime_nsec }, "after a write");
      equal(await birth(await reload(), "file"), { btime, btime_nsec }, "after a reload");
      isTrue(btime > 0, "no time of birth");
    },
  },
  {
    name: "times of written files and of directories survive a reload to the nanosecond",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      await guest.put("d/file", "content");
      const before = [await times(guest, "d"), await times(guest, "d/file")];
      const again = await reload();
      equal([await times(again, "d"), await times(again, "d/file")], before, "times");
    },
  },
];

async function birth(guest: Guest, path: string): Promise<{ btime: number; btime_nsec: number }> {
  const { stat } = await guest.kernel.statx(await guest.node(path));
  return { btime: stat.btime.tv_sec, btime_nsec: stat.btime.tv_nsec };
}

async function times(guest: Guest, path: string): Promise<number[]> {
  const { atime, atimensec, mtime, mtimensec, ctime, ctimensec } = await guest.stat(path);
  return [atime, atimensec, mtime, mtimensec, ctime, ctimensec];
}

async function failsWith(errno: Errno, run: () => Promise<unknown>): Promise<void> {
  const failure = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  isTrue(failure instanceof ReplyError && failure.errno === errno, `${String(failure)}, not errno ${errno}`);
}
