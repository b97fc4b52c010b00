import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FromAgent, ToAgent } from "../../src/machine/agent-protocol.js";
import type { UploadEntry } from "../../src/machine/share-files-api.js";
import { encodeUploadList, takeReports, type UploadReport, UploadResult } from "../../src/machine/upload-list.js";
import { MachineDouble, u32 } from "./machine-double.js";

const { EEXIST, EISDIR, ENOTDIR, ENODEV, ENAMETOOLONG } = constants.errno;

let machine: MachineDouble;
/** "/" is the mount point; paths go here. */
let share: string;
let source: string;

beforeEach(async () => {
  share = mkdtempSync(join(tmpdir(), "upload-share-"));
  source = mkdtempSync(join(tmpdir(), "upload-source-"));
  machine = new MachineDouble();
  await machine.until(FromAgent.HELLO);
});

afterEach(() => {
  machine.dispose();
  rmSync(share, { recursive: true });
  rmSync(source, { recursive: true });
});

describe("START_UPLOAD", () => {
  it("puts files and directories where they belong, and reports each", async () => {
    const big = Buffer.alloc(2_500_001, "0123456789");
    expect(
      await put({ "a/b/one": "1", "a/b/two": "22", empty: "", big, "a/none/": undefined, "a/b/c/three": "333" }),
    ).toEqual([0, 0, 0, 0, 0, 0]);
    expect(read("a/b/one") + read("a/b/two") + read("a/b/c/three") + read("empty")).toBe("122333");
    expect(readFileSync(join(share, "big")).equals(big)).toBe(true);
    expect(new Set(readdirSync(share, { recursive: true, encoding: "utf8" }))).toEqual(
      new Set(["a", "a/b", "a/b/c", "a/b/c/three", "a/b/one", "a/b/two", "a/none", "big", "empty"]),
    );
  });

  it("reports how far a large file is", async () => {
    await put({ big: Buffer.alloc(3 << 20) });
    expect(await reports()).toEqual([
      { index: 0, result: UploadResult.underWay, bytes: 1 << 20 },
      { index: 0, result: UploadResult.underWay, bytes: 2 << 20 },
      { index: 0, result: 0, bytes: 3 << 20 },
    ]);
  });

  it("replaces nothing but what it is told to", async () => {
    writeFileSync(join(share, "file"), "old");
    mkdirSync(join(share, "directory"));
    symlinkSync("nowhere", join(share, "link"));
    const files = { file: "new", link: "new", directory: "new", "file/": undefined, "directory/": undefined };
    expect(await put(files)).toEqual([EEXIST, EEXIST, EISDIR, EEXIST, 0]);
    expect([read("file"), readlinkSync(join(share, "link"))]).toEqual(["old", "nowhere"]);
    expect(await put(files, true, 2)).toEqual([0, 0, EISDIR, EEXIST, 0]);
    expect([read("file"), read("link"), existsSync(join(share, "nowhere"))]).toEqual(["new", "new", false]);
    expect(readdirSync(share).sort()).toEqual(["directory", "file", "link"]);
  });

  it("says what is wrong with the way to a file, and goes on with the next", async () => {
    writeFileSync(join(share, "file"), "old");
    symlinkSync("nowhere", join(share, "dangling"));
    const long = "x".repeat(256);
    expect(await put({ "file/below": "x", "dangling/x": "x", [`${long}/x`]: "x", [long]: "x", good: "good" })).toEqual([
      ENOTDIR,
      ENOTDIR,
      ENAMETOOLONG,
      ENAMETOOLONG,
      0,
    ]);
    expect(read("good")).toBe("good");
  });

  it("leaves nothing of a file that cannot be read whole", async () => {
    prepare([["one", "1"], ["two", Buffer.alloc(1 << 21)], ["three", "3"]]); // prettier-ignore
    truncateSync(join(source, "contents"), 1 + (1 << 20));
    machine.start(1, { argv: ["upload", "/", source], uploads: true });
    expect((await machine.until(FromAgent.EXIT, 1)).payload.readInt32LE()).toBe(0);
    expect(await results()).toEqual([0, UploadResult.unreadable, UploadResult.unreadable]);
    expect(readdirSync(share)).toEqual(["one"]);
  });

  it("puts nothing below a directory where nothing is mounted", async () => {
    prepare([["file", "1"]]);
    machine.start(1, { argv: ["upload", share, source], uploads: true });
    await machine.until(FromAgent.EXIT, 1);
    expect(await results()).toEqual([ENODEV]);
    expect(readdirSync(share)).toEqual([]);
  });

  it("uses no temporary name that is taken", async () => {
    prepare([["file", "1"]]);
    // Its number is known only when it runs: all that it may have are taken.
    const taken = `for pid in $(seq $$ $(($$ + 400))); do : > "$1/.upload-$pid-0"; done`;
    expect(spawnSync("/bin/sh", ["-c", taken, "sh", share]).status).toBe(0);
    const before = readdirSync(share);
    machine.start(1, { argv: ["upload", "/", source], uploads: true });
    await machine.until(FromAgent.EXIT, 1);
    expect(await results()).toEqual([0]);
    expect(readdirSync(share).sort()).toEqual([...before, "file"].sort());
  });

  it("stops when it is told to, with nothing half done", async () => {
    // With holes: it takes no room.
    prepare([["small", "1"]]);
    writeFileSync(join(source, "list"), encodeUploadList([entry("small", 1), entry("big", 2 ** 33)]));
    truncateSync(join(source, "contents"), 1 + 2 ** 33);
    machine.start(1, { argv: ["upload", "/", source], uploads: true });
    await machine.until(FromAgent.OUTPUT, 1);
    machine.send(ToAgent.SIGNAL, 1, u32(constants.signals.SIGTERM));
    expect((await machine.until(FromAgent.EXIT, 1)).payload.readInt32LE()).toBe(143 << 8);
    expect(readdirSync(share)).toEqual(["small"]);
  });

  it("does nothing with a list that is none, or is missing", async () => {
    const list = encodeUploadList([entry("file", 0)]);
    for (const [process, bytes] of [list.subarray(0, -1), list.subarray(0, 9), list.fill(255, 12, 16)].entries()) {
      writeFileSync(join(source, "list"), bytes);
      writeFileSync(join(source, "contents"), "");
      machine.start(process, { argv: ["upload", "/", source], uploads: true });
      expect((await machine.until(FromAgent.EXIT, process)).payload.readInt32LE()).toBe(0);
      expect(machine.bytes(FromAgent.OUTPUT, process)).toHaveLength(0);
    }
    for (const [process, more] of [
      [8, ["/", join(source, "nothing")]],
      [9, []],
    ] as const) {
      machine.start(process, { argv: ["upload", ...more], uploads: true });
      expect((await machine.until(FromAgent.EXIT, process)).payload.readInt32LE()).toBe(1 << 8);
    }
    expect(machine.bytes(FromAgent.ERROR, 8).toString()).toContain("cannot be had");
    expect(readdirSync(share)).toEqual([]);
  });
});

