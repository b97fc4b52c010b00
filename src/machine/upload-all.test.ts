import { mkdtempSync, openAsBlob, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FileToWrite, WriteAllOptions, WriteFailure } from "../client/types.js";
import { DroppedStore } from "../storage/dropped/dropped-store.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ownPrograms } from "./guest-command.js";
import type { Machine } from "./machine.js";
import type { MachineEvent } from "./machine-api.js";
import { ShareFiles } from "./share-files.js";
import { bootUnderNode, builtInImages, readHost, shareMemory, shell } from "./testing/node-machine.js";
import { putFiles } from "./testing/put-files.js";

const MB = 2 ** 20;

let machine: Machine;
let store: MemoryStore;
let files: ShareFiles;
const events: MachineEvent[] = [];

beforeAll(async () => {
  machine = await bootUnderNode(builtInImages(), (event) => events.push(event));
  store = await shareMemory(machine, "work");
  await shareMemory(machine, "fixed", new MemoryStore({ a: "A" }), "read-only");
  await shareMemory(machine, "small", new MemoryStore({}, { capacity: 3 * MB }));
  await shareMemory(machine, "away");
  await shell(machine, "umount /mnt/away");
  files = new ShareFiles(machine, ownPrograms(machine.agent, false));
}, 60_000);

afterAll(() => machine.stop());

