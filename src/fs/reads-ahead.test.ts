import { beforeEach, describe, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Awaitable } from "../posix/awaitable.js";
import { MemoryStore, type MemoryTree } from "../storage/memory/memory-store.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { ShareFileSystem } from "./share-file-system.js";
import { O_RDONLY } from "../posix/open-flags.js";
import type { Outside } from "./testing/conformance.js";
import { Guest } from "./testing/guest.js";
import { outsideOf } from "./testing/memory-outside.js";
import { Random } from "./testing/random.js";
import { SlowStore, type StoreCall } from "./testing/slow-store.js";
import { stillTimers } from "./testing/still-timers.js";

const KIB = 1024;
const FILES = 200;
/** Names in the order of their numbers, and by name. */
const name = (i: number): string => `f${String(i).padStart(3, "0")}`;

/** Content that was read ahead, and paths in the order in which that was begun. */
let ahead: string[];
let before: (call: StoreCall) => Awaitable<void>;
let now: number;
let share: AheadShare;
let guest: Guest;

beforeEach(() => {
  ahead = [];
  before = () => {};
  now = 1_750_000_000_000;
});

describe("files of a directory that are read one after the other", () => {
  test.each([
    ["as they are listed", Array.from({ length: FILES }, (_, i) => FILES - 1 - i), 1],
    ["backwards", Array.from({ length: FILES }, (_, i) => i), -1],
    ["by name", Array.from({ length: FILES }, (_, i) => (i * 77) % FILES), 0],
  ])("are read before they are asked for: %s", async (_name, listed, direction) => {
    await mount({ d: Object.fromEntries(listed.map((i) => [name(i), `${i}`])) });
    const wanted =
      direction === 1 ? listed : direction === -1 ? listed.toReversed() : [...listed].sort((a, b) => a - b);
    const late = await readAll(wanted);
    expect(late).toEqual(wanted.slice(0, 3));
    expect(ahead.toSorted()).toEqual(
      wanted
        .slice(3)
        .map((i) => `d/${name(i)}`)
        .sort(),
    );
  });

  test("though some are passed over", async () => {
    await mount({ d: tree() });
    const wanted = Array.from({ length: FILES / 3 }, (_, i) => 3 * i);
    expect(await readAll(wanted)).toEqual(wanted.slice(0, 3));
  });

  test("and not when they are read in no order", async () => {
    await mount({ d: tree() });
    const wanted = Array.from({ length: FILES }, (_, i) => (i * 77) % FILES);
    expect(await readAll(wanted)).toEqual(wanted);
    expect(ahead).toEqual([]);
  });

  test("until the guest reads elsewhere in the directory", async () => {
    await mount({ d: tree() });
    await readAll([0, 1, 2, 3]);
    expect(share.aheadBytes).toBeGreaterThan(0);
    expect(await readAll([150])).toEqual([150]);
    expect(share.aheadBytes).toBe(0);
  });
});

