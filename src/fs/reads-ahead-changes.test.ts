import { beforeEach, describe, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { O_RDONLY } from "../posix/open-flags.js";
import { ROOT_NODE_ID } from "./file-system.js";
import { AheadReader, FILES, Gate, nameOf, numberedFiles } from "./testing/ahead-reader.js";

const allAnswered = () => new Promise<void>((resolve) => setImmediate(resolve));
let reader: AheadReader;

beforeEach(() => void (reader = new AheadReader(allAnswered)));

describe("what the guest changes", () => {
  test.each([
    ["removes", () => reader.guest.unlink("d/f005")],
    ["renames", () => reader.guest.rename("d/f005", "d/new")],
    ["truncates", () => reader.guest.truncate("d/f005", 0)],
  ])("a file that it %s is not read ahead while the store is behind", async (_what, change) => {
    await reader.mount({ d: numberedFiles() });
    await reader.guest.stat("d/f005");
    const gate = new Gate();
    reader.before = ({ operation, path }) => (operation !== "readWhole" && path === "d/f005" ? gate.opened : undefined);
    await change();
    await reader.readAll([0, 1, 2, 3]);
    expect(reader.ahead).toContain("d/f006");
    expect(reader.ahead).not.toContain("d/f005");
    gate.open();
    await reader.guest.kernel.syncfs(ROOT_NODE_ID);
  });

  test("does not wait for what is read ahead, and is what is read", async () => {
    await reader.mount({ d: numberedFiles() });
    const gate = new Gate();
    reader.before = ({ operation, path }) => (operation === "readWhole" && path > "d/f003" ? gate.opened : undefined);
    await reader.readAll([0, 1, 2]);
    expect(reader.ahead).toContain("d/f009");
    await reader.guest.write(await reader.guest.open("d/f004"), 0, "written");
    await reader.guest.truncate("d/f005", 0);
    await reader.guest.unlink("d/f006");
    await reader.guest.put("d/f006", "another");
    await reader.guest.rename("d/f007", "d/f008");
    await reader.guest.kernel.syncfs(ROOT_NODE_ID);
    await reader.guest.rename("d", "e");
    await reader.guest.mkdir("d");
    await reader.guest.put("d/f009", "of another directory");
    await reader.guest.kernel.syncfs(ROOT_NODE_ID);
    gate.open();
    await allAnswered();
    const texts = [4, 5, 6, 8, 9, 10].map((i) => reader.guest.text(`e/${nameOf(i)}`));
    expect(await Promise.all(texts)).toEqual(["written", "", "another", "7", "9", "10"]);
  });

  test("after it was read ahead is what is read", async () => {
    await reader.mount({ d: numberedFiles() });
    await reader.readAll([0, 1, 2]);
    await reader.guest.write(await reader.guest.open("d/f003"), 0, "x");
    await reader.guest.truncate("d/f004", 0);
    await reader.guest.rename("d/f005", "d/f006");
    const texts = [3, 4, 6, 7].map((i) => reader.guest.text(`d/${nameOf(i)}`));
    expect(await Promise.all(texts)).toEqual(["x", "", "5", "7"]);
  });
});

describe("memory is let go of", () => {
  test.each([
    ["file by file", () => forget(({ path }) => path !== "d")],
    ["with the directory", () => forget(({ path }) => path === "d")],
    ["by an unmount", () => reader.guest.kernel.destroy()],
    ["with the share", () => reader.share[Symbol.asyncDispose]()],
  ])("when the guest forgets: %s", async (_what, letGo) => {
    await reader.mount({ d: numberedFiles() });
    for (let i = 0; i < FILES; i++) await reader.guest.node(`d/${nameOf(i)}`);
    await reader.readAll([0, 1, 2]);
    expect(reader.share.aheadBytes).toBeGreaterThan(0);
    await letGo();
    expect(reader.share.aheadBytes).toBe(0);
  });

  test("and nothing that is under way is kept after an unmount", async () => {
    await reader.mount({ d: numberedFiles() });
    const gate = new Gate();
    reader.before = ({ operation }) => (operation === "readWhole" ? gate.opened : undefined);
    await reader.readAll([0, 1, 2]);
    const begun = reader.ahead.length;
    await reader.guest.kernel.destroy();
    gate.open();
    await allAnswered();
    expect([begun > 0, reader.ahead.length - begun, reader.share.aheadBytes]).toEqual([true, 0, 0]);
  });
});

test("what cannot be read ahead is read when it is asked for", async () => {
  await reader.mount({ d: numberedFiles() });
  reader.before = ({ operation }) => {
    if (operation === "readWhole") throw new FsError(Errno.EIO);
  };
  const wanted = [0, 1, 2, 3, 4, 5];
  expect(await reader.readAll(wanted)).toEqual(wanted);
  expect(reader.ahead.length).toBeGreaterThan(0);
});

describe("where others change the files too", () => {
  test("each is asked about once, for its opening and its bytes", async () => {
    let stats = 0;
    reader.before = ({ operation }) => void (operation === "stat" && stats++);
    await reader.mount({ d: numberedFiles() }, false);
    const late = [];
    for (let i = 0; i < FILES; i++) if (!(await opensAtOnce(i))) late.push(i);
    expect(late).toEqual([0, 1, 2]);
    expect([stats < 30, reader.ahead.length]).toEqual([true, FILES - 3]);
  });

  test("what was changed since it was read ahead is read anew", async () => {
    const outside = await reader.mount({ d: numberedFiles() }, false);
    for (const i of [0, 1, 2]) await opensAtOnce(i);
    expect(reader.share.aheadBytes).toBeGreaterThan(0);
    reader.now += 500;
    await outside.write(`d/${nameOf(3)}`, "others'");
    expect(await opensAtOnce(3)).toBe(true); // so fresh is what is known
    reader.now += 500;
    for (const [i, text] of [
      [4, "4"],
      [3, "others'"],
    ] as const)
      expect(await reader.guest.text(`d/${nameOf(i)}`)).toBe(text);
  });

  test("a read of a file that stays open finds what others wrote, past the guest's cache", async () => {
    const outside = await reader.mount({ d: numberedFiles() }, false);
    for (const i of [0, 1, 2]) await opensAtOnce(i);
    const file = await reader.guest.open(`d/${nameOf(5)}`, O_RDONLY);
    await outside.write(`d/${nameOf(5)}`, "others'");
    reader.now += 1000;
    expect(new TextDecoder().decode(await reader.guest.kernel.read(file.node, file.fh, 0, 4096))).toBe("others'");
  });

  /** Opens, reads and closes a file; true where none of that had to wait. */
  async function opensAtOnce(i: number): Promise<boolean> {
    const { kernel } = reader.guest;
    const { nodeid } = await reader.guest.entry(`d/${nameOf(i)}`);
    const wasKnown = kernel.answeredAtOnce;
    const { fh } = await kernel.open(nodeid, O_RDONLY);
    const wasOpen = kernel.answeredAtOnce;
    const bytes = await kernel.read(nodeid, fh, 0, 4096);
    const wasRead = kernel.answeredAtOnce;
    expect(new TextDecoder().decode(bytes)).toBe(`${i}`);
    await kernel.release(nodeid, fh);
    await allAnswered();
    return wasKnown && wasOpen && wasRead;
  }
});

/** Forgets nodes by their paths; the root stays. */
async function forget(isForgotten: (node: { path: string }) => boolean): Promise<void> {
  const directory = await reader.guest.node("d");
  for (const node of reader.guest.kernel.lookups.keys()) {
    if (node !== ROOT_NODE_ID && isForgotten({ path: node === directory ? "d" : "file" }))
      reader.guest.kernel.forget(node);
  }
}
