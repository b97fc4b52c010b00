import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Errno } from "../../posix/errno.js";
import { FolderDouble } from "../testing/folder-double.js";
import { contentOf, fails, names, put } from "../testing/store-case.js";
import type { StoreDirectory } from "../store.js";
import { MemoryScratch } from "../web/memory-scratch.js";
import { PickedStore } from "./picked-store.js";

beforeAll(() => void vi.stubGlobal("navigator", { storage: { estimate: async () => ({ quota: 100, usage: 1 }) } }));
afterAll(() => void vi.unstubAllGlobals());

/** A folder with a directory `.git`, and a store over it. */
async function repository(): Promise<{
  root: StoreDirectory;
  git: StoreDirectory;
  onDisk: FolderDouble;
  again(): PickedStore;
}> {
  const folder = new FolderDouble();
  const onDisk = await folder.getDirectoryHandle(".git", { create: true });
  const again = (): PickedStore => new PickedStore(folder.asDirectory(), { scratch: new MemoryScratch() });
  const { root } = again();
  return { root, git: await directory(root, ".git"), onDisk, again };
}

async function directory(parent: StoreDirectory, name: string): Promise<StoreDirectory> {
  const entry = await parent.get(name);
  if (entry?.kind !== "directory") throw new Error(`${name} is no directory`);
  return entry.directory;
}

it("a repository is made, with other names on the disk for what the browser guards", async () => {
  const { git, onDisk, again } = await repository();
  await put(await git.createDirectory("hooks"), "pre-commit", "#!/bin/sh");
  await put(git, "config.lock", "[core]");
  await git.rename("config.lock", git, "config");
  await put(git, "HEAD", "ref: refs/heads/main");
  expect(onDisk.namesOnDisk()).toEqual(["HEAD", "\uf063onfig", "\uf068ooks"]);
  const next = await directory(again().root, ".git");
  expect(await contentOf(next, "config")).toBe("[core]");
  expect(await names(next)).toEqual(["HEAD", "config", "hooks"]);
  expect(await contentOf(await directory(next, "hooks"), "pre-commit")).toBe("#!/bin/sh");
});

it.each([true, false])("the visitor's own configuration is read, never replaced; listed first: %j", async (listed) => {
  const { git, onDisk, again } = await repository();
  onDisk.putOnDisk("config", "the visitor's");
  if (listed) expect(await names(git)).toEqual(["config"]);
  expect(await contentOf(git, "config")).toBe("the visitor's");
  await put(git, "config.lock", "the guest's");
  await git.rename("config.lock", git, "config");
  for (const store of [git, await directory(again().root, ".git")]) {
    expect(await contentOf(store, "config")).toBe("the guest's");
    expect(await names(store)).toEqual(["config"]);
  }
  expect(await onDisk.file("config").content.text()).toBe("the visitor's");
  expect(onDisk.namesOnDisk()).toEqual(["config", "\uf063onfig"]);
});

it("what the browser guards is not opened for writing, nor moved into place with its directory", async () => {
  const { root, git, onDisk } = await repository();
  onDisk.putOnDisk("config", "the visitor's");
  const config = await git.get("config");
  if (config?.kind !== "file") throw new Error("no file");
  await fails(Errno.EACCES, () => config.file.open(true), "opened for writing");
  await root.createDirectory("below");
  await fails(Errno.EACCES, async () => root.rename(".git", await directory(root, "below"), ".git"), "moved");
  expect(await contentOf(git, "config")).toBe("the visitor's");
  expect(onDisk.namesOnDisk()).toEqual(["config"]);
});
