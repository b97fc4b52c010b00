import { beforeEach, describe, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { isDirectory } from "../posix/mode.js";
import type { Awaitable } from "../posix/awaitable.js";
import { MemoryStore, type MemoryTree } from "../storage/memory/memory-store.js";
import { ROOT_NODE_ID } from "./file-system.js";
import type { DirectoryNode } from "./node.js";
import { ShareFileSystem } from "./share-file-system.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { SlowStore, type StoreCall } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const DIRECTORIES = 40;
const name = (i: number): string => `d${String(i).padStart(2, "0")}`;

/** What the store was asked for: "list d00", "stat d00/f". */
let asked: string[];
let before: (call: StoreCall) => Awaitable<void>;
let share: WalkedShare;
let guest: Guest;

beforeEach(() => {
  asked = [];
  before = () => {};
});

describe("a guest that goes through a tree", () => {
  test.each([true, false])("finds directories and sizes at hand (exclusive: %s)", async (exclusive) => {
    await mount(tree(DIRECTORIES), exclusive);
    const late = await walk("", (names) => names);
    // The first one shows nothing yet, the second one whether the guest goes on.
    expect(late.slice(0, 3)).toEqual(["", "t", "t/d00"]);
    expect(late.length).toBeLessThan(8);
    expect(new Set(asked).size).toBe(asked.length);
    expect(guest.bugs).toEqual([]);
  });

  test("by name", async () => {
    await mount({ t: Object.fromEntries(numbers().map((i) => [name((i * 7) % DIRECTORIES), files()])) });
    const late = await walk("", (names) => names.toSorted());
    expect(late.length).toBeLessThan(8);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("from each directory to those below it", async () => {
    const deep: MemoryTree = { t: Object.fromEntries(numbers().map((i) => [name(i), { a: files(), b: files() }])) };
    await mount(deep);
    const late = await walk("", (names) => names);
    expect(late.length).toBeLessThan(3 * 10);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("and looks names up in the order of an index", async () => {
    await mount(tree(DIRECTORIES));
    const top = await guest.node("t");
    const late = [];
    for (const i of numbers()) {
      const directory = await guest.lookup(top, name(i));
      if (!asked.includes(`list t/${name(i)}`)) late.push(i);
      await guest.lookup(directory.nodeid, "f0");
      await turn();
    }
    expect(late.length).toBeLessThan(8);
    expect(asked.filter((call) => call.startsWith("list")).length).toBe(2 + DIRECTORIES);
    expect(share.listedAhead).toBe(0);
  });

  test("and removes it on its way", async () => {
    await mount(tree(DIRECTORIES));
    const top = await guest.node("t");
    const late = [];
    for (const { name } of await guest.listPlus("t")) {
      await turn();
      const directory = (await guest.lookup(top, name)).nodeid;
      const entries = await guest.listPlus(`t/${name}`);
      if (asked.at(-1) === `list t/${name}`) late.push(name);
      for (const entry of entries) await guest.kernel.unlink(directory, entry.name);
      await guest.kernel.rmdir(top, name);
    }
    await guest.kernel.syncfs(ROOT_NODE_ID);
    expect(late.length).toBeLessThan(8);
    expect(await guest.list("t")).toEqual([]);
    expect(guest.bugs).toEqual([]);
  });
});

test("a guest that waits for a listing has trees listed ahead from then on", async () => {
  await mount(tree(DIRECTORIES), true, false);
  await guest.listPlus("");
  await share.ready();
  expect((await walk("", (names) => names)).length).toBeLessThan(8);
});

test("directories that are used in no order bring no others", async () => {
  await mount(tree(DIRECTORIES));
  const used = [20, 3, 31, 9, 25, 14, 37, 6].map((i) => `t/${name(i)}`);
  await guest.listPlus("t");
  for (const path of used) {
    await guest.listPlus(path);
    await turn();
  }
  expect(asked.filter((call) => call.startsWith("list"))).toEqual([
    "list ",
    "list t",
    ...used.map((path) => `list ${path}`),
  ]);
});

test("whoever wants names alone has no sizes asked for ahead", async () => {
  await mount({ t: Object.fromEntries(numbers().map((i) => [name(i), many()])) });
  for (const { name } of await guest.listPlus("t")) {
    await guest.list(`t/${name}`);
    await turn();
  }
  expect(asked.filter((call) => call.startsWith("stat"))).toEqual([]);
  expect(asked.filter((call) => call.startsWith("list")).length).toBe(2 + DIRECTORIES);
});

test("a directory that cannot be listed fails for whoever lists it, and nobody else", async () => {
  await mount(tree(DIRECTORIES));
  before = ({ operation, path }) => {
    if (operation === "list" && path === `t/${name(6)}`) throw new FsError(Errno.EACCES);
  };
  for (const { name } of await guest.listPlus("t")) {
    if (name !== "d06") expect((await guest.listPlus(`t/${name}`)).length).toBe(3);
    else await expect(guest.listPlus(`t/${name}`)).rejects.toMatchObject({ errno: Errno.EACCES });
    await turn();
  }
  before = () => {};
  expect((await guest.listPlus(`t/${name(6)}`)).length).toBe(3);
});

test("so many directories ahead, and so many questions at once", async () => {
  await mount({ t: Object.fromEntries(numbers().map((i) => [name(i), many()])) });
  let [now, most, ahead] = [0, 0, 0];
  before = async ({ operation }) => {
    if (operation !== "stat") return;
    most = Math.max(most, ++now);
    await turn();
    now--;
  };
  for (const { name } of await guest.listPlus("t")) {
    await guest.listPlus(`t/${name}`);
    ahead = Math.max(ahead, share.listedAhead);
  }
  expect(ahead).toBeGreaterThan(3);
  expect(ahead).toBeLessThanOrEqual(9);
  expect(most).toBeGreaterThan(100);
  // One page of its own may be asked for by the guest.
  expect(most).toBeLessThanOrEqual(128 + 32);
});

test.each(["the directories first", "the tree first", "while it is listed ahead"])(
  "what was listed ahead goes when the guest forgets: %s",
  async (how) => {
    await mount(tree(DIRECTORIES));
    await guest.listPlus("t");
    for (const i of [0, 1, 2, 3]) await guest.listPlus(`t/${name(i)}`);
    if (how !== "while it is listed ahead") await turn();
    expect(share.listedAhead).toBeGreaterThan(0);
    const nodes = [...guest.kernel.lookups.keys()];
    for (const node of how === "the tree first" ? nodes : nodes.toReversed()) guest.kernel.forget(node);
    await turn();
    expect(share.listed).toBe(1);
    expect(share.listedAhead).toBe(0);
  },
);

/** Lists everything below the path as `find` does; returns the paths of directories that were not at hand. */
async function walk(path: string, order: (names: string[]) => string[]): Promise<string[]> {
  const late: string[] = [];
  const node = await guest.node(path);
  const directory = await guest.opendir(node);
  if (!guest.kernel.answeredAtOnce) late.push(path);
  const below: string[] = [];
  for (let offset = 0; ;) {
    const page = await guest.kernel.readdirplus(node, directory.fh, offset, 4096);
    if (!guest.kernel.answeredAtOnce && late.at(-1) !== path) late.push(path);
    if (page.length === 0) break;
    for (const { name, entry } of page) if (!name.startsWith(".") && isDirectory(entry.attr.mode)) below.push(name);
    offset = page.at(-1)!.off;
  }
  await guest.closedir(directory);
  await turn();
  for (const name of order(below)) late.push(...(await walk(path === "" ? name : `${path}/${name}`, order)));
  return late;
}

/** The store has answered what it was asked until now. */
async function turn(): Promise<void> {
  for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
}

function numbers(): number[] {
  return Array.from({ length: DIRECTORIES }, (_, i) => i);
}

function files(): MemoryTree {
  return { f0: "0", f1: "1", f2: "2" };
}

function many(): MemoryTree {
  return Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`file-${i}`, `${i}`]));
}

function tree(length: number): MemoryTree {
  return {
    t: Object.fromEntries(
      numbers()
        .slice(0, length)
        .map((i) => [name(i), files()]),
    ),
  };
}

async function mount(content: MemoryTree, exclusive = true, ready = true): Promise<void> {
  const store = new SlowStore(new MemoryStore(content, { exclusive }), {
    random: new Random(1),
    slowContent: false,
    before: (call) => {
      if (["list", "stat"].includes(call.operation)) asked.push(`${call.operation} ${call.path}`);
      return before(call);
    },
  });
  share = new WalkedShare(store, { now: () => 0 });
  if (ready) await share.ready();
  guest = await Guest.mount(share, stillTimers);
}

class WalkedShare extends ShareFileSystem {
  /** Directories that are listed, or being listed, and were not used. */
  get listedAhead(): number {
    return this.share.walk?.unused ?? 0;
  }

  /** Ends when trees are listed ahead. */
  ready(): Promise<void> {
    return this.share.loadWalk();
  }

  /** Directories whose names are in memory. */
  get listed(): number {
    const count = (directory: DirectoryNode): number => {
      let listed = directory.children === undefined ? 0 : 1;
      for (const node of directory.children?.nodes() ?? []) if (node.kind === "directory") listed += count(node);
      return listed;
    };
    return count(this.share.tree.root);
  }
}
