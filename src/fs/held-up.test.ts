import { expect, test } from "vitest";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore, type MemoryTree } from "../storage/memory/memory-store.js";
import { FATTR_MODE } from "../fuse/fuse.js";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../posix/mode.js";
import { RENAME_EXCHANGE } from "../posix/rename-flags.js";
import { checkShare } from "./check-share.js";
import { openRecords } from "./open-records.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { DyingTab } from "./testing/killable.js";
import { Random } from "./testing/random.js";
import { SlowStore } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";
import { closeAll } from "./testing/stored-view.js";

// What a tab leaves that is killed while the store is behind: whichever of its changes of the store was the last. Each test is
// of a fault that random guests meet once in thousands of lives (`machine/killed-tab.test.ts`).

/** Orders in which the calls of the store end. */
const SEEDS = 3;
/** Operations. */
const EVERY = "";

test("a file that had one name is nowhere without its content, though it is removed and forgotten", async () => {
  const left = await leftBy({ f: "old" }, async ({ guest, holdUp, forgetAll }) => {
    await guest.stat("f");
    holdUp();
    await guest.put("t", "new");
    await guest.rename("t", "f");
    await guest.unlink("f");
    forgetAll();
  });
  expect(left).toEqual(["", "f: new", "f: old", "f: old, t: ", "f: old, t: new"]);
});

test("a file that had two names is nowhere without its content", async () => {
  const left = await leftBy({}, async ({ guest, holdUp, forgetAll }) => {
    await guest.list("");
    holdUp();
    await guest.put("t", "new");
    await guest.link("t", "u");
    await guest.unlink("t");
    await guest.unlink("u");
    forgetAll();
  });
  expect(left).toEqual(["", "t: ", "t: 2 names, new, u: 2 names, new", "t: new", "u: new"]);
});

test("what a file replaced on its way is not gone before it, though it was removed before the store had it", async () => {
  const left = await leftBy({ f: "old f", g: "old g" }, async ({ guest, holdUp, forgetAll }) => {
    await guest.list("");
    holdUp();
    await guest.mkdir("d");
    await guest.put("d/t", "new");
    await guest.rename("d/t", "f");
    await guest.rename("f", "g");
    await guest.unlink("g");
    forgetAll();
  });
  expect(left).toEqual([
    "d/",
    "d/, d/t: , f: old f, g: old g",
    "d/, d/t: new, f: old f, g: old g",
    "d/, f: new, g: old g",
    "d/, f: old f, g: old g",
    "d/, g: new",
    "f: old f, g: old g",
  ]);
});

test("what was exchanged for a file that was removed before the store had it is at its new place", async () => {
  const left = await leftBy({ f: "old" }, async ({ guest, holdUp, forgetAll }) => {
    await guest.list("");
    holdUp();
    await guest.mkdir("d");
    await guest.put("d/t", "new");
    await guest.rename("d/t", "f", RENAME_EXCHANGE);
    await guest.unlink("f");
    forgetAll();
  });
  expect(left).toEqual([
    "d/, d/t: , f: old",
    "d/, d/t: new, f: old",
    "d/, d/t: old",
    "d/, d/t: old, f: new",
    "d/, f: old",
    "f: old",
  ]);
});

test("a name that goes to another file does so before a later move of the file that had it", async () => {
  const left = await leftBy({ g: "old" }, async ({ guest, holdUp }) => {
    await guest.link("g", "f");
    await guest.kernel.syncfs(ROOT_NODE_ID);
    holdUp();
    await guest.put("t", "new");
    await guest.rename("t", "f");
    await guest.rename("g", "h");
  });
  expect(left).toEqual([
    "f: 2 names, old, g: 2 names, old",
    "f: 2 names, old, g: 2 names, old, t: ",
    "f: 2 names, old, g: 2 names, old, t: new",
    "f: new, g: old",
    "f: new, h: old",
    "g: old",
  ]);
});

test("a directory has as many directories as there are in it, also where a file is synced meanwhile", async () => {
  const left = await leftBy({ d: {}, f: "" }, async ({ guest, holdUp, heldUp, release }) => {
    await guest.list("d");
    const file = await guest.open("f");
    await guest.write(file, 0, "text");
    holdUp("flush");
    const synced = guest.kernel.fsync(file.node, file.fh);
    await heldUp("flush");
    holdUp("createDirectory");
    await guest.mkdir("d/e");
    release("flush");
    await synced;
  });
  expect(left).toEqual(["d/, d/e/, f: text", "d/, f: ", "d/, f: text"]);
});

