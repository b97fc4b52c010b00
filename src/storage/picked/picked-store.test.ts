import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Errno } from "../../posix/errno.js";
import type { Fold } from "../testing/folder-double.js";
import { FolderDouble, byCase, byCaseAndForm } from "../testing/folder-double.js";
import { contentOf, fails, names, put } from "../testing/store-case.js";
import { storeCases } from "../testing/store-conformance.js";
import { MemoryScratch } from "../web/memory-scratch.js";
import type { PickedEvent } from "./picked-files.js";
import { PickedStore } from "./picked-store.js";

function storeOver(folder: FolderDouble, onEvent?: (event: PickedEvent) => void): PickedStore {
  return new PickedStore(folder.asDirectory(), { scratch: new MemoryScratch(), ...(onEvent && { onEvent }) });
}

beforeAll(() => void vi.stubGlobal("navigator", { storage: { estimate: async () => ({ quota: 100, usage: 1 }) } }));
afterAll(() => void vi.unstubAllGlobals());

const disks: readonly [string, Fold | undefined][] = [
  ["that tells all names apart (Linux)", undefined],
  ["that folds case (Windows)", byCase],
  ["that folds case and normalisation (macOS)", byCaseAndForm],
];

describe.each(disks)("PickedStore over a disk %s", (_, fold) => {
  it.each(storeCases)("$name", async ({ run }) => run(storeOver(new FolderDouble("folder", fold))));
});

describe("PickedStore over a disk that folds case", () => {
  it("spells the second of two names otherwise, and finds it again", async () => {
    const folder = new FolderDouble("folder", byCase);
    const { root } = storeOver(folder);
    for (const name of ["Makefile", "makefile", ".Xauth", ".xauth"]) await put(root, name, name);
    expect(folder.namesOnDisk()).toEqual([".Xauth", ".\uf078auth", "Makefile", "\uf06dakefile"]);
    const next = storeOver(folder).root;
    expect(await contentOf(next, "makefile")).toBe("makefile");
    expect(await names(next)).toEqual([".Xauth", ".xauth", "Makefile", "makefile"]);
    await next.remove("Makefile");
    expect(await names(next)).toEqual([".Xauth", ".xauth", "makefile"]);
    await next.rename("makefile", next, "MAKEFILE");
    expect(folder.namesOnDisk()).toEqual([".Xauth", ".\uf078auth", "MAKEFILE"]);
  });

  it("gives a name its first spelling when only its case changes", async () => {
    const folder = new FolderDouble("folder", byCase);
    const { root } = storeOver(folder);
    await put(root, "readme", "content");
    await put(await root.createDirectory("photos"), "one", "1");
    await root.rename("readme", root, "README");
    await root.rename("photos", root, "Photos");
    expect(folder.namesOnDisk()).toEqual(["Photos", "README"]);
  });

  it("does not take a file that appeared outside for one of another case", async () => {
    const folder = new FolderDouble("folder", byCase);
    const { root } = storeOver(folder);
    await root.list();
    folder.putOnDisk("Notes", "the visitor's");
    expect(await root.get("notes")).toBeUndefined();
    await put(root, "notes", "the guest's");
    expect(await contentOf(root, "Notes")).toBe("the visitor's");
    expect(await contentOf(root, "notes")).toBe("the guest's");
  });
});