type Content = string | Buffer | undefined;

const entry = (name: string, size?: number, replace = false): UploadEntry => ({
  path: `${share}/${name}`,
  replace,
  ...(size !== undefined && { size }),
});

/** Writes what the machine would plug in. */
function prepare(files: readonly (readonly [name: string, content: Content])[], replace = false): void {
  const contents = files.map(([, content]) => Buffer.from(content ?? ""));
  const entries = files.map(([name, content], index) =>
    entry(name, content === undefined ? undefined : contents[index]!.length, replace),
  );
  writeFileSync(join(source, "list"), encodeUploadList(entries));
  writeFileSync(join(source, "contents"), Buffer.concat(contents));
}

async function put(files: Readonly<Record<string, Content>>, replace = false, process = 1): Promise<number[]> {
  prepare(Object.entries(files), replace);
  machine.start(process, { argv: ["upload", "/", source], uploads: true });
  expect((await machine.until(FromAgent.EXIT, process)).payload.readInt32LE()).toBe(0);
  return results(process);
}

async function reports(process = 1): Promise<UploadReport[]> {
  const all: UploadReport[] = [];
  await takeReports(new Blob([new Uint8Array(machine.bytes(FromAgent.OUTPUT, process))]).stream(), (report) =>
    all.push(report),
  );
  return all;
}

/** In the order of the list. */
async function results(process = 1): Promise<number[]> {
  return (await reports(process)).filter(({ result }) => result !== UploadResult.underWay).map(({ result }) => result);
}

function read(name: string): string {
  return readFileSync(join(share, name), "utf8");
}