describe.each(["one process for all", "a process for each"] as const)("by %s", (how) => {
  const together = how === "one process for all";
  const at = together ? "together" : "each";
  const put = (entries: readonly FileToWrite[], options?: WriteAllOptions, tag = "work") =>
    putFiles(files, tag, entries, options, together);
  const codes = (failures: readonly WriteFailure[]) =>
    Object.fromEntries(failures.map(({ path, error }) => [path.replace(`${at}/`, ""), error.code]));

  it("puts files and directories there, seen by the guest at once", async () => {
    await shell(machine, `ls /mnt/work/${at}/d/new; true`); // now the guest knows that there is none
    const entries = [
      { path: `${at}/d/new`, content: "content" },
      { path: `${at}/empty`, content: new Blob() },
      { path: `${at}/deep/none` },
      { path: `/${at}//deep/er/file`, content: Uint8Array.of(120) },
    ];
    expect(await put(entries)).toEqual([]);
    expect(
      await shell(machine, `cd /mnt/work/${at}; cat d/new deep/er/file; find . | sort; stat -c '%s %a' empty`),
    ).toBe("contentx.\n./d\n./d/new\n./deep\n./deep/er\n./deep/er/file\n./deep/none\n./empty\n0 644\n");
  });

  it("takes names of any bytes, and refuses what is none without holding up the others", async () => {
    const names = ["-n", "a b\n", "“$(x)`'\"\\", "\udcff\udc80", "é", "x".repeat(255)];
    const bad = ["a/../b", "\0", "\ud800"].map((path) => ({ path, content: "" }));
    const entries = names.map((name) => ({ path: `${at}/odd/${name}`, content: `${name.length}` }));
    expect(codes(await put([...bad, ...entries]))).toEqual({
      "a/../b": "not-saved",
      "\0": "not-saved",
      "\ud800": "not-saved",
    });
    expect((await files.list("work", `${at}/odd`)).map(({ name }) => name).sort()).toEqual(names.sort());
    expect(await shell(machine, `cd /mnt/work/${at}/odd && cat $'\\xff\\x80' ./-n`)).toBe("22");
  });

  it("replaces only what it is told to, file by file", async () => {
    const old = ["one", "two", "three"].map((name) => ({ path: `${at}/r/${name}`, content: "old" }));
    expect(await put([...old, { path: `${at}/r/d` }])).toEqual([]);
    const entries = [
      { path: `${at}/r/one`, content: "new" },
      { path: `${at}/r/two`, content: "new", replace: true },
      { path: `${at}/r/d`, content: "new", replace: true },
      { path: `${at}/r/d` },
      { path: `${at}/r/one` },
      { path: `${at}/r/one/below`, content: "new" },
    ];
    const failures = await put(entries);
    expect(failures.map(({ path, error }) => [path, error.code])).toEqual([
      [`${at}/r/one`, "exists"],
      [`${at}/r/d`, "is-directory"],
      [`${at}/r/one`, "exists"],
      [`${at}/r/one/below`, "not-directory"],
    ]);
    expect(failures[0]!.error.message).toBe(`“${at}/r/one” is there already.`);
    expect(await put([{ path: `${at}/r/three`, content: "new" }], { replace: true })).toEqual([]);
    expect(await shell(machine, `cd /mnt/work/${at}/r; cat one two three; ls -A`)).toBe(
      "oldnewnewd\none\nthree\ntwo\n",
    );
  });

  it("refuses where nothing is mounted, or only to be read", async () => {
    expect(codes(await put([{ path: "b", content: "x" }, { path: "c" }], {}, "away"))).toEqual({
      b: "not-saved",
      c: "not-saved",
    });
    expect(await shell(machine, "ls -A /mnt/away")).toBe("");
    await expect(put([{ path: "b", content: "x" }], {}, "fixed")).rejects.toMatchObject({ code: "read-only" });
    await expect(put([{ path: "b", content: "x" }], {}, "none")).rejects.toMatchObject({ code: "bad-tag" });
  });

  it("leaves nothing of what has no room, and puts the rest", async () => {
    await shell(machine, "rm -rf /mnt/small/*");
    const entries = [
      { path: "one", content: new Blob([new Uint8Array(MB)]) },
      { path: "large", content: new Blob([new Uint8Array(4 * MB)]) },
      { path: "two", content: "2" },
    ];
    expect(codes(await put(entries, {}, "small"))).toEqual({ large: "full" });
    expect(await shell(machine, "cd /mnt/small; ls -A; cat two")).toBe("one\ntwo\n2");
  });

  it("leaves nothing of a file that was changed on the disk meanwhile, and puts the rest", async () => {
    const directory = mkdtempSync(join(tmpdir(), "upload-"));
    const file = join(directory, "file");
    writeFileSync(file, "as it was when it was dropped");
    const changed = await openAsBlob(file);
    writeFileSync(file, "changed");
    const path = `${at}/changed`;
    const entries = [
      { path: `${at}/before`, content: "1" },
      { path, content: changed },
      { path: `${at}/after`, content: "2" },
    ];
    const failures = await put(entries);
    rmSync(directory, { recursive: true });
    expect(codes(failures)).toEqual({ changed: "not-saved" });
    expect(failures[0]!.error.message).toMatch(/changed” could not be put there: ./);
    expect(await shell(machine, `cd /mnt/work/${at}; cat before after; ls -A | grep -e upload -e changed; true`)).toBe(
      "12",
    );
  });

  it("stops in the middle of a file: what came before stays, of that one there is nothing", async () => {
    const controller = new AbortController();
    const big = { path: `${at}/stop/big`, content: new Blob([new Uint8Array(64 * MB)]) };
    const onProgress = (bytes: number): void => void (bytes > 2 * MB && controller.abort());
    const entries = [{ path: `${at}/stop/first`, content: "1" }, big, { path: `${at}/stop/last`, content: "2" }];
    await expect(put(entries, { signal: controller.signal, onProgress })).rejects.toMatchObject({ name: "AbortError" });
    expect(await shell(machine, `ls -A /mnt/work/${at}/stop`)).toBe("first\n");
    await expect(put(entries, { signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("says how far it is", async () => {
    const told: [number, string][] = [];
    const entries = [
      { path: `${at}/told/a`, content: "12345" },
      { path: `${at}/told/b`, content: new Blob([new Uint8Array(3 * MB)]) },
    ];
    expect(await put(entries, { onProgress: (bytes, path) => told.push([bytes, path]) })).toEqual([]);
    expect(told[0]).toEqual([5, `${at}/told/a`]);
    expect(told.at(-1)).toEqual([3 * MB + 5, `${at}/told/b`]);
    expect(told.length).toBeGreaterThan(together ? 3 : 1);
    expect(told.map(([bytes]) => bytes)).toEqual(told.map(([bytes]) => bytes).toSorted((a, b) => a - b));
  });
});

it("puts 1,000 small files there", async () => {
  const entries = Array.from({ length: 1000 }, (_, i) => ({ path: `many/${i % 10}/${i}`, content: `file ${i}\n` }));
  expect(await putFiles(files, "work", entries)).toEqual([]);
  expect(
    await shell(machine, "cd /mnt/work/many; find . -type f | wc -l; cat */* | sort | uniq | wc -l; cat 7/997"),
  ).toBe("1000\n1000\nfile 997\n");
});

it("puts a file of 64 MB there, byte for byte", async () => {
  const bytes = new Uint32Array(16 * MB).map((_, i) => Math.imul(i, 0x9e3779b1));
  expect(await putFiles(files, "work", [{ path: "big", content: new Blob([bytes]) }])).toEqual([]);
  const host = readHost(store, "big");
  expect(Buffer.compare(host, new Uint8Array(bytes.buffer))).toBe(0);
  const sum = await shell(machine, "sha256sum < /mnt/work/big");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  expect(sum).toContain(Buffer.from(digest).toString("hex"));
});

/** What the guest's kernel has of shares. */
const DEVICES =
  "ls -d /sys/bus/virtio/drivers/virtiofs/virtio*; cat /sys/fs/virtiofs/*/tag; grep virtiofs /proc/mounts";

it("leaves no device and no mount, and tells nobody of one", async () => {
  const before = await shell(machine, DEVICES);
  events.length = 0;
  for (let i = 0; i < 25; i++)
    expect(await putFiles(files, "work", [{ path: `again/${i}`, content: "x" }])).toEqual([]);
  expect(await shell(machine, DEVICES)).toBe(before);
  const tags = events.flatMap((event) => (event.type === "shares" ? event.shares.map(({ tag }) => tag) : []));
  expect(new Set(tags)).toEqual(new Set(["work", "fixed", "small", "away"]));
});

it("lets a guest that finds the device read what it gets anyway, and change nothing", async () => {
  const before = await shell(machine, DEVICES);
  const store = new DroppedStore([
    { path: "contents", content: new Blob(["secret"]) },
    { path: "later", content: new Blob(["secret"]) },
  ]);
  let tag = "";
  await files.hidden.plugIn(store, async (given) => {
    tag = given;
    const said = await shell(
      machine,
      `echo 1 >/sys/bus/pci/rescan; mkdir /tmp/spy; mount -t virtiofs ${tag} /tmp/spy; ls -A /tmp/spy; cat /tmp/spy/contents
       { echo x >/tmp/spy/contents; echo x >/tmp/spy/new; rm /tmp/spy/contents; } 2>&1 | grep -c "Read-only file system"`,
    );
    expect(said).toBe("contents\nlater\nsecret3\n");
    return 1;
  });
  expect(await shell(machine, "cat /tmp/spy/later 2>/dev/null || echo gone; umount /tmp/spy")).toBe("gone\n");
  expect(await shell(machine, DEVICES)).toBe(before);
  expect(await shell(machine, `mount -t virtiofs ${tag} /tmp/spy 2>/dev/null || echo gone`)).toBe("gone\n");
  await expect(shareMemory(machine, tag)).rejects.toMatchObject({ code: "bad-tag" });
});

it("ends when its process is killed, and leaves no device", async () => {
  const before = await shell(machine, DEVICES);
  const directory = mkdtempSync(join(tmpdir(), "upload-"));
  const file = join(directory, "file");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 30); // Takes longer than to kill it.
  let killed: Promise<string> | undefined;
  const onProgress = (): void =>
    void (killed ??= shell(machine, "kill -9 $(awk '$2 == \"(agent)\" && $4 != 1 { print $1 }' /proc/[0-9]*/stat)"));
  const failures = await putFiles(files, "work", [{ path: "killed/file", content: await openAsBlob(file) }], {
    onProgress,
  });
  rmSync(directory, { recursive: true });
  expect(await killed).toBe("");
  expect(failures).toMatchObject([{ path: "killed/file", error: { code: "not-saved" } }]);
  expect(await shell(machine, DEVICES)).toBe(before);
  expect(await shell(machine, "ls /mnt/work/killed; rm -r /mnt/work/killed")).toBe("");
});

it("goes back to a process for each where no device can be plugged in", async () => {
  const release: (() => void)[] = [];
  const held: Promise<void>[] = [];
  while (files.hidden.hasRoom) {
    const until = new Promise<number>((resolve) => release.push(() => resolve(1)));
    held.push(files.hidden.plugIn(new MemoryStore(), () => until));
  }
  expect(release).toHaveLength(4);
  expect(await putFiles(files, "work", [{ path: "crowded", content: "x" }])).toEqual([]);
  for (const end of release) end();
  await Promise.all(held);
  expect(files.hidden.hasRoom).toBe(true);
  expect(await shell(machine, "cat /mnt/work/crowded")).toBe("x");
});
