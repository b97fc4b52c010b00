import { afterAll, beforeAll, expect, it } from "vitest";
import { connectProcess } from "../client/process.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ownPrograms } from "./guest-command.js";
import type { Machine } from "./machine.js";
import { ShareFiles } from "./share-files.js";
import type { UploadRequest } from "./share-files-api.js";
import { bootUnderNode, readHost, shareMemory, shell } from "./testing/node-machine.js";

let machine: Machine;
let store: MemoryStore;
let files: ShareFiles;

beforeAll(async () => {
  machine = await bootUnderNode();
  store = await shareMemory(machine, "work", new MemoryStore({ "there.txt": "old", d: {} }));
  files = new ShareFiles(machine, ownPrograms(machine.agent, false));
}, 60_000);

afterAll(() => machine.stop());

it("puts a file into the share, seen by the guest at once", async () => {
  await shell(machine, "ls /mnt/work/d/new; true"); // now the guest knows that there is none
  expect(await upload("d/new", "content")).toEqual({ exitCode: 0, said: "" });
  expect(await shell(machine, "cat /mnt/work/d/new; ls -A /mnt/work/d")).toBe("contentnew\n");
  expect(await upload("empty", "")).toMatchObject({ exitCode: 0 });
  expect(await upload("deep/er/file", "x")).toMatchObject({ exitCode: 0 });
  expect(await upload("deep/none")).toMatchObject({ exitCode: 0 });
  expect(await shell(machine, "cd /mnt/work && find deep empty | sort; stat -c %s empty")).toBe(
    "deep\ndeep/er\ndeep/er/file\ndeep/none\nempty\n0\n",
  );
});

it("takes names of any bytes", async () => {
  for (const name of ["-n", "a b\n", "“$(x)`'\"\\", "\udcff\udc80", "é", "x".repeat(255)]) {
    expect(await upload(`odd/${name}`, name.length.toString()), name).toEqual({ exitCode: 0, said: "" });
  }
  const names = (await files.list("work", "odd")).map((entry) => entry.name);
  expect(names.sort()).toEqual(["-n", "a b\n", "“$(x)`'\"\\", "\udcff\udc80", "é", "x".repeat(255)].sort());
  expect(await shell(machine, "cd /mnt/work/odd && cat $'\\xff\\x80' ./-n")).toBe("22");
});

it("replaces only where it is told to", async () => {
  expect(await upload("there.txt", "new")).toMatchObject({ exitCode: 17 });
  expect(new TextDecoder().decode(readHost(store, "there.txt"))).toBe("old");
  expect(await upload("there.txt", "new", { replace: true })).toMatchObject({ exitCode: 0 });
  expect(await shell(machine, "cat /mnt/work/there.txt")).toBe("new");
  expect(await upload("d", "x", { replace: true })).toMatchObject({ exitCode: 21 });
  expect(await upload("there.txt")).toMatchObject({ exitCode: 17 });
});

it("leaves nothing of what does not arrive whole, and says why", async () => {
  expect(await upload("short", "123", { size: 4 })).toMatchObject({ exitCode: 5 });
  expect(await upload("there.txt/below", "x")).toMatchObject({ said: expect.stringContaining("File exists") });
  const cancelled = upload("cancelled", "123", { size: 4 }, true);
  expect(await cancelled).toMatchObject({ exitCode: 143 });
  expect(await shell(machine, "ls -A /mnt/work | grep -e short -e upload -e cancelled; true")).toBe("");
});

it("refuses where nothing is mounted, or only to be read", async () => {
  await shareMemory(machine, "fixed", new MemoryStore({ a: "A" }), "read-only");
  await expect(upload("b", "x", { tag: "fixed" })).rejects.toMatchObject({ code: "read-only" });
  await shareMemory(machine, "away");
  await shell(machine, "umount /mnt/away");
  expect(await upload("b", "x", { tag: "away" })).toMatchObject({ exitCode: 19 });
  await expect(upload("a/../b", "x")).rejects.toMatchObject({ code: "not-saved" });
});

it("reads what a mapping of the guest has dirty, and says what is wrong in words", async () => {
  await files.settle("work");
  const { handle, size } = await files.open("work", "there.txt");
  expect(new TextDecoder().decode(await files.read("work", handle, 0, size))).toBe("new");
  await files.close("work", handle);
  await expect(files.open("work", "nothing")).rejects.toMatchObject({
    code: "not-found",
    message: /^“nothing” is not/,
  });
  await expect(files.list("work", "there.txt")).rejects.toMatchObject({ code: "not-directory" });
  await expect(files.open("work", "d")).rejects.toMatchObject({ code: "is-directory" });
  await expect(files.list("nothing", "")).rejects.toMatchObject({ code: "bad-tag" });
});

/** What the page does for `share.write`, or without content for `share.makeDirectory`. */
async function upload(
  path: string,
  content?: string,
  more: Partial<UploadRequest> = {},
  cancel = false,
): Promise<{ exitCode: number; said: string }> {
  const { port1, port2 } = new MessageChannel();
  const bytes = new TextEncoder().encode(content);
  const request = { tag: "work", path, ...(content !== undefined && { size: bytes.length }), ...more };
  const started = connectProcess(port1, new Promise<never>(() => undefined));
  const ran = files.upload(request, port2);
  const process = await Promise.race([started, ran.then(() => started)]);
  const writer = process.stdin.getWriter();
  if (bytes.length > 0) await writer.write(bytes);
  if (cancel) process.kill();
  else await writer.close();
  const [{ exitCode }, said] = await Promise.all([process.exit, new Response(process.stderr).text()]);
  return { exitCode, said };
}
