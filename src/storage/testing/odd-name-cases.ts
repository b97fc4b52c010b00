import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { Store } from "../store.js";
import { ODD_NAMES } from "./odd-names.js";
import type { StoreCase } from "./store-case.js";
import { contentOf, directoryIn, equal, fails, fileIn, names, put, readAll, sameBytes, text } from "./store-case.js";

const sorted = ODD_NAMES.toSorted();

/** Names are bytes: whatever Linux allows. */
export const oddNameCases: readonly StoreCase[] = [
  {
    name: "odd names: files",
    run: async (store) => {
      const { root } = store;
      for (const name of ODD_NAMES) {
        store.checkName(name);
        equal(await root.get(name), undefined, `get ${JSON.stringify(name)}`);
        await put(root, name, JSON.stringify(name));
      }
      equal(await names(root), sorted, "names");
      for (const name of ODD_NAMES) equal(await contentOf(root, name), JSON.stringify(name), "content");
    },
  },
  {
    name: "odd names: all at once",
    run: async ({ root }) => {
      await Promise.all(ODD_NAMES.map((name) => put(root, name, JSON.stringify(name))));
      equal(await names(root), sorted, "names");
      for (const name of ODD_NAMES) equal(await contentOf(root, name), JSON.stringify(name), "content");
      await Promise.all(ODD_NAMES.map(async (name) => root.rename(name, root, `${name}2`)));
      equal(await names(root), ODD_NAMES.map((name) => `${name}2`).toSorted(), "names");
      await Promise.all(ODD_NAMES.map(async (name) => root.remove(`${name}2`)));
      equal(await names(root), [], "names");
    },
  },
  {
    name: "odd names: directories, renamed with what is in them",
    run: async ({ root }) => {
      for (const name of ODD_NAMES) await put(await root.createDirectory(name), name, "below");
      equal(await names(root), sorted, "names");
      const target = await root.createDirectory("target");
      for (const name of ODD_NAMES) {
        await root.rename(name, target, name);
        equal(await contentOf(await directoryIn(target, name), name), "below", JSON.stringify(name));
      }
      equal(await names(root), ["target"], "names");
      equal(await names(target), sorted, "names in the target");
    },
  },
  {
    name: "odd names: removed, each by itself",
    run: async ({ root }) => {
      for (const name of ODD_NAMES) await put(root, name, "");
      const left = [...ODD_NAMES];
      for (const name of ODD_NAMES) {
        await root.remove(name);
        left.shift();
        equal(await root.get(name), undefined, `get ${JSON.stringify(name)}`);
        await fails(Errno.ENOENT, () => root.remove(name), `remove ${JSON.stringify(name)} again`);
        if (left.length % 10 === 0) equal(await names(root), left.toSorted(), "names");
      }
    },
  },
  {
    name: "odd names: renamed to and from",
    run: async ({ root }) => {
      await put(root, "plain", "content");
      for (const name of ODD_NAMES) {
        await root.rename("plain", root, name);
        equal(await names(root), [name], "names");
        await root.rename(name, root, "plain");
      }
      let last = "plain";
      for (const name of ODD_NAMES) {
        await root.rename(last, root, name);
        equal(await names(root), [name], "names");
        last = name;
      }
      equal(await contentOf(root, last), "content", "content");
    },
  },
  {
    name: "odd names: an open file takes the place of another",
    run: async ({ root }) => {
      const directory = await root.createDirectory("con:");
      await put(directory, "old?", "old");
      const open = await (await directory.createFile("new.")).open(true);
      await open.write(0, [text("new")]);
      await directory.rename("new.", directory, "old?");
      await open.write(3, [text("er")]);
      sameBytes(await readAll(open), text("newer"), "bytes");
      await open.close();
      await root.rename("con:", root, "aux");
      equal(await names(await directoryIn(root, "aux")), ["old?"], "names");
      equal(await contentOf(await directoryIn(root, "aux"), "old?"), "newer", "content");
    },
  },
  {
    name: "a name in another case, or of another form, is not there",
    run: async ({ root }) => {
      await put(root, "readme", "content");
      await root.createDirectory("Entr\u00e9e");
      for (const name of ["README", "Readme", "Entre\u0301e", "entr\u00e9e"]) {
        equal(await root.get(name), undefined, name);
        await fails(Errno.ENOENT, () => root.remove(name), `remove ${name}`);
        await fails(Errno.ENOENT, () => root.rename(name, root, "other"), `rename ${name}`);
      }
      await root.rename("readme", root, "README");
      await root.rename("Entr\u00e9e", root, "Entre\u0301e");
      equal(await names(root), ["Entre\u0301e", "README"], "names");
      equal(await contentOf(root, "README"), "content", "content");
    },
  },
  {
    name: "names as long as Linux has them",
    run: async (store) => {
      const { root } = store;
      const all = ["x".repeat(255), "\u00e9".repeat(127), ":".repeat(85), `${"y".repeat(252)}:`];
      for (const name of [":".repeat(255), "\udcff".repeat(255), `\\${"z".repeat(254)}`]) {
        if (takes(store, name)) all.push(name);
      }
      for (const name of all) {
        await put(root, name, "1");
        const open = await (await fileIn(root, name)).open(true);
        await open.write(1, [text("2")]);
        await open.close();
        await root.rename(name, root, "short");
        await root.rename("short", root, name);
      }
      equal(await names(root), all.toSorted(), "names");
      for (const name of all) equal(await contentOf(root, name), "12", "content");
      const parent = await root.createDirectory("d");
      for (const name of all) await put(await parent.createDirectory(name), name, "below");
      equal(await names(parent), all.toSorted(), "names of directories");
    },
  },
];

/** True for a name that the store can hold; it may be too long as the store has to spell it. */
function takes(store: Store, name: string): boolean {
  try {
    store.checkName(name);
    return true;
  } catch (error) {
    if (error instanceof FsError && error.errno === Errno.ENAMETOOLONG) return false;
    throw error;
  }
}
