import { beforeEach, describe, expect, test } from "vitest";
import type { MemoryTree } from "../storage/memory/memory-store.js";
import { AheadReader, FILES, nameOf, numberedFiles } from "./testing/ahead-reader.js";

const KIB = 1024;

const allAnswered = () => new Promise<void>((resolve) => setImmediate(resolve));
let reader: AheadReader;

beforeEach(() => void (reader = new AheadReader(allAnswered)));

describe("files of a directory that are read one after the other", () => {
  test.each([
    ["as they are listed", Array.from({ length: FILES }, (_, i) => FILES - 1 - i), 1],
    ["backwards", Array.from({ length: FILES }, (_, i) => i), -1],
    ["by name", Array.from({ length: FILES }, (_, i) => (i * 77) % FILES), 0],
  ])("are read before they are asked for: %s", async (_name, listed, direction) => {
    await reader.mount({ d: Object.fromEntries(listed.map((i) => [nameOf(i), `${i}`])) });
    const wanted =
      direction === 1 ? listed : direction === -1 ? listed.toReversed() : [...listed].sort((a, b) => a - b);
    const late = await reader.readAll(wanted);
    expect(late).toEqual(wanted.slice(0, 3));
    expect(reader.ahead.toSorted()).toEqual(
      wanted
        .slice(3)
        .map((i) => `d/${nameOf(i)}`)
        .sort(),
    );
  });

  test("though some are passed over", async () => {
    await reader.mount({ d: numberedFiles() });
    const wanted = Array.from({ length: FILES / 3 }, (_, i) => 3 * i);
    expect(await reader.readAll(wanted)).toEqual(wanted.slice(0, 3));
  });

  test("and not when they are read in no order", async () => {
    await reader.mount({ d: numberedFiles() });
    const wanted = Array.from({ length: FILES }, (_, i) => (i * 77) % FILES);
    expect(await reader.readAll(wanted)).toEqual(wanted);
    expect(reader.ahead).toEqual([]);
  });

  test("until the guest reads elsewhere in the directory", async () => {
    await reader.mount({ d: numberedFiles() });
    await reader.readAll([0, 1, 2, 3]);
    expect(reader.share.aheadBytes).toBeGreaterThan(0);
    expect(await reader.readAll([150])).toEqual([150]);
    expect(reader.share.aheadBytes).toBe(0);
  });
});

describe("a file here and one there", () => {
  const small = (): MemoryTree => Object.fromEntries([3, 1, 4, 0, 2].map((i) => [nameOf(i), `${i}`]));
  const directories = Array.from({ length: 12 }, (_, i) => `o${i}`);
  /** git names its objects by their hashes: it wants them in no order, each in another directory. */
  const wanted = (round: number): [i: number, directory: string][] =>
    directories.map((directory, i) => [(round * 3 + i) % 5, directory]);

  async function readRound(round: number): Promise<string[]> {
    const late = [];
    for (const [i, directory] of wanted(round)) if (!(await reader.readsAtOnce(i, directory))) late.push(directory);
    return late;
  }

  test("brings whole small directories, once that is seen", async () => {
    await reader.mount(Object.fromEntries(directories.map((directory) => [directory, small()])));
    expect(await readRound(0)).toEqual(directories);
    const read = directories.slice(8);
    expect(new Set(reader.ahead.map((path) => path.split("/")[0]))).toEqual(new Set(read));
    expect(reader.ahead.length).toBe(5 * read.length);
    for (const round of [1, 2, 3]) expect((await readRound(round)).filter((name) => read.includes(name))).toEqual([]);
  });

  test("does so again for a guest that has let go of its own copies", async () => {
    await reader.mount(Object.fromEntries(directories.map((directory) => [directory, small()])));
    for (const round of [0, 1, 2, 3, 4]) await readRound(round);
    const begun = reader.ahead.length;
    for (const round of [0, 1]) await readRound(round);
    expect(reader.ahead.length).toBeGreaterThan(begun);
    for (const round of [2, 3]) expect(await readRound(round)).toEqual([]);
  });

  test("does not bring large directories", async () => {
    await reader.mount(Object.fromEntries(directories.map((directory) => [directory, numberedFiles()])));
    await readRound(0);
    expect(reader.ahead).toEqual([]);
  });

  test("lets go of what was read longest ago", async () => {
    const full = 8 << 20;
    const large = { [nameOf(0)]: "0", [nameOf(1)]: "1".padEnd(64 * KIB), [nameOf(2)]: "2".padEnd(64 * KIB) };
    const many = Array.from({ length: 100 }, (_, i) => `o${i}`);
    await reader.mount(Object.fromEntries(many.map((directory) => [directory, large])));
    let held = 0;
    for (const directory of many) {
      await reader.readsAtOnce(0, directory);
      held = Math.max(held, reader.share.aheadBytes);
    }
    expect(held).toBeGreaterThan(full - 128 * KIB);
    expect(held).toBeLessThan(full + 256 * KIB);
    expect(await reader.guest.text(`o99/${nameOf(1)}`)).toBe("1".padEnd(64 * KIB));
  });
});

describe("bounds", () => {
  test("so many at once, so many bytes in memory, and no large file", async () => {
    const [most, full] = [64, (4 << 10) * KIB];
    const large = new Uint8Array(64 * KIB + 1);
    const files = Object.fromEntries(
      Array.from({ length: FILES }, (_, i) => [nameOf(i), i === 20 ? large : new Uint8Array(64 * KIB).fill(i)]),
    );
    await reader.mount({ d: files });
    await reader.guest.stat(`d/${nameOf(20)}`);
    let [now, atOnce] = [0, 0];
    reader.before = async ({ operation }) => {
      if (operation !== "readWhole") return;
      atOnce = Math.max(atOnce, ++now);
      await allAnswered();
      now--;
    };
    let held = 0;
    for (let i = 0; i < FILES; i++) {
      if (i !== 20) await read(i);
      held = Math.max(held, reader.share.aheadBytes);
    }
    expect(atOnce).toBe(most);
    expect(held).toBeGreaterThan(full / 2);
    expect(held).toBeLessThan(full + most * 64 * KIB);
    expect(reader.ahead).not.toContain(`d/${nameOf(20)}`);
    await allAnswered();
    expect(reader.share.aheadBytes).toBe(0);
  });

  test("four directories", async () => {
    const names = ["a", "b", "c", "e", "g"];
    await reader.mount(Object.fromEntries(names.map((directory) => [directory, numberedFiles()])));
    for (const directory of names) await reader.readAll([0, 1, 2, 3], directory);
    const all = reader.share.aheadBytes;
    const late = [];
    for (const directory of names.toReversed()) if (!(await reader.readsAtOnce(4, directory))) late.push(directory);
    expect(late).toEqual(["a"]);
    expect(all).toBeLessThan(4 * 128 * 3);
  });
});

async function read(i: number): Promise<void> {
  const node = await reader.guest.node(`d/${nameOf(i)}`);
  const bytes = await reader.guest.kernel.read(node, 0, 0, 64 * KIB);
  expect([bytes.length, bytes[0]]).toEqual([64 * KIB, i]);
  await allAnswered();
}
