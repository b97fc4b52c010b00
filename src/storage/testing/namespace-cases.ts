import { Errno } from "../../posix/errno.js";
import type { StoreCase } from "./store-case.js";
import { assert, contentOf, directoryIn, equal, fails, fileIn, names, put } from "./store-case.js";

export const namespaceCases: readonly StoreCase[] = [
  {
    name: "an empty root lists nothing",
    run: async ({ root }) => {
      equal(await names(root), [], "names");
      equal(await root.get("missing"), undefined, "get");
    },
  },
  {
    name: "a created file is there, empty and young",
    run: async ({ root }) => {
      const before = Date.now();
      await root.createFile("new");
      const stat = await (await fileIn(root, "new")).stat();
      equal(stat.size, 0, "size");
      assert(Math.abs(stat.lastModified - before) < 10_000, `lastModified ${stat.lastModified}`);
      equal(await names(root), ["new"], "names");
    },
  },
  {
    name: "creating what is there gives it as it is",
    run: async ({ root }) => {
      await put(root, "file", "content");
      await root.createFile("file");
      equal(await contentOf(root, "file"), "content", "content");
      await put(await root.createDirectory("directory"), "below", "x");
      equal(await names(await root.createDirectory("directory")), ["below"], "names");
    },
  },
  {
    name: "creating over the other kind fails",
    run: async ({ root }) => {
      await root.createFile("file");
      await root.createDirectory("directory");
      await fails(Errno.EISDIR, () => root.createFile("directory"), "createFile");
      await fails(Errno.ENOTDIR, () => root.createDirectory("file"), "createDirectory");
    },
  },
  {
    name: "directories nest",
    run: async ({ root }) => {
      let at = root;
      for (let depth = 0; depth < 20; depth++) at = await at.createDirectory(`level ${depth}`);
      await put(at, "deep", "down");
      let again = root;
      for (let depth = 0; depth < 20; depth++) again = await directoryIn(again, `level ${depth}`);
      equal(await contentOf(again, "deep"), "down", "content");
    },
  },
  {
    name: "names are kept to the letter",
    run: async ({ root }) => {
      const all = [
        ".hidden",
        "a b",
        "Grüße",
        "日本語",
        "😀.txt",
        "UPPER",
        "upper",
        "%41",
        "a'b",
        "#x",
        "a,b;c=d&e+f@g!",
      ];
      for (const name of all) await put(root, name, name);
      equal(await names(root), all.toSorted(), "names");
      for (const name of all) equal(await contentOf(root, name), name, "content");
    },
  },
  {
    name: "impossible names are refused before anything is tried",
    run: async (store) => {
      for (const name of ["", ".", "..", "a/b", "a\0b"]) {
        await fails(Errno.EINVAL, async () => store.checkName(name), JSON.stringify(name));
      }
      await fails(Errno.ENAMETOOLONG, async () => store.checkName("x".repeat(256)), "256 bytes");
      await fails(Errno.EILSEQ, async () => store.checkName("\ud800"), "a lone surrogate");
      store.checkName("x".repeat(240));
    },
  },
  {
    name: "a file is removed, once",
    run: async ({ root }) => {
      await put(root, "file", "content");
      await root.remove("file");
      equal(await root.get("file"), undefined, "get");
      await fails(Errno.ENOENT, () => root.remove("file"), "remove again");
    },
  },
  {
    name: "a directory is removed only when it is empty",
    run: async ({ root }) => {
      const directory = await root.createDirectory("directory");
      await put(directory, "file", "content");
      await fails(Errno.ENOTEMPTY, () => root.remove("directory"), "remove");
      equal(await contentOf(directory, "file"), "content", "content");
      await directory.remove("file");
      await root.remove("directory");
      equal(await names(root), [], "names");
    },
  },
  {
    name: "a file is renamed in its directory and into another",
    run: async ({ root }) => {
      await put(root, "a", "content");
      const directory = await root.createDirectory("directory");
      await root.rename("a", root, "b");
      equal(await names(root), ["b", "directory"], "names");
      await root.rename("b", directory, "c");
      equal(await names(root), ["directory"], "names");
      equal(await contentOf(directory, "c"), "content", "content");
      await fails(Errno.ENOENT, () => root.rename("b", root, "d"), "rename what is gone");
    },
  },
  {
    name: "a file is renamed over another",
    run: async ({ root }) => {
      await put(root, "new", "new content");
      await put(root, "old", "the old content, which is longer");
      await root.rename("new", root, "old");
      equal(await names(root), ["old"], "names");
      equal(await contentOf(root, "old"), "new content", "content");
    },
  },
  {
    name: "a directory is renamed with what is in it",
    run: async ({ root }) => {
      const from = await root.createDirectory("from");
      await put(from, "one", "1");
      const inner = await from.createDirectory("inner");
      for (let i = 0; i < 40; i++) await put(inner, `file ${i}`, `content ${i}`);
      await inner.createDirectory("empty");
      const target = await root.createDirectory("target");
      await root.rename("from", target, "to");
      equal(await names(root), ["target"], "names");
      const to = await directoryIn(target, "to");
      equal(await names(to), ["inner", "one"], "names");
      const moved = await directoryIn(to, "inner");
      equal((await names(moved)).length, 41, "entries");
      for (let i = 0; i < 40; i++) equal(await contentOf(moved, `file ${i}`), `content ${i}`, "content");
    },
  },
  {
    name: "a directory is renamed over an empty one, and over nothing else",
    run: async ({ root }) => {
      await put(await root.createDirectory("from"), "file", "x");
      await root.createDirectory("empty");
      await put(await root.createDirectory("full"), "other", "y");
      await root.createFile("file");
      await fails(Errno.ENOTEMPTY, () => root.rename("from", root, "full"), "over a full one");
      await fails(Errno.ENOTDIR, () => root.rename("from", root, "file"), "over a file");
      await fails(Errno.EISDIR, () => root.rename("file", root, "empty"), "a file over a directory");
      await root.rename("from", root, "empty");
      equal(await names(root), ["empty", "file", "full"], "names");
      equal(await contentOf(await directoryIn(root, "empty"), "file"), "x", "content");
    },
  },
  {
    name: "a hundred files at once",
    run: async ({ root }) => {
      const all = Array.from({ length: 100 }, (_, i) => `file ${String(i).padStart(2, "0")}`);
      await Promise.all(all.map((name) => put(root, name, name)));
      equal(await names(root), all, "names");
      await Promise.all(all.map(async (name) => equal(await contentOf(root, name), name, "content")));
      await Promise.all(all.map(async (name) => root.remove(name)));
      equal(await names(root), [], "names");
    },
  },
  {
    name: "space is told",
    run: async (store) => {
      const { total, free } = await store.space();
      assert(total > 0 && free > 0 && free <= total, `${free} of ${total} free`);
    },
  },
];
