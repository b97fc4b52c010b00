import { describe, expect, test } from "vitest";
import { O_RDWR, O_TRUNC } from "../posix/open-flags.js";
import type { FolderChanged } from "../storage/store.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ShareFileSystem } from "./share-file-system.js";
import { outsideOf } from "./testing/memory-outside.js";
import { Guest } from "./testing/guest.js";
import { stillTimers } from "./testing/still-timers.js";

/** A store that others change, and that tells of it. */
class WatchedStore extends MemoryStore {
  changed: FolderChanged = () => {};
  ended = (): void => {};

  watch(changed: FolderChanged, ended: () => void): boolean {
    this.changed = changed;
    this.ended = ended;
    return true;
  }
}

async function mount() {
  const clock = { now: 1_750_000_000_000 };
  const store = new WatchedStore({ top: "x", d: { file: "old", other: "x" } }, { exclusive: false });
  const guest = await Guest.mount(new ShareFileSystem(store, { now: () => clock.now }), stillTimers);
  const outside = outsideOf(store);
  const size = async () => (await guest.stat("d/file")).size;
  await size();
  clock.now += 3000; // What has just been found is not trusted yet.
  expect(await size()).toBe(3);
  clock.now += 3000;
  return { clock, store, outside, size, guest };
}

/** Another content of the file, from the guest. */
async function save(guest: Guest): Promise<void> {
  const file = await guest.open("d/file", O_RDWR | O_TRUNC);
  await guest.write(file, 0, "the guest's");
  await guest.close(file);
}

describe("a store that tells of changes", () => {
  test("is not asked again as long as it tells of none", async () => {
    const { clock, outside, size } = await mount();
    await outside.write("d/file", "unheard of");
    expect(await size()).toBe(3);
    clock.now += 31_000;
    expect(await size()).toBe(10);
  });

  test("is asked again about the directory that it tells of, and for a while after", async () => {
    const { clock, store, outside, size } = await mount();
    await outside.write("d/file", "told of");
    store.changed(["d", "file"]);
    expect(await size()).toBe(7);
    clock.now += 1000;
    await outside.write("d/file", "and changed again, without a word");
    expect(await size()).toBe(33);
  });

  test("is not asked again about other directories", async () => {
    const { store, outside, size } = await mount();
    await outside.write("d/file", "unheard of");
    store.changed(["elsewhere", "file"]);
    expect(await size()).toBe(3);
  });

  test("nor about what is in directories above", async () => {
    const { clock, store, outside, guest } = await mount();
    await guest.stat("top");
    clock.now += 3000;
    await outside.write("top", "unheard of");
    store.changed(["d", "file"]);
    expect((await guest.stat("top")).size).toBe(1);
  });

  test("is asked again about a new directory, and what came into it before it was watched", async () => {
    const { clock, store, outside, guest } = await mount();
    await guest.list("d");
    clock.now += 3000;
    await outside.makeDirectory("d/new");
    store.changed(["d", "new"]);
    await outside.makeDirectory("d/new/below");
    expect(await guest.list("d/new/below")).toEqual([]);
    clock.now += 1000;
    await outside.write("d/new/below/file", "unheard of");
    expect(await guest.list("d/new/below")).toEqual(["file"]);
  });

  test("is not asked again about a directory that was there before, when it is listed", async () => {
    const { clock, outside, guest } = await mount();
    await guest.list("d");
    clock.now += 1000;
    await outside.write("d/unheard", "of");
    expect((await guest.list("d")).length).toBe(2);
  });

  test("is not asked again for what it tells of our own saving", async () => {
    const { store, outside, guest } = await mount();
    await guest.stat("d/other");
    await save(guest);
    store.changed(["d", "file"]);
    await outside.write("d/other", "unheard of");
    expect((await guest.stat("d/other")).size).toBe(1);
    expect(await guest.text("d/file")).toBe("the guest's");
  });

  test.each<[string, (guest: Guest) => Promise<unknown>, string, boolean]>([
    ["made a file", (guest) => guest.put("d/new", "x"), "new", false],
    ["made a directory", (guest) => guest.mkdir("d/new"), "new", false],
    ["removed a file", (guest) => guest.unlink("d/file"), "file", true],
    ["renamed a file, of its old name", (guest) => guest.rename("d/file", "d/new"), "file", true],
    ["renamed a file, of its new name", (guest) => guest.rename("d/file", "d/new"), "new", false],
  ])("nor where it tells that we %s", async (_, change, name, isGone) => {
    const { store, outside, guest } = await mount();
    await guest.stat("d/other");
    await change(guest);
    store.changed(["d", name], isGone);
    await outside.write("d/other", "unheard of");
    expect((await guest.stat("d/other")).size).toBe(1);
  });

  test("is asked again where others removed a directory that we have just made", async () => {
    const { clock, store, outside, guest } = await mount();
    await guest.mkdir("d/new");
    store.changed(["d", "new"]);
    clock.now += 950;
    await outside.remove("d/new");
    store.changed(["d", "new"], true);
    expect(await guest.exists("d/new")).toBe(false);
  });

  test("is asked again where a name that we removed is there once more", async () => {
    const { store, outside, guest } = await mount();
    await guest.unlink("d/file");
    store.changed(["d", "file"], true);
    await outside.write("d/file", "others'");
    store.changed(["d", "file"]);
    expect(await guest.text("d/file")).toBe("others'");
  });

  test("is asked again where others changed what we have just saved", async () => {
    const { clock, store, outside, guest, size } = await mount();
    await save(guest);
    store.changed(["d", "file"]);
    await outside.write("d/file", "others'");
    store.changed(["d", "file"]);
    expect(await size()).toBe(7);
    clock.now += 1000;
    await outside.write("d/other", "and another, without a word");
    expect((await guest.stat("d/other")).size).toBe(27);
  });

  test("is asked again where others removed what we have just saved", async () => {
    const { store, outside, guest } = await mount();
    await save(guest);
    await outside.remove("d/file");
    store.changed(["d", "file"]);
    expect(await guest.exists("d/file")).toBe(false);
  });

  test.each([
    ["when anything may have changed", (store: WatchedStore) => store.changed(undefined)],
    ["when it cannot tell any longer", (store: WatchedStore) => store.ended()],
  ])("is asked again %s", async (_, happen) => {
    const { store, outside, size } = await mount();
    await outside.write("d/file", "unheard of");
    happen(store);
    expect(await size()).toBe(10);
  });
});