describe("a file here and one there", () => {
  const small = (): MemoryTree => Object.fromEntries([3, 1, 4, 0, 2].map((i) => [name(i), `${i}`]));
  const directories = Array.from({ length: 12 }, (_, i) => `o${i}`);
  /** git names its objects by their hashes: it wants them in no order, each in another directory. */
  const wanted = (round: number): [i: number, directory: string][] =>
    directories.map((directory, i) => [(round * 3 + i) % 5, directory]);

  async function readRound(round: number): Promise<string[]> {
    const late = [];
    for (const [i, directory] of wanted(round)) if (!(await readsAtOnce(i, directory))) late.push(directory);
    return late;
  }

  test("brings whole small directories, once that is seen", async () => {
    await mount(Object.fromEntries(directories.map((directory) => [directory, small()])));
    expect(await readRound(0)).toEqual(directories);
    const read = directories.slice(8);
    expect(new Set(ahead.map((path) => path.split("/")[0]))).toEqual(new Set(read));
    expect(ahead.length).toBe(5 * read.length);
    for (const round of [1, 2, 3]) expect((await readRound(round)).filter((name) => read.includes(name))).toEqual([]);
  });

  test("does so again for a guest that has let go of its own copies", async () => {
    await mount(Object.fromEntries(directories.map((directory) => [directory, small()])));
    for (const round of [0, 1, 2, 3, 4]) await readRound(round);
    const begun = ahead.length;
    for (const round of [0, 1]) await readRound(round);
    expect(ahead.length).toBeGreaterThan(begun);
    for (const round of [2, 3]) expect(await readRound(round)).toEqual([]);
  });

  test("does not bring large directories", async () => {
    await mount(Object.fromEntries(directories.map((directory) => [directory, tree()])));
    await readRound(0);
    expect(ahead).toEqual([]);
  });

  test("lets go of what was read longest ago", async () => {
    const full = 8 << 20;
    const large = { [name(0)]: "0", [name(1)]: "1".padEnd(64 * KIB), [name(2)]: "2".padEnd(64 * KIB) };
    const many = Array.from({ length: 100 }, (_, i) => `o${i}`);
    await mount(Object.fromEntries(many.map((directory) => [directory, large])));
    let held = 0;
    for (const directory of many) {
      await readsAtOnce(0, directory);
      held = Math.max(held, share.aheadBytes);
    }
    expect(held).toBeGreaterThan(full - 128 * KIB);
    expect(held).toBeLessThan(full + 256 * KIB);
    expect(await guest.text(`o99/${name(1)}`)).toBe("1".padEnd(64 * KIB));
  });
});

describe("bounds", () => {
  test("so many at once, so many bytes in memory, and no large file", async () => {
    const [most, full] = [64, (4 << 10) * KIB];
    const large = new Uint8Array(64 * KIB + 1);
    const files = Object.fromEntries(
      Array.from({ length: FILES }, (_, i) => [name(i), i === 20 ? large : new Uint8Array(64 * KIB).fill(i)]),
    );
    await mount({ d: files });
    await guest.stat(`d/${name(20)}`);
    let [now, atOnce] = [0, 0];
    before = async ({ operation }) => {
      if (operation !== "readWhole") return;
      atOnce = Math.max(atOnce, ++now);
      await afterAll();
      now--;
    };
    let held = 0;
    for (let i = 0; i < FILES; i++) {
      if (i !== 20) await read(i);
      held = Math.max(held, share.aheadBytes);
    }
    expect(atOnce).toBe(most);
    expect(held).toBeGreaterThan(full / 2);
    expect(held).toBeLessThan(full + most * 64 * KIB);
    expect(ahead).not.toContain(`d/${name(20)}`);
    await afterAll();
    expect(share.aheadBytes).toBe(0);
  });

  test("four directories", async () => {
    const names = ["a", "b", "c", "e", "g"];
    await mount(Object.fromEntries(names.map((directory) => [directory, tree()])));
    for (const directory of names) await readAll([0, 1, 2, 3], directory);
    const all = share.aheadBytes;
    const late = [];
    for (const directory of names.toReversed()) if (!(await readsAtOnce(4, directory))) late.push(directory);
    expect(late).toEqual(["a"]);
    expect(all).toBeLessThan(4 * 128 * 3);
  });
});

