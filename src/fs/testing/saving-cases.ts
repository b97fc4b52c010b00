import { Errno } from "../../posix/errno.js";
import { equal, fails, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";

export const savingCases: readonly ConformanceCase[] = [
  {
    name: "after fsync nothing is unsaved",
    async run({ guest, fileSystem }) {
      const file = await guest.create("file");
      await guest.write(file, 0, "content");
      await guest.kernel.fsync(file.node, file.fh);
      equal(fileSystem.unsavedBytes(), 0, "bytes");
      equal(fileSystem.unsavedFiles(), 0, "files");
      await guest.close(file);
    },
  },
  {
    name: "after syncfs nothing is unsaved",
    async run({ guest, fileSystem }) {
      await guest.mkdir("d");
      for (let i = 0; i < 20; i++) await guest.put(`d/f${i}`, `content ${i}`);
      await guest.kernel.syncfs(1);
      equal(fileSystem.unsavedBytes(), 0, "bytes");
      equal(fileSystem.unsavedFiles(), 0, "files");
      await guest.kernel.fsyncdir(await guest.node("d"), 0);
    },
  },
  {
    name: "a file removed before it reached the store leaves nothing",
    async run({ guest, reload }) {
      for (let i = 0; i < 20; i++) {
        await guest.put(`t${i}`, "x");
        const node = await guest.node(`t${i}`);
        await guest.unlink(`t${i}`);
        guest.kernel.forget(node);
      }
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
  {
    name: "a directory removed before it reached the store leaves nothing",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await guest.put("a/b/f", "x");
      await guest.rename("a/b", "c");
      await guest.unlink("c/f");
      await guest.rmdir("c");
      await guest.rmdir("a");
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
  {
    name: "a second mount starts afresh",
    async run({ guest, reload }) {
      await guest.put("file", "content");
      const node = await guest.node("file");
      await guest.kernel.destroy();
      await guest.kernel.mount();
      await fails(Errno.ESTALE, guest.kernel.getattr(node), "a node of the first mount");
      equal(await guest.text("file"), "content", "content");
      equal(await (await reload()).text("file"), "content", "content after a reload");
    },
  },
  {
    name: "a reload sees the same tree",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await guest.put("a/one", "1");
      await guest.put("a/b/two", "2");
      await guest.put("three", "3");
      const tree = await guest.tree();
      const again = await reload();
      equal(await again.tree(), tree, "tree");
      isTrue(await again.exists("a/b/two"), "it is not there");
    },
  },
];
