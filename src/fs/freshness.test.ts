import { describe, expect, test } from "vitest";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ShareFileSystem } from "./share-file-system.js";
import { outsideOf } from "./testing/memory-outside.js";
import { Guest } from "./testing/guest.js";
import { stillTimers } from "./testing/still-timers.js";

/** A store that others change, and that tells of it. */
class WatchedStore extends MemoryStore {
  changed: (path: readonly string[] | undefined) => void = () => {};
  ended = (): void => {};

  watch(changed: (path: readonly string[] | undefined) => void, ended: () => void): boolean {
    this.changed = changed;
    this.ended = ended;
    return true;
  }
}

async function mount() {
  const clock = { now: 1_750_000_000_000 };
  const store = new WatchedStore({ d: { file: "old", other: "x" } }, { exclusive: false });
  const guest = await Guest.mount(new ShareFileSystem(store, { now: () => clock.now }), stillTimers);
  const outside = outsideOf(store);
  const size = async () => (await guest.stat("d/file")).size;
  await size();
  clock.now += 3000; // What has just been found is not trusted yet.
  expect(await size()).toBe(3);
  clock.now += 3000;
  return { clock, store, outside, size };
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