describe("what the guest changes", () => {
  test.each([
    ["removes", () => guest.unlink("d/f005")],
    ["renames", () => guest.rename("d/f005", "d/new")],
    ["truncates", () => guest.truncate("d/f005", 0)],
  ])("a file that it %s is not read ahead while the store is behind", async (_what, change) => {
    await mount({ d: tree() });
    await guest.stat("d/f005");
    const gate = new Gate();
    before = ({ operation, path }) => (operation !== "readWhole" && path === "d/f005" ? gate.opened : undefined);
    await change();
    await readAll([0, 1, 2, 3]);
    expect(ahead).toContain("d/f006");
    expect(ahead).not.toContain("d/f005");
    gate.open();
    await guest.kernel.syncfs(ROOT_NODE_ID);
  });

  test("does not wait for what is read ahead, and is what is read", async () => {
    await mount({ d: tree() });
    const gate = new Gate();
    before = ({ operation, path }) => (operation === "readWhole" && path > "d/f003" ? gate.opened : undefined);
    await readAll([0, 1, 2]);
    expect(ahead).toContain("d/f009");
    await guest.write(await guest.open("d/f004"), 0, "written");
    await guest.truncate("d/f005", 0);
    await guest.unlink("d/f006");
    await guest.put("d/f006", "another");
    await guest.rename("d/f007", "d/f008");
    await guest.kernel.syncfs(ROOT_NODE_ID);
    await guest.rename("d", "e");
    await guest.mkdir("d");
    await guest.put("d/f009", "of another directory");
    await guest.kernel.syncfs(ROOT_NODE_ID);
    gate.open();
    await afterAll();
    const texts = [4, 5, 6, 8, 9, 10].map((i) => guest.text(`e/${name(i)}`));
    expect(await Promise.all(texts)).toEqual(["written", "", "another", "7", "9", "10"]);
  });

  test("after it was read ahead is what is read", async () => {
    await mount({ d: tree() });
    await readAll([0, 1, 2]);
    await guest.write(await guest.open("d/f003"), 0, "x");
    await guest.truncate("d/f004", 0);
    await guest.rename("d/f005", "d/f006");
    const texts = [3, 4, 6, 7].map((i) => guest.text(`d/${name(i)}`));
    expect(await Promise.all(texts)).toEqual(["x", "", "5", "7"]);
  });
});

describe("memory is let go of", () => {
  test.each([
    ["file by file", () => forget(({ path }) => path !== "d")],
    ["with the directory", () => forget(({ path }) => path === "d")],
    ["by an unmount", () => guest.kernel.destroy()],
    ["with the share", () => share[Symbol.asyncDispose]()],
  ])("when the guest forgets: %s", async (_what, letGo) => {
    await mount({ d: tree() });
    for (let i = 0; i < FILES; i++) await guest.node(`d/${name(i)}`);
    await readAll([0, 1, 2]);
    expect(share.aheadBytes).toBeGreaterThan(0);
    await letGo();
    expect(share.aheadBytes).toBe(0);
  });

  test("and nothing that is under way is kept after an unmount", async () => {
    await mount({ d: tree() });
    const gate = new Gate();
    before = ({ operation }) => (operation === "readWhole" ? gate.opened : undefined);
    await readAll([0, 1, 2]);
    const begun = ahead.length;
    await guest.kernel.destroy();
    gate.open();
    await afterAll();
    expect([begun > 0, ahead.length - begun, share.aheadBytes]).toEqual([true, 0, 0]);
  });
});

test("what cannot be read ahead is read when it is asked for", async () => {
  await mount({ d: tree() });
  before = ({ operation }) => {
    if (operation === "readWhole") throw new FsError(Errno.EIO);
  };
  const wanted = [0, 1, 2, 3, 4, 5];
  expect(await readAll(wanted)).toEqual(wanted);
  expect(ahead.length).toBeGreaterThan(0);
});

