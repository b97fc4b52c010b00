import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Errno } from "../../posix/errno.js";
import { FolderDouble } from "../testing/folder-double.js";
import { fails, fileIn, readAll } from "../testing/store-case.js";
import type { OpenStoreFile } from "../store.js";
import { MemoryScratch } from "../web/memory-scratch.js";
import { PickedStore } from "./picked-store.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** Content that is only in memory is lost with the page. */
async function openFile(folder: FolderDouble, scratch = new MemoryScratch()): Promise<OpenStoreFile> {
  folder.putOnDisk("log", "");
  return (await fileIn(new PickedStore(folder.asDirectory(), { scratch }).root, "log")).open(true);
}

function onDisk(folder: FolderDouble): Promise<string> {
  return folder.file("log").content.text();
}

const line = new TextEncoder().encode("line\n");

test("without copies in the browser a file is saved 100 ms after it was last written, open or not", async () => {
  const folder = new FolderDouble("folder");
  const file = await openFile(folder);
  await file.write(0, [line]);
  await vi.advanceTimersByTimeAsync(90);
  expect(await onDisk(folder)).toBe("");
  await vi.advanceTimersByTimeAsync(20);
  expect(await onDisk(folder)).toBe("line\n");
  expect(file.unsaved()).toBe(0);
});

test("one that is written all the time is saved once a second", async () => {
  const folder = new FolderDouble("folder");
  const file = await openFile(folder);
  for (let at = 0; at < 25; at++) {
    await file.write(at * line.length, [line]);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect((await onDisk(folder)).length).toBeGreaterThanOrEqual(19 * line.length);
});

test("copies in the browser outlive the page: nothing is hurried", async () => {
  const folder = new FolderDouble("folder");
  const scratch = Object.assign(new MemoryScratch(), { persistent: true });
  const file = await openFile(folder, scratch);
  await file.write(0, [line]);
  await vi.advanceTimersByTimeAsync(900);
  expect(await onDisk(folder)).toBe("");
  await vi.advanceTimersByTimeAsync(200);
  expect(await onDisk(folder)).toBe("line\n");
});

test("what waits in memory has a bound: ENOSPC, and what was there before stays", async () => {
  const folder = new FolderDouble("folder");
  const file = await openFile(folder, new MemoryScratch(10_000));
  await file.write(0, [line]);
  await fails(Errno.ENOSPC, () => file.write(0, [new Uint8Array(20_000)]), "beyond the bound");
  await fails(Errno.ENOSPC, () => file.truncate(20_000), "made longer");
  expect(new TextDecoder().decode(await readAll(file))).toBe("line\n");
  await file.write(5, [new Uint8Array(9_000)]);
  expect(file.size()).toBe(9_005);
});

test("memory that a file gives back is another's", () => {
  const scratch = new MemoryScratch(10_000);
  for (let round = 0; round < 3; round++) {
    const file = scratch.take();
    file.write(0, [new Uint8Array(9_000)]);
    expect(() => scratch.take().write(0, [new Uint8Array(9_000)])).toThrow("too much unsaved content");
    void file.release();
  }
});
