import type { StoreCase } from "./store-case.js";
import { contentOf, directoryIn, equal, fileIn, names, put, readAll, sameBytes, text } from "./store-case.js";

/** Names that move or go while their file is open. */
export const openNameCases: readonly StoreCase[] = [
  {
    name: "an open file is renamed, and goes on",
    run: async ({ root }) => {
      const directory = await root.createDirectory("directory");
      const open = await (await root.createFile("a")).open(true);
      await open.write(0, [text("before")]);
      const renamed = root.rename("a", directory, "b");
      const written = open.write(6, [text(", during")]);
      await Promise.all([renamed, written]);
      await open.write(14, [text(", after")]);
      await open.close();
      equal(await names(root), ["directory"], "names");
      equal(await contentOf(directory, "b"), "before, during, after", "content");
    },
  },
  {
    name: "an open file takes the place of another",
    run: async ({ root }) => {
      await put(root, "target", "the old content");
      const open = await (await root.createFile("temporary")).open(true);
      await open.write(0, [text("new")]);
      await root.rename("temporary", root, "target");
      equal(await names(root), ["target"], "names");
      await open.write(3, [text("er")]);
      await open.flush();
      await open.close();
      equal(await contentOf(root, "target"), "newer", "content");
    },
  },
  {
    name: "a removed file is read until it is closed",
    run: async ({ root }) => {
      await put(root, "file", "content");
      const open = await (await fileIn(root, "file")).open(false);
      await open.detach();
      await root.remove("file");
      equal(await names(root), [], "names");
      sameBytes(await readAll(open), text("content"), "bytes");
      await open.close();
      equal(await names(root), [], "names after close");
    },
  },
  {
    name: "a removed file is written until it is closed, and its name is free",
    run: async ({ root }) => {
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [text("unsaved")]);
      await open.detach();
      await root.remove("file");
      await open.write(7, [text(" and more")]);
      await put(root, "file", "another");
      sameBytes(await readAll(open), text("unsaved and more"), "bytes");
      await open.truncate(3);
      sameBytes(await readAll(open), text("uns"), "bytes");
      equal(open.unsaved(), 0, "unsaved");
      await open.flush();
      await open.close();
      equal(await contentOf(root, "file"), "another", "content");
    },
  },
  {
    name: "a replaced file is read until it is closed",
    run: async ({ root }) => {
      await put(root, "old", "old content");
      await put(root, "new", "new");
      const open = await (await fileIn(root, "old")).open(false);
      await open.detach();
      await root.rename("new", root, "old");
      sameBytes(await readAll(open), text("old content"), "bytes");
      equal(await contentOf(root, "old"), "new", "content");
      await open.close();
      equal(await contentOf(root, "old"), "new", "content after close");
    },
  },
  {
    name: "detached and closed before its name goes",
    run: async ({ root }) => {
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [text("content")]);
      await open.detach();
      await open.close();
      await root.remove("file");
      equal(await names(root), [], "names");
    },
  },
  {
    name: "a file keeps its content through many renames",
    run: async ({ root }) => {
      const directory = await root.createDirectory("d");
      await put(directory, "0", "content");
      for (let i = 0; i < 10; i++) {
        await directory.rename(String(i), directory, String(i + 1));
        const open = await (await fileIn(directory, String(i + 1))).open(true);
        await open.write(open.size(), [text(String(i))]);
        await open.close();
      }
      await root.rename("d", root, "e");
      equal(await contentOf(await directoryIn(root, "e"), "10"), "content0123456789", "content");
    },
  },
];