describe("where others change the files too", () => {
  test("each is asked about once, for its opening and its bytes", async () => {
    let stats = 0;
    before = ({ operation }) => void (operation === "stat" && stats++);
    await mount({ d: tree() }, false);
    const late = [];
    for (let i = 0; i < FILES; i++) if (!(await opensAtOnce(i))) late.push(i);
    expect(late).toEqual([0, 1, 2]);
    expect([stats < 30, ahead.length]).toEqual([true, FILES - 3]);
  });

  test("what was changed since it was read ahead is read anew", async () => {
    const outside = await mount({ d: tree() }, false);
    for (const i of [0, 1, 2]) await opensAtOnce(i);
    expect(share.aheadBytes).toBeGreaterThan(0);
    now += 500;
    await outside.write(`d/${name(3)}`, "others'");
    expect(await opensAtOnce(3)).toBe(true); // so fresh is what is known
    now += 500;
    for (const [i, text] of [
      [4, "4"],
      [3, "others'"],
    ] as const)
      expect(await guest.text(`d/${name(i)}`)).toBe(text);
  });

  test("a read of a file that stays open finds what others wrote, past the guest's cache", async () => {
    const outside = await mount({ d: tree() }, false);
    for (const i of [0, 1, 2]) await opensAtOnce(i);
    const file = await guest.open(`d/${name(5)}`, O_RDONLY);
    await outside.write(`d/${name(5)}`, "others'");
    now += 1000;
    expect(new TextDecoder().decode(await guest.kernel.read(file.node, file.fh, 0, 4096))).toBe("others'");
  });

  /** Opens, reads and closes a file; true where none of that had to wait. */
  async function opensAtOnce(i: number): Promise<boolean> {
    const { kernel } = guest;
    const { nodeid } = await guest.entry(`d/${name(i)}`);
    const wasKnown = kernel.answeredAtOnce;
    const { fh } = await kernel.open(nodeid, O_RDONLY);
    const wasOpen = kernel.answeredAtOnce;
    const bytes = await kernel.read(nodeid, fh, 0, 4096);
    const wasRead = kernel.answeredAtOnce;
    expect(new TextDecoder().decode(bytes)).toBe(`${i}`);
    await kernel.release(nodeid, fh);
    await afterAll();
    return wasKnown && wasOpen && wasRead;
  }
});

class Gate {
  open = (): void => {};
  readonly opened = new Promise<void>((open) => (this.open = open));
}

class AheadShare extends ShareFileSystem {
  get aheadBytes(): number {
    return this.share.ahead.bytes;
  }
}

function tree(): MemoryTree {
  return Object.fromEntries(Array.from({ length: FILES }, (_, i) => [name(i), `${i}`]));
}

async function mount(files: MemoryTree, exclusive = true): Promise<Outside> {
  const memory = new MemoryStore(files, { exclusive });
  const store = new SlowStore(memory, {
    random: new Random(1),
    slowContent: false,
    before: (call) => {
      if (call.operation === "readWhole") ahead.push(call.path);
      return before(call);
    },
  });
  share = new AheadShare(store, { now: () => now });
  guest = await Guest.mount(share, stillTimers);
  return outsideOf(memory);
}

/** Reads files one after the other; returns those that were not answered at once. What is read ahead has time to come. */
async function readAll(numbers: readonly number[], directory = "d"): Promise<number[]> {
  const late = [];
  for (const i of numbers) if (!(await readsAtOnce(i, directory))) late.push(i);
  return late;
}

async function readsAtOnce(i: number, directory: string): Promise<boolean> {
  const node = await guest.node(`${directory}/${name(i)}`);
  const bytes = await guest.kernel.read(node, 0, 0, 4096);
  const { answeredAtOnce } = guest.kernel;
  expect(new TextDecoder().decode(bytes)).toBe(`${i}`);
  await afterAll();
  return answeredAtOnce;
}

async function read(i: number): Promise<void> {
  const node = await guest.node(`d/${name(i)}`);
  const bytes = await guest.kernel.read(node, 0, 0, 64 * KIB);
  expect([bytes.length, bytes[0]]).toEqual([64 * KIB, i]);
  await afterAll();
}

/** Ends when the store has answered all that was asked: it takes turns of the microtask queue alone. */
function afterAll(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Forgets nodes by their paths; the root stays. */
async function forget(isForgotten: (node: { path: string }) => boolean): Promise<void> {
  const directory = await guest.node("d");
  for (const node of guest.kernel.lookups.keys()) {
    if (node !== ROOT_NODE_ID && isForgotten({ path: node === directory ? "d" : "file" })) guest.kernel.forget(node);
  }
}