test("a file that gets another main name while its directory is listed keeps what is known of it", async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const [memory, log] = [new MemoryStore({ d: {} }), new MemoryRecordLog()];
    const { guest } = await visit(memory, log, seed);
    await guest.put("a", "content");
    await guest.link("a", "d/l");
    await guest.kernel.setattr(await guest.node("a"), FATTR_MODE, { mode: 0o600 });
    await guest.kernel.syncfs(ROOT_NODE_ID);
    closeAll(memory);
    const next = await visit(memory, log, seed);
    await Promise.all([next.guest.list("d"), next.guest.unlink("a")]);
    await next.guest.kernel.syncfs(ROOT_NODE_ID);
    expect((await next.guest.stat("d/l")).mode, `seed ${seed}`).toBe(0o100600);
  }
});

/** A guest with a share whose store is as slow as a browser's. */
interface Visit {
  readonly guest: Guest;
  /** From now on no call of that operation, or none at all, goes on. */
  holdUp(operation?: string): void;
  /** Ends when such a call has come. */
  heldUp(operation: string): Promise<void> | undefined;
  /** They go on; so does everything at the scenario's end. */
  release(operation?: string): void;
  forgetAll(): void;
}

/** What may be found later of a tab that is killed: each tree once, as `d/, d/file: text`. */
async function leftBy(before: MemoryTree, scenario: (visit: Visit) => Promise<void>): Promise<string[]> {
  const found = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    for (let survives = 0, isOver = false; !isOver; survives++) {
      const [memory, log, tab] = [new MemoryStore(before), new MemoryRecordLog(), new DyingTab(survives)];
      const run = async (): Promise<void> => {
        const whole = await visit(tab.wrap(memory), tab.wrap(log), seed);
        await scenario(whole);
        whole.release();
        await whole.guest.kernel.syncfs(ROOT_NODE_ID);
      };
      await run().catch((error: unknown) => {
        if (!tab.isDead) throw error;
      });
      isOver = !tab.isDead;
      closeAll(memory);
      found.add((await leftIn(memory, log, isOver)).sort().join(", "));
    }
  }
  return [...found].sort();
}

async function leftIn(memory: MemoryStore, log: MemoryRecordLog, isSynced: boolean): Promise<string[]> {
  const records = await openRecords(log, memory);
  expect(await checkShare(records, memory)).toEqual([]);
  const guest = await Guest.mount(new ShareFileSystem(memory, { records }), stillTimers);
  const lines = await list(guest, "", isSynced);
  expect(guest.bugs).toEqual([]);
  return lines;
}

async function list(guest: Guest, directory: string, isSynced: boolean): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, entry } of await guest.listPlus(directory)) {
    const path = directory === "" ? name : `${directory}/${name}`;
    const { mode, nlink } = entry.attr;
    const names = nlink === 1 ? "" : `${nlink} names, `;
    if ((mode & S_IFMT) === S_IFLNK) lines.push(`${path}: ->`);
    else if ((mode & S_IFMT) !== S_IFDIR) lines.push(`${path}: ${names}${await guest.text(path)}`);
    else {
      const below = await list(guest, path, isSynced);
      const directories = below.filter((line) => line.endsWith("/") && !line.slice(path.length + 1, -1).includes("/"));
      // 1: they are not counted.
      const links = isSynced ? [2 + directories.length] : [2 + directories.length, 1];
      expect(links, `links of ${path}`).toContain(nlink);
      lines.push(`${path}/`, ...below);
    }
  }
  return lines;
}

async function visit(memory: MemoryStore, log: MemoryRecordLog, seed: number): Promise<Visit> {
  const gates = new Map<string, { came: Deferred; opens: Deferred }>();
  const store = new SlowStore(memory, {
    random: new Random(seed),
    slowContent: false,
    holes: false,
    before({ operation }) {
      const gate = gates.get(operation) ?? gates.get(EVERY);
      gate?.came.resolve();
      return gate?.opens.promise;
    },
  });
  const records = await openRecords(log, store);
  const guest = await Guest.mount(new ShareFileSystem(store, { records }), stillTimers);
  return {
    guest,
    holdUp(operation = EVERY) {
      gates.set(operation, { came: new Deferred(), opens: new Deferred() });
    },
    heldUp: (operation) => gates.get(operation)?.came.promise,
    release(operation) {
      for (const [name, { opens }] of Array.from(gates)) {
        if (operation !== undefined && operation !== name) continue;
        gates.delete(name);
        opens.resolve();
      }
    },
    forgetAll() {
      for (const node of Array.from(guest.kernel.lookups.keys())) if (node !== ROOT_NODE_ID) guest.kernel.forget(node);
    },
  };
}

class Deferred {
  resolve!: () => void;
  readonly promise = new Promise<void>((resolve) => (this.resolve = resolve));
}
