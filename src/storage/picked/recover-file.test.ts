import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { FolderDouble } from "../testing/folder-double.js";
import { contentOf } from "../testing/store-case.js";
import { MemoryScratch } from "../web/memory-scratch.js";
import { PickedStore } from "./picked-store.js";
import type { Unsaved } from "./recover-file.js";

beforeAll(() => void vi.stubGlobal("navigator", { storage: { estimate: async () => ({ quota: 100, usage: 1 }) } }));
afterAll(() => void vi.unstubAllGlobals());

async function folderWith(name: string, text: string) {
  const folder = new FolderDouble();
  folder.putOnDisk(name, text);
  const { size, lastModified } = await (await folder.getFileHandle(name)).getFile();
  return { folder, store: storeOver(folder), base: { size, lastModified } };
}

function storeOver(folder: FolderDouble): PickedStore {
  return new PickedStore(folder.asDirectory(), { scratch: new MemoryScratch() });
}

function unsaved(path: string, text: string, base?: Unsaved["base"]): Unsaved {
  return { path, content: new Blob([text]), ...(base && { base }) };
}

it("takes the place of the version that it was made from, and of nothing else", async () => {
  const { folder, store, base } = await folderWith("a\uf03ab", "old");
  const file = unsaved("a\uf03ab", "newer", base);
  expect(await store.folderHas(file)).toBe("base");
  expect(await store.recover(file, false)).toBe("a:b");
  expect(await contentOf(store.root, "a:b")).toBe("newer");
  expect(await store.folderHas(file)).toBe("content");
  expect(await store.recover(file, false)).toBe("a:b");
  expect(folder.namesOnDisk()).toEqual(["a\uf03ab"]);

  folder.putOnDisk("a\uf03ab", "the visitor's");
  expect(await store.folderHas(file)).toBe("other");
  const beside = await store.recover(file, false);
  expect(beside).toMatch(/^a:b\.conflict-[-\d]+$/);
  expect(await contentOf(store.root, "a:b")).toBe("the visitor's");
  expect(await contentOf(store.root, beside)).toBe("newer");
});

it("goes beside where a copy is asked for", async () => {
  const { store, base } = await folderWith("file", "old");
  const beside = await store.recover(unsaved("file", "newer", base), true);
  expect(beside).toMatch(/^file\.recovered-[-\d]+$/);
  expect(await contentOf(store.root, "file")).toBe("old");
  expect(await contentOf(store.root, beside)).toBe("newer");
});

it("makes the directories again that went, and does not bring back what was deleted", async () => {
  const folder = new FolderDouble();
  const store = storeOver(folder);
  expect(await store.recover(unsaved("d/e/new", "content"), false)).toBe("d/e/new");
  const deleted = unsaved("gone/file", "content", { size: 1, lastModified: 1 });
  expect(await store.folderHas(deleted)).toBe("other");
  expect(await store.recover(deleted, false)).toMatch(/^gone\/file\.conflict-/);
  expect(folder.namesOnDisk()).toEqual(["d", "gone"]);
});

it("waits for what is open in the folder, and stays beside it", async () => {
  const { folder, store, base } = await folderWith("file", "old");
  const entry = await store.root.get("file");
  if (entry?.kind !== "file") throw new Error("no file");
  const open = await entry.file.open(true);
  await open.write(0, [new TextEncoder().encode("open")]);
  const beside = await store.recover(unsaved("file", "left", base), false);
  await open.write(4, [new TextEncoder().encode(" now")]);
  await open.close();
  expect(await contentOf(store.root, "file")).toBe("open now");
  expect(await contentOf(store.root, beside)).toBe("left");
  expect(folder.namesOnDisk()).toEqual(["file", beside]);
});

it("fails where a file has the name of its directory, and leaves nothing", async () => {
  const { folder, store } = await folderWith("d", "a file");
  await expect(store.recover(unsaved("d/file", "content"), false)).rejects.toThrow("there is a file where d was");
  expect(folder.namesOnDisk()).toEqual(["d"]);
});
