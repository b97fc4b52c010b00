import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../client/index.js";
import { loadFiles } from "./load-files.js";

const MIB = 2 ** 20;
const BLOCK = 512;
const TOO_LARGE = "is too large: at most 64 MiB are fetched, and 256 MiB and 20,000 files unpacked.";

let server: Server;
let origin = "";
const files = new Map<string, Uint8Array | string>();
let atOnce = 0;
let mostAtOnce = 0;
/** Answers wait until so many are asked at once. */
let gate: { readonly at: number; open(): void; readonly opened: Promise<void> } | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    const content = files.get(request.url!);
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.on("close", () => atOnce--);
    const answer = (): void => {
      if (content === undefined) return void response.writeHead(404).end();
      if (request.url === "/endless") {
        const more = (): void => {
          while (!response.destroyed && response.write(content));
        };
        response.on("drain", more);
        return more();
      }
      response.writeHead(200, { "content-length": content.length }).end(content);
    };
    if (gate && request.url!.startsWith("/gated")) {
      if (atOnce === gate.at) gate.open();
      void gate.opened.then(answer);
    } else answer();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  files.clear();
  mostAtOnce = 0;
  gate = undefined;
});

function load(content: Uint8Array | string, onProgress: (progress: Progress) => void = () => {}) {
  files.set("/files", content);
  return loadFiles(new URL("/files", origin), onProgress);
}

/** A tar entry, as ustar has it. */
function entry(name: string, content: string, type = "0"): Uint8Array {
  const bytes = new Uint8Array(BLOCK + Math.ceil(content.length / BLOCK) * BLOCK);
  bytes.set(strToU8(name.slice(0, 100)), 0);
  bytes.set(strToU8(`${content.length.toString(8).padStart(11, "0")}\0`), 124);
  bytes[156] = type.charCodeAt(0);
  bytes.set(strToU8("ustar\x0000"), 257);
  bytes.set(strToU8(content), BLOCK);
  return bytes;
}

function tar(...entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...entries, new Uint8Array(2 * BLOCK)]);
}

describe("files that a frame fetches", () => {
  it("are too large by what their host states", async () => {
    await expect(load(new Uint8Array(64 * MIB + 1))).rejects.toThrow(TOO_LARGE);
  });

  it("are too large where they never end, and the host is told to stop", async () => {
    files.set("/endless", new Uint8Array(MIB));
    await expect(loadFiles(new URL("/endless", origin), () => {})).rejects.toThrow(TOO_LARGE);
    await expect.poll(() => atOnce).toBe(0);
  });

  it("are too large unpacked: a gzip of zeros", async () => {
    await expect(load(gzipSync(new Uint8Array(257 * MIB)))).rejects.toThrow(TOO_LARGE);
  });

  it("are too large unpacked: a zip that says so", async () => {
    await expect(load(withSize(zipSync({ a: new Uint8Array(MIB) }), 300 * MIB))).rejects.toThrow(TOO_LARGE);
  });

  it("have no more than the zip's list says, whatever is there", async () => {
    const found = await load(withSize(zipSync({ a: new Uint8Array(8 * MIB) }), 10));
    expect(found.get("a")).toHaveLength(10);
  });

  it.each(["/etc/passwd", "a//b/./c", "./a\\b"])("stay below the share: %s", async (name) => {
    const names = { "/etc/passwd": "etc/passwd", "a//b/./c": "a/b/c", "./a\\b": "a/b" }[name];
    expect([...(await load(tar(entry(name, "x")))).keys()]).toEqual([names]);
  });

  it.each(["../a", "a/../../b", "..\\a", ".", "a/.."])("are refused with a path that leads out: %s", async (name) => {
    await expect(load(tar(entry(name, "x")))).rejects.toThrow("leads outside");
    await expect(load(zipSync({ [name]: strToU8("x") }))).rejects.toThrow("leads outside");
    await expect(load(JSON.stringify({ [name]: "one" }))).rejects.toThrow("leads outside");
  });

  it("of a tar are its regular files, by names of pax and GNU", async () => {
    const long = "d/".repeat(120);
    const record = `path=${long}p\n`;
    const found = await load(
      tar(
        entry("x", `${record.length + 4} ${record}`, "x"),
        entry("short", "pax"),
        entry("././@LongLink", `${long}g\0`, "L"),
        entry("short", "gnu"),
        entry("link", "", "2"),
        entry("device", "", "3"),
        entry("directory/", "", "5"),
      ),
    );
    expect([...found.keys()]).toEqual([`${long}p`, `${long}g`]);
  });

  it("of a tar that is cut off are none", async () => {
    await expect(load(entry("a", "x".repeat(2000)).subarray(0, 1024))).rejects.toThrow("damaged");
    const nonsense = entry("a", "x");
    nonsense.set(strToU8("-0000000777"), 124);
    await expect(load(tar(nonsense))).rejects.toThrow("damaged");
  });

  it("of a list come six at once, and their number is told", async () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gate = { at: 6, open, opened };
    const list: Record<string, string> = {};
    for (let index = 0; index < 30; index++) {
      files.set(`/gated/${index}`, `content ${index}`);
      list[`d/${index}`] = `gated/${index}`;
    }
    const told: Progress[] = [];
    const found = await load(JSON.stringify(list), (progress) => told.push(progress));
    expect([...found].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toEqual(
      Array.from({ length: 30 }, (_, index) => [`d/${index}`, `content ${index}`]),
    );
    expect(mostAtOnce).toBe(6);
    expect(told.slice(-30).map(({ loaded, total }) => [loaded, total])).toEqual(
      Array.from({ length: 30 }, (_, index) => [index + 1, 30]),
    );
  });

  it("of a list of ten thousand all come", async () => {
    files.set("/one", "x");
    const list = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${index}`, "one"]));
    const told: Progress[] = [];
    const found = await load(JSON.stringify(list), (progress) => told.push(progress));
    expect(found.size).toBe(10_000);
    expect(told.at(-1)).toMatchObject({ loaded: 10_000, total: 10_000 });
    expect(mostAtOnce).toBeLessThanOrEqual(6);
  });

  it("of a list are too large together, and too many", async () => {
    files.set("/large", new Uint8Array(33 * MIB));
    await expect(load(JSON.stringify({ a: "large", b: "large" }))).rejects.toThrow(TOO_LARGE);
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`${index}`, "one"]));
    await expect(load(JSON.stringify(many))).rejects.toThrow(TOO_LARGE);
  });

  it("of a list end with the first that is missing", async () => {
    files.set("/one", "x");
    const list = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index}`, index === 3 ? "no" : "one"]),
    );
    await expect(load(JSON.stringify(list))).rejects.toThrow("answered 404");
  });
});

/** The zip with another size of its file, in its list at the end (APPNOTE 4.3.12: at 24) and before the file (4.3.7: at 22). */
function withSize(zip: Uint8Array, size: number): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset);
  for (let at = 0; at + 4 < zip.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
    if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 22, size, true);
  }
  return zip;
}
