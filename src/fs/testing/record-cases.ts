import { FATTR_ATIME, FATTR_GID, FATTR_MODE, FATTR_MTIME, FATTR_UID } from "../../fuse/fuse.js";
import { decodeName } from "../../posix/name.js";
import { equal, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import type { Guest } from "./guest.js";

const TIMES = { atime: 1_000_000_000, atimensec: 123_456_789, mtime: 1_100_000_000, mtimensec: 1 };

export const recordCases: readonly ConformanceCase[] = [
  {
    name: "modes and owners survive a reload",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      await guest.put("d/program", "#!/bin/sh");
      await guest.kernel.setattr(await guest.node("d/program"), FATTR_MODE, { mode: 0o755 });
      await guest.kernel.setattr(await guest.node("d"), FATTR_MODE | FATTR_UID | FATTR_GID, {
        mode: 0o1777,
        uid: 5,
        gid: 6,
      });
      await guest.kernel.setattr(1, FATTR_MODE, { mode: 0o700 });
      const again = await reload();
      equal((await again.stat("d/program")).mode, 0o100755, "mode of a file");
      const { mode, uid, gid } = await again.stat("d");
      equal([mode, uid, gid], [0o041777, 5, 6], "directory");
      equal((await again.kernel.getattr(1)).attr.mode, 0o040700, "mode of the root");
    },
  },
  {
    name: "symlinks, FIFOs and devices survive a reload",
    async run({ guest, reload }) {
      await guest.mkdir("d");
      await guest.symlink("d/link", "../tärget");
      await guest.kernel.mknod(1, "fifo", 0o010644);
      await guest.kernel.mknod(1, "device", 0o020600, 0x103);
      const again = await reload();
      equal((await again.list("")).sort(), ["d", "device", "fifo"], "names");
      equal(await targetOf(again, "d/link"), "../tärget", "target");
      equal((await again.stat("fifo")).mode, 0o010644, "mode of the FIFO");
      const { mode, rdev } = await again.stat("device");
      equal([mode, rdev], [0o020600, 0x103], "device");
      await again.unlink("d/link");
      await again.rename("fifo", "d/fifo");
      const third = await reload();
      equal([await third.list("d"), await third.list("")].flat().sort(), ["d", "device", "fifo"], "names, later");
    },
  },
  {
    name: "times that the guest set survive a reload, until the file is written",
    async run({ guest, reload, elapse }) {
      await guest.put("file", "content");
      await guest.kernel.setattr(await guest.node("file"), FATTR_ATIME | FATTR_MTIME, TIMES);
      const second = await reload();
      const { atime, atimensec, mtime, mtimensec } = await second.stat("file");
      equal({ atime, atimensec, mtime, mtimensec }, TIMES, "times");
      await elapse(20);
      const file = await second.open("file");
      await second.write(file, 0, "CONTENT");
      await second.close(file);
      isTrue((await (await reload()).stat("file")).mtime > TIMES.mtime, "the old time is back");
    },
  },
  {
    name: "what is renamed keeps its attributes, and what is below a directory",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await guest.put("a/b/program", "x");
      await guest.kernel.setattr(await guest.node("a/b/program"), FATTR_MODE, { mode: 0o700 });
      await guest.symlink("a/b/link", "target");
      await guest.rename("a", "z");
      await guest.rename("z/b/program", "z/p");
      const again = await reload();
      equal((await again.stat("z/p")).mode, 0o100700, "mode");
      equal(await targetOf(again, "z/b/link"), "target", "target");
    },
  },
  {
    name: "a name taken again has none of the attributes of what had it before",
    async run({ guest, reload }) {
      await guest.put("a", "");
      await guest.put("b", "");
      await guest.mkdir("d");
      await guest.symlink("d/link", "target");
      for (const name of ["a", "b"]) await guest.kernel.setattr(await guest.node(name), FATTR_MODE, { mode: 0o600 });
      await guest.unlink("a");
      await guest.put("a", "");
      await guest.put("c", "");
      await guest.rename("c", "b");
      await guest.unlink("d/link");
      await guest.rmdir("d");
      await guest.mkdir("d");
      const again = await reload();
      equal((await again.stat("a")).mode, 0o100644, "created anew");
      equal((await again.stat("b")).mode, 0o100644, "replaced");
      equal(await again.list("d"), [], "directory");
    },
  },
  {
    name: "attributes outlive the guest's memory of a node",
    async run({ guest }) {
      await guest.mkdir("d");
      await guest.put("d/program", "x");
      await guest.kernel.setattr(await guest.node("d/program"), FATTR_MODE, { mode: 0o711 });
      await guest.symlink("d/link", "target");
      await guest.kernel.syncfs(1);
      for (const node of guest.kernel.lookups.keys()) guest.kernel.forget(node);
      equal((await guest.stat("d/program")).mode, 0o100711, "mode");
      equal((await guest.list("d")).sort(), ["link", "program"], "names");
    },
  },
];

async function targetOf(guest: Guest, path: string): Promise<string> {
  return decodeName(await guest.kernel.readlink(await guest.node(path)));
}
