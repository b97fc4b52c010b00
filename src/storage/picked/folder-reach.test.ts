import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Errno } from "../../posix/errno.js";
import { FolderDouble } from "../testing/folder-double.js";
import { contentOf, put } from "../testing/store-case.js";
import { MemoryScratch } from "../web/memory-scratch.js";
import { PATIENCE_MS } from "./folder-reach.js";
import type { PickedEvent } from "./picked-files.js";
import { PickedStore } from "./picked-store.js";

/** A folder whose permission can be withdrawn, and that can be gone for a while. */
class GuardedFolder {
  permission: PermissionState = "granted";
  isGone = false;
  readonly events: PickedEvent[] = [];
  readonly store: PickedStore;

  constructor() {
    const directory = new FolderDouble("folder").asDirectory();
    const guarded = new Proxy(directory, {
      get: (target, key) => {
        if (key === "queryPermission") return () => Promise.resolve(this.permission);
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          if (this.isGone) throw new DOMException("gone", "NotFoundError");
          if (this.permission !== "granted") throw new DOMException("no", "NotAllowedError");
          return Reflect.apply(value, target, args);
        };
      },
    });
    this.store = new PickedStore(guarded, {
      scratch: new MemoryScratch(),
      onEvent: (event) => this.events.push(event),
    });
  }
}

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] }),
);
afterEach(() => void vi.useRealTimers());

describe("a permission that is withdrawn", () => {
  test("is waited for, and what was asked goes on", async () => {
    const folder = new GuardedFolder();
    await put(folder.store.root, "file", "content");
    folder.permission = "prompt";
    const content = contentOf(folder.store.root, "file");
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1000);
    expect(folder.events).toEqual([{ kind: "access", access: "denied" }]);
    folder.permission = "granted";
    await vi.advanceTimersByTimeAsync(1000);
    expect(await content).toBe("content");
    expect(folder.events.at(-1)).toEqual({ kind: "access", access: "available" });
  });

  test("is an I/O error after a while, and at once from then on; it is noticed when it is given again", async () => {
    const folder = new GuardedFolder();
    await put(folder.store.root, "file", "content");
    folder.permission = "denied";
    const refused = expect(folder.store.root.list()).rejects.toMatchObject({ errno: Errno.EIO });
    await vi.advanceTimersByTimeAsync(PATIENCE_MS + 500);
    await refused;
    await expect(folder.store.root.list()).rejects.toMatchObject({ errno: Errno.EIO });
    folder.permission = "granted";
    await vi.advanceTimersByTimeAsync(1000);
    expect(folder.events.at(-1)).toEqual({ kind: "access", access: "available" });
    expect((await folder.store.root.list()).map(({ name }) => name)).toEqual(["file"]);
  });

  test("that never was given is EACCES at once", async () => {
    const folder = new GuardedFolder();
    folder.permission = "denied";
    await expect(folder.store.root.list()).rejects.toMatchObject({ errno: Errno.EACCES });
  });
});

test("what was asked of a folder while it was gone is looked for again when it is back", async () => {
  const folder = new GuardedFolder();
  await put(folder.store.root, "file", "content");
  folder.isGone = true;
  const content = contentOf(folder.store.root, "file");
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1000);
  folder.isGone = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(await content).toBe("content");
});
