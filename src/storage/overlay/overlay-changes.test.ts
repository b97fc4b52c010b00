import { describe, expect, it } from "vitest";
import { outsideOf, treeOf } from "../../fs/testing/memory-outside.js";
import { MemoryRecordLog } from "../memory/memory-record-log.js";
import type { MemoryTree } from "../memory/memory-store.js";
import { MemoryStore } from "../memory/memory-store.js";
import { contentOf, directoryIn, fileIn, names, put, text } from "../testing/store-case.js";
import { applyChanges } from "./apply-changes.js";
import { changesOf } from "./changes.js";
import { discardChanges } from "./discard-changes.js";
import { OverlayStore } from "./overlay-store.js";
import type { StoreDirectory } from "../store.js";

const FOLDER: MemoryTree = {
  "readme.txt": "read me\n",
  "remove me": "gone soon",
  src: { "main.c": "int main;", lib: { "a.c": "a", "b.c": "b" }, empty: {} },
  old: { one: "1", two: "2" },
};

/** A folder on a disk, and a guest over it. */
async function begin(folder: MemoryTree = FOLDER) {
  let clock = 1_750_000_000_000;
  const now = (): number => (clock += 1000);
  const disk = new MemoryStore(folder, { exclusive: false, now });
  const [contents, log] = [new MemoryStore({}, { now }), new MemoryRecordLog()];
  const open = (): Promise<OverlayStore> => OverlayStore.open({ lower: disk, contents, log });
  const store = await open();
  return { disk, open, store, outside: outsideOf(disk), contents };
}

/** The whole tree that the guest sees. */
async function seen(directory: StoreDirectory): Promise<Record<string, unknown>> {
  const tree: Record<string, unknown> = {};
  for (const entry of [...(await directory.list())].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    tree[entry.name] =
      entry.kind === "directory" ? await seen(entry.directory) : await contentOf(directory, entry.name);
  }
  return tree;
}

/** One of everything. */
async function work({ root }: OverlayStore): Promise<void> {
  const open = await (await fileIn(root, "readme.txt")).open(true);
  await open.write(5, [text("YOU")]);
  await open.close();
  await root.remove("remove me");
  await put(root, "new.txt", "new");
  const src = await directoryIn(root, "src");
  await src.rename("lib", root, "library");
  await put(await directoryIn(root, "library"), "a.c", "A!");
  await put(await root.createDirectory("made"), "below", "x");
  const old = await directoryIn(root, "old");
  await old.remove("one");
  await old.remove("two");
  await root.remove("old");
}

const CHANGED = {
  library: { "a.c": "A!", "b.c": "b" },
  made: { below: "x" },
  "new.txt": "new",
  "readme.txt": "read YOU",
  src: { empty: {}, "main.c": "int main;" },
};

