import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryScratch } from "../web/memory-scratch.js";
import type { StoreFile } from "../store.js";
import { OpfsStore } from "./opfs-store.js";
import { OpfsDouble } from "./testing/opfs-double.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let store: OpfsStore;
/** How often the browser was asked for a file. */
let asked: number;

beforeEach(async () => {
  asked = 0;
  vi.stubGlobal("navigator", new OpfsDouble().open());
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle("share", { create: true });
  const handle = await directory.getFileHandle("f", { create: true });
  const prototype = Object.getPrototypeOf(handle) as FileSystemFileHandle;
  const { getFile } = prototype;
  vi.spyOn(prototype, "getFile").mockImplementation(function (this: FileSystemFileHandle) {
    asked++;
    return getFile.call(this);
  });
  store = await OpfsStore.open(directory, { scratch: new MemoryScratch() });
  await write("before");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a file whose size was asked for is read without asking again", async () => {
  const file = await found();
  expect(await file.stat()).toMatchObject({ size: 6 });
  expect(await content(file)).toBe("before");
  expect(asked).toBe(1);
  expect(await content(file)).toBe("before");
  expect(asked).toBe(2);
});

test("not after it was written", async () => {
  const file = await found();
  await file.stat();
  await write("behind");
  expect(await content(file)).toBe("behind");
});

test("not while it is written", async () => {
  const file = await found();
  const open = await file.open(true);
  await file.stat();
  await open.write(0, [encoder.encode("behind")]);
  await open.close();
  expect(await content(file)).toBe("behind");
});

test("nor where it is opened while the browser answers", async () => {
  const file = await found();
  const stat = file.stat();
  const open = await file.open(true);
  await stat;
  await open.write(0, [encoder.encode("behind")]);
  await open.close();
  expect(await content(file)).toBe("behind");
});

test.each(["file", "directory"])("nor after another has taken its place: a %s was moved", async (kind) => {
  for (const name of ["d", "e"]) {
    const directory = await store.root.createDirectory(name);
    await write(name, await directory.createFile("f"));
  }
  const directory = await store.root.get("d");
  if (directory?.kind !== "directory") throw new Error("no directory");
  const file = await directory.directory.createFile("f");
  await file.stat();
  if (kind === "file") {
    await store.root.rename("f", directory.directory as OpfsStore["root"], "f");
    expect(await content(file)).toBe("before");
  } else {
    await directory.directory.remove("f");
    await store.root.rename("e", store.root, "d");
    expect(await content(await directory.directory.createFile("f"))).toBe("e");
  }
});

test("nor after another was made in its place", async () => {
  await (await found()).stat();
  await store.root.remove("f");
  await write("behind", await store.root.createFile("f"));
  expect(await content(await found())).toBe("behind");
});

async function found(): Promise<StoreFile> {
  const entry = await store.root.get("f");
  if (entry?.kind !== "file") throw new Error("no file");
  return entry.file;
}

async function write(text: string, file?: StoreFile): Promise<void> {
  const open = await (file ?? (await found())).open(true);
  await open.write(0, [encoder.encode(text)]);
  await open.close();
}

async function content(file: StoreFile): Promise<string> {
  return decoder.decode(await file.readWhole!(100, () => {}));
}
