import { Errno } from "../../posix/errno.js";
import { O_EXCL, O_RDWR } from "../../posix/open-flags.js";
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from "../../posix/rename-flags.js";
import { equal, fails, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";

export const nameCases: readonly ConformanceCase[] = [
  {
    name: "a name that is not there is not found, and then created",
    async run({ guest }) {
      isTrue(!(await guest.exists("file")), "it is there");
      await guest.put("file", "x");
      isTrue(await guest.exists("file"), "it is not there");
      await guest.unlink("file");
      isTrue(!(await guest.exists("file")), "it is there still");
    },
  },
  {
    name: "the same name gives the same node",
    async run({ guest }) {
      await guest.put("file", "x");
      equal(await guest.node("file"), await guest.node("file"), "node");
    },
  },
  {
    name: "exclusive creation of what is there fails",
    async run({ guest }) {
      await guest.put("file", "x");
      await guest.mkdir("directory");
      await fails(Errno.EEXIST, guest.create("file", O_RDWR | O_EXCL), "a file");
      await fails(Errno.EEXIST, guest.mkdir("file"), "mkdir over a file");
      await fails(Errno.EEXIST, guest.mkdir("directory"), "mkdir over a directory");
      await fails(Errno.EEXIST, guest.symlink("file", "target"), "symlink");
      equal(await guest.text("file"), "x", "content");
    },
  },
  {
    name: "wrong kinds are refused",
    async run({ guest }) {
      await guest.put("file", "x");
      await guest.mkdir("directory");
      const file = await guest.node("file");
      await fails(Errno.ENOTDIR, guest.kernel.lookup(file, "x"), "lookup in a file");
      await fails(Errno.EISDIR, guest.unlink("directory"), "unlink of a directory");
      await fails(Errno.ENOTDIR, guest.rmdir("file"), "rmdir of a file");
      await fails(Errno.EISDIR, guest.rename("file", "directory"), "file over directory");
      await fails(Errno.ENOTDIR, guest.rename("directory", "file"), "directory over file");
      await fails(Errno.EISDIR, guest.truncate("directory", 0), "truncate of a directory");
      await fails(Errno.EINVAL, guest.kernel.readlink(file), "readlink of a file");
      await fails(Errno.ENOENT, guest.unlink("nothing"), "unlink of nothing");
      await fails(Errno.ENOENT, guest.rmdir("nothing"), "rmdir of nothing");
      await fails(Errno.ENOENT, guest.rename("nothing", "something"), "rename of nothing");
    },
  },
  {
    name: "only an empty directory is removed",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await fails(Errno.ENOTEMPTY, guest.rmdir("a"), "with a directory");
      await guest.rmdir("a/b");
      await guest.put("a/file", "x");
      await fails(Errno.ENOTEMPTY, guest.rmdir("a"), "with a file");
      await guest.unlink("a/file");
      await guest.rmdir("a");
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
  {
    name: "rename in a directory, and to another",
    async run({ guest, reload }) {
      await guest.put("a", "content");
      await guest.mkdir("d");
      const node = await guest.node("a");
      await guest.rename("a", "b");
      isTrue(!(await guest.exists("a")), "the old name is there");
      await guest.rename("b", "d/c");
      equal(await guest.node("d/c"), node, "node");
      equal(await guest.tree(), { d: { c: "content" } }, "tree");
      equal(await (await reload()).tree(), { d: { c: "content" } }, "tree after a reload");
    },
  },
  {
    name: "rename over a file replaces it",
    async run({ guest, reload }) {
      await guest.put("old", "old");
      await guest.put("new", "new");
      await guest.rename("new", "old");
      equal(await guest.tree(), { old: "new" }, "tree");
      equal(await (await reload()).tree(), { old: "new" }, "tree after a reload");
    },
  },
  {
    name: "an editor saves by rename, many times",
    async run({ guest, reload }) {
      for (let version = 0; version < 10; version++) {
        await guest.put("document.tmp", `version ${version}`);
        await guest.rename("document.tmp", "document");
        equal(await guest.text("document"), `version ${version}`, "content");
      }
      equal(await (await reload()).tree(), { document: "version 9" }, "tree after a reload");
    },
  },
  {
    name: "names are swapped through a third",
    async run({ guest, reload }) {
      await guest.put("a", "A");
      await guest.put("b", "B");
      const second = await reload();
      await second.rename("a", "t");
      await second.rename("b", "a");
      await second.rename("t", "b");
      equal(await second.tree(), { a: "B", b: "A" }, "tree");
      equal(await (await reload()).tree(), { a: "B", b: "A" }, "tree after a reload");
    },
  },
  {
    name: "rename of a directory takes what is below",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await guest.put("a/b/file", "deep");
      const file = await guest.open("a/b/file");
      await guest.rename("a", "z");
      await guest.write(file, 4, "er");
      equal(await guest.text("z/b/file"), "deeper", "content");
      await guest.put("z/b/other", "new");
      await guest.mkdir("a");
      await guest.put("a/file", "another");
      await guest.close(file);
      const tree = { a: { file: "another" }, z: { b: { file: "deeper", other: "new" } } };
      equal(await guest.tree(), tree, "tree");
      equal(await (await reload()).tree(), tree, "tree after a reload");
    },
  },
  {
    name: "rename of a directory over an empty one",
    async run({ guest, reload }) {
      await guest.mkdir("a");
      await guest.put("a/file", "x");
      await guest.mkdir("b");
      await guest.rename("a", "b");
      await guest.mkdir("c");
      await fails(Errno.ENOTEMPTY, guest.rename("c", "b"), "over a full one");
      equal(await (await reload()).tree(), { b: { file: "x" }, c: {} }, "tree");
    },
  },
  {
    name: "a directory cannot move into itself",
    async run({ guest }) {
      await guest.mkdir("a");
      await guest.mkdir("a/b");
      await fails(Errno.EINVAL, guest.rename("a", "a/b/c"), "into itself");
      equal(await guest.tree(), { a: { b: {} } }, "tree");
    },
  },
  {
    name: "rename flags",
    async run({ guest }) {
      await guest.put("a", "A");
      await guest.put("b", "B");
      await fails(Errno.EEXIST, guest.rename("a", "b", RENAME_NOREPLACE), "NOREPLACE");
      await fails(Errno.EINVAL, guest.rename("a", "b", RENAME_EXCHANGE | RENAME_NOREPLACE), "both");
      await guest.rename("a", "c", RENAME_NOREPLACE);
      equal(await guest.tree(), { b: "B", c: "A" }, "tree");
    },
  },
  {
    name: "rename onto itself changes nothing",
    async run({ guest }) {
      await guest.put("a", "A");
      await guest.rename("a", "a");
      equal(await guest.text("a"), "A", "content");
    },
  },
  {
    name: "names that differ in case are two",
    async run({ guest }) {
      await guest.put("Name", "upper");
      isTrue(!(await guest.exists("name")), "the other is there");
    },
  },
  {
    name: "unusual names",
    async run({ guest, reload }) {
      const names = ["ünïcödé", "with space", "-dash", ".hidden", "a.b.c", "%41", "日本語", "🦀", "x".repeat(200)];
      for (const name of names) await guest.put(name, name);
      const again = await reload();
      equal((await again.list("")).sort(), names.sort(), "names");
      for (const name of names) equal(await again.text(name), name, name);
    },
  },
  {
    name: "nothing is created in a directory that was removed",
    async run({ guest }) {
      const node = await guest.mkdir("gone");
      await guest.rmdir("gone");
      await fails(Errno.ENOENT, guest.kernel.create(node, "file", O_RDWR), "create");
      await fails(Errno.ENOENT, guest.kernel.mkdir(node, "directory"), "mkdir");
      await guest.put("file", "x");
      await fails(Errno.ENOENT, guest.kernel.rename(1, "file", node, "file"), "rename");
    },
  },
  {
    name: "symlinks hold their target",
    async run({ guest }) {
      await guest.put("file", "x");
      await guest.symlink("link", "../some/target");
      const entry = await guest.entry("link");
      equal(entry.attr.mode, 0o120777, "mode");
      equal(entry.attr.size, 14, "size");
      equal(String.fromCharCode(...(await guest.kernel.readlink(entry.nodeid))), "../some/target", "target");
      await guest.rename("link", "file");
      equal((await guest.stat("file")).mode, 0o120777, "mode over a file");
      await guest.put("other", "y");
      await guest.rename("other", "file");
      equal(await guest.tree(), { file: "y" }, "tree");
    },
  },
];