describe("a folder that the guest changes beside itself", () => {
  it("is as it was, byte for byte, and the guest sees its changes, also at the next visit", async () => {
    const { disk, store, open, outside } = await begin();
    const before = treeOf(disk.root);
    await work(store);
    expect(treeOf(disk.root)).toEqual(before);
    expect(await seen(store.root)).toEqual(CHANGED);
    expect(await seen((await open()).root)).toEqual(CHANGED);
    expect(outside.list("")).toContain("remove me");
  });

  it("lists what was added, changed and deleted, with sizes", async () => {
    const { store } = await begin();
    await work(store);
    const lines = (await changesOf(store.overlay)).map(
      ({ path, kind, type, size, oldSize }) =>
        `${kind} ${type} ${path} ${size}${oldSize === undefined ? "" : ` ${oldSize}`}`,
    );
    expect(lines).toEqual([
      "added directory library 0",
      "added file library/a.c 2",
      "added file library/b.c 1",
      "added directory made 0",
      "added file made/below 1",
      "added file new.txt 3",
      "deleted directory old 0",
      "deleted file old/one 1",
      "deleted file old/two 1",
      "changed file readme.txt 8 8",
      "deleted file remove me 9",
      "deleted directory src/lib 0",
      "deleted file src/lib/a.c 1",
      "deleted file src/lib/b.c 1",
    ]);
  });

  it("gets all changes when they are applied, and the guest sees the same", async () => {
    const { disk, store, contents } = await begin();
    await work(store);
    const { length } = await changesOf(store.overlay);
    const progress: string[] = [];
    const onProgress = (done: number, total: number): void => void progress.push(`${done} of ${total}`);
    expect((await applyChanges(store.overlay, disk, undefined, onProgress)).kept).toEqual([]);
    expect(progress).toEqual(Array.from({ length }, (_, done) => `${done} of ${length}`));
    expect(treeOf(disk.root)).toEqual(CHANGED);
    expect(await seen(store.root)).toEqual(CHANGED);
    expect(await changesOf(store.overlay)).toEqual([]);
    expect(store.overlay.tree.count()).toBe(0);
    expect(await names(contents.root)).toEqual([]);
  });

  it("gets each change by itself, in any order", async () => {
    const all = await (async () => {
      const { store } = await begin();
      await work(store);
      return [...new Set((await changesOf(store.overlay)).map(({ path }) => path))];
    })();
    for (const paths of [all, all.toReversed(), all.toSorted((a, b) => (a.length < b.length ? -1 : 1))]) {
      const { disk, store } = await begin();
      await work(store);
      for (const path of paths) {
        const { kept } = await applyChanges(store.overlay, disk, [path]);
        expect(kept).toEqual([]);
        expect(await seen(store.root)).toEqual(CHANGED);
      }
      expect(treeOf(disk.root)).toEqual(CHANGED);
      expect(await changesOf(store.overlay)).toEqual([]);
    }
  });

  it("gets exactly what was selected", async () => {
    const { disk, store } = await begin();
    const before = treeOf(disk.root);
    await work(store);
    expect((await applyChanges(store.overlay, disk, ["library/b.c", "readme.txt"])).applied).toEqual([
      "library/b.c",
      "readme.txt",
    ]);
    expect(treeOf(disk.root)).toEqual({ ...before, "readme.txt": "read YOU", library: { "b.c": "b" } });
    expect(await seen(store.root)).toEqual(CHANGED);
  });

  it("shows again what is discarded, all or some of it", async () => {
    const { disk, store, contents } = await begin();
    await work(store);
    await discardChanges(store.overlay, ["old/one", "library/a.c", "readme.txt", "src"]);
    expect(await seen(store.root)).toEqual({
      ...CHANGED,
      library: { "b.c": "b" },
      old: { one: "1" },
      "readme.txt": "read me\n",
      src: { ...CHANGED.src, lib: { "a.c": "a", "b.c": "b" } },
    });
    await discardChanges(store.overlay);
    expect(await seen(store.root)).toEqual(treeOf(disk.root));
    expect(await changesOf(store.overlay)).toEqual([]);
    expect(await names(contents.root)).toEqual([]);
  });

  it("keeps the version that was made outside, and the guest's beside it", async () => {
    const { disk, store, outside } = await begin();
    await work(store);
    void outside.write("readme.txt", "edited outside");
    void outside.write("new.txt", "made outside");
    void outside.write("remove me", "needed after all");
    void outside.write("src/lib/a.c", "better");
    const { kept } = await applyChanges(store.overlay, disk);
    expect(kept.map(({ path }) => path).sort()).toEqual([
      "new.txt",
      "readme.txt",
      "remove me",
      "src/lib",
      "src/lib/a.c",
    ]);
    expect(outside.read("readme.txt")).toBe("edited outside");
    expect(outside.read("remove me")).toBe("needed after all");
    expect(outside.read("src/lib/a.c")).toBe("better");
    expect(await seen(store.root)).toEqual(CHANGED);
    expect((await changesOf(store.overlay)).map(({ path }) => path)).toEqual(kept.map(({ path }) => path).sort());
  });

  it("leaves a directory that has something new in it", async () => {
    const { disk, store, outside } = await begin();
    await work(store);
    void outside.write("old/three", "3");
    const { kept } = await applyChanges(store.overlay, disk, ["old"]);
    expect(kept.map(({ path }) => path)).toEqual(["old/three", "old"]);
    expect(outside.list("old")).toEqual(["three"]);
  });

  it("follows what happens in the folder where the guest changed nothing", async () => {
    const { store, outside } = await begin();
    await work(store);
    void outside.remove("src/main.c");
    void outside.write("added", "outside");
    expect(await seen(store.root)).toEqual({ ...CHANGED, added: "outside", src: { empty: {} } });
    void outside.remove("readme.txt");
    expect(await contentOf(store.root, "readme.txt")).toBe("read YOU");
  });

  it("takes a file in the place of a directory, and the other way", async () => {
    const { disk, store, outside } = await begin({ a: { x: "1" }, b: "2" });
    const { root } = store;
    await (await directoryIn(root, "a")).remove("x");
    await root.remove("a");
    await put(root, "a", "file");
    await root.remove("b");
    await put(await root.createDirectory("b"), "y", "3");
    expect((await applyChanges(store.overlay, disk)).kept).toEqual([]);
    expect(treeOf(disk.root)).toEqual({ a: "file", b: { y: "3" } });
    expect(outside.list("b")).toEqual(["y"]);
  });

  it("loses nothing when two directories change their names", async () => {
    const { disk, store } = await begin({ a: { x: "1", z: "9" }, b: { x: "2" } });
    const { root } = store;
    await root.rename("a", root, "c");
    await root.rename("b", root, "a");
    await root.rename("c", root, "b");
    const expected = { a: { x: "2" }, b: { x: "1", z: "9" } };
    expect(await seen(root)).toEqual(expected);
    expect((await applyChanges(store.overlay, disk)).kept).toEqual([]);
    expect(treeOf(disk.root)).toEqual(expected);
    expect(await seen(root)).toEqual(expected);
  });

  it("goes on with files that are open while they are applied or discarded", async () => {
    const { disk, store, outside } = await begin();
    const { root } = store;
    const open = await (await fileIn(root, "readme.txt")).open(true);
    await open.write(0, [text("one")]);
    await applyChanges(store.overlay, disk);
    expect(outside.read("readme.txt")).toBe("oned me\n");
    expect(await changesOf(store.overlay)).toEqual([]);
    await open.write(0, [text("two")]);
    expect(await changesOf(store.overlay)).toHaveLength(1);
    await open.close();
    expect(await contentOf(root, "readme.txt")).toBe("twod me\n");
    expect((await applyChanges(store.overlay, disk)).kept).toEqual([]);
    expect(outside.read("readme.txt")).toBe("twod me\n");
  });
});