describe("PickedStore", () => {
  it("shows each of two entries that stand for one name", async () => {
    const folder = new FolderDouble();
    for (const name of ["A", "\uf041", "b\uf03a", "\uf062:", "\uf062\uf03a"]) folder.putOnDisk(name, name);
    const { root } = storeOver(folder);
    expect(await names(root)).toEqual(["A", "b:", "\uf041", "\uf062\uf03a"].toSorted());
    expect(await contentOf(root, "A")).toBe("A");
    expect(await contentOf(root, "\uf041")).toBe("\uf041");
    await root.remove("A");
    await root.remove("\uf041");
    expect(folder.namesOnDisk()).toEqual(["b\uf03a", "\uf062:", "\uf062\uf03a"].toSorted());
  });

  it("finds what is spelled as it need not be", async () => {
    const folder = new FolderDouble();
    folder.putOnDisk("\uf066oo", "content");
    const { root } = storeOver(folder);
    expect(await names(root)).toEqual(["foo"]);
    expect(await contentOf(root, "foo")).toBe("content");
    await put(root, "foo", "longer content");
    expect(folder.namesOnDisk()).toEqual(["\uf066oo"]);
  });

  it("tells the visitor of files by the guest's names", async () => {
    const folder = new FolderDouble();
    const events: PickedEvent[] = [];
    const { root } = storeOver(folder, (event) => events.push(event));
    const directory = await root.createDirectory("a:b");
    const open = await (await directory.createFile("c?")).open(true);
    await open.write(0, [new Uint8Array(1)]);
    const below = await folder.getDirectoryHandle("a\uf03ab");
    below.putOnDisk("c\uf03f", "the visitor's");
    await open.close();
    const conflictName = expect.stringMatching(/^c\?\.conflict-/);
    expect(events).toEqual([{ kind: "conflict", path: "a:b/c?", conflictName }]);
    expect(await names(directory)).toEqual(["c?", conflictName]);
    expect(below.namesOnDisk()).toEqual(["c\uf03f", expect.stringMatching(/^c\uf03f\.conflict-/)]);
  });

  it("keeps what was written below a directory that is removed outside, and brings back nothing else", async () => {
    const folder = new FolderDouble();
    const events: PickedEvent[] = [];
    const { root } = storeOver(folder, (event) => events.push(event));
    const directory = await (await root.createDirectory("a")).createDirectory("b");
    await put(directory, "saved", "1");
    const open = await (await directory.createFile("file")).open(true);
    await open.write(0, [new TextEncoder().encode("written")]);
    folder.removeFromDisk("a");
    await open.close();
    const conflictName = expect.stringMatching(/^file\.conflict-/);
    expect(events).toEqual([{ kind: "conflict", path: "a/b/file", conflictName }]);
    expect(await names(directory)).toEqual([conflictName]);
    expect(await contentOf(directory, (await names(directory))[0]!)).toBe("written");
  });

  it("makes a directory again that is removed outside in the moment before the guest puts something into it", async () => {
    const folder = new FolderDouble();
    const { root } = storeOver(folder);
    const directory = await root.createDirectory("a");
    folder.removeFromDisk("a");
    await put(directory, "file", "content");
    expect(await contentOf(directory, "file")).toBe("content");
    folder.removeFromDisk("a");
    const below = await directory.createDirectory("below");
    await put(below, "file", "content");
    expect(await names(directory)).toEqual(["below"]);
    expect(await contentOf(below, "file")).toBe("content");
  });

  it("says no longer of a file that it is not saved when it is removed", async () => {
    const folder = new FolderDouble();
    const events: PickedEvent[] = [];
    const { root } = storeOver(folder, (event) => events.push(event));
    const open = await (await root.createFile("file")).open(true);
    await open.write(0, [new Uint8Array(1)]);
    folder.readOnly.add("file");
    await fails(Errno.EACCES, () => open.close(), "it is read-only");
    await root.remove("file");
    expect(events.map(({ kind }) => kind)).toEqual(["not-saved", "saved"]);
  });

  it("writes a file whose swap file's name would be too long, and leaves nothing beside it", async () => {
    const folder = new FolderDouble();
    const { root } = storeOver(folder);
    const name = "x".repeat(255);
    await put(root, name, "content");
    await put(root, name, "CONTENT, longer");
    expect(folder.namesOnDisk()).toEqual([name]);
    expect(await contentOf(root, name)).toBe("CONTENT, longer");
  });
});

it("tells once of a file that does not open, and when it does", async () => {
  const folder = new FolderDouble();
  folder.putOnDisk("cloud", "content");
  folder.unreadable.add("cloud");
  const events: PickedEvent[] = [];
  const { root } = storeOver(folder, (event) => events.push(event));
  for (let i = 0; i < 2; i++) await fails(Errno.EIO, () => contentOf(root, "cloud"), "in the cloud");
  expect(events).toEqual([
    { kind: "not-readable", path: "cloud", why: expect.stringContaining("keep it on this computer") },
  ]);
  folder.unreadable.clear();
  expect(await contentOf(root, "cloud")).toBe("content");
  expect(events.slice(1)).toEqual([{ kind: "readable", path: "cloud" }]);
});
