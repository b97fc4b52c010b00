import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { readSnapshot } from "../emulator/snapshot-file.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { Machine } from "./machine.js";
import { DEFAULT_MEMORY } from "./machine-api.js";
import { takeSnapshot } from "./take-snapshot.js";
import { builtInImages, builtInWasm, readHost, shareMemory, shell } from "./testing/node-machine.js";

const KEY = "of this test";

let file: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  file = gzipSync(await takeSnapshot(KEY, builtInImages(), await readFile(builtInWasm())));
}, 120_000);

async function resume(bytes = file, key = KEY): Promise<Machine> {
  const snapshot = readSnapshot(new Blob([bytes]).stream(), key);
  return Machine.resume({ snapshot, memory: DEFAULT_MEMORY, wasm: builtInWasm() }, () => undefined);
}

test("a restored machine runs programs and mounts shares, again and again", async () => {
  const machine = await resume();
  const store = await shareMemory(machine, "work", new MemoryStore({ "from-host.txt": "hello guest\n" }));
  await shareMemory(machine, "second", new MemoryStore({ two: "2" }));
  expect(await shell(machine, "cat /mnt/work/from-host.txt; cat /mnt/second/two; hostname")).toBe(
    "hello guest\n2tab\n",
  );
  await shell(machine, "cd /mnt/work && seq 1 100000 > numbers && sync && echo 3 > /proc/sys/vm/drop_caches");
  expect(readHost(store, "numbers").length).toBe(588_895);
  await machine.shares.remove("second");
  expect(
    await shell(machine, "ls /mnt; dmesg -r | grep '^<[0-4]>' | grep -i 'virtio\\|pci\\|irq\\|rcu\\|clock'; true"),
  ).toBe("work\n");
  await machine.stop();
});

test("its clock is the host's, and what it measures does not jump", async () => {
  const machine = await resume();
  const before = Math.floor(Date.now() / 1000);
  const wall = Number(await shell(machine, "date +%s"));
  expect(wall).toBeGreaterThanOrEqual(before);
  expect(wall).toBeLessThanOrEqual(Date.now() / 1000);
  // Since power on, which it keeps from the snapshot: a minute at most, on a busy machine.
  const [uptime, later] = (await shell(machine, "cat /proc/uptime; usleep 300000; cat /proc/uptime"))
    .split("\n")
    .map((line) => Number.parseFloat(line));
  expect(uptime).toBeLessThan(60);
  expect(later! - uptime!).toBeGreaterThanOrEqual(0.29);
  expect(Math.abs(Number(await shell(machine, "date +%s")) - Date.now() / 1000)).toBeLessThan(2);
  await machine.stop();
});

test("two restored machines have nothing random in common", async () => {
  const random = [];
  for (let round = 0; round < 2; round++) {
    const machine = await resume();
    random.push(
      (await shell(machine, "head -c 16 /dev/urandom | xxd -p; cat /proc/sys/kernel/random/boot_id; mktemp -u")).split(
        "\n",
      ),
    );
    await machine.stop();
  }
  const [first, second] = random;
  expect(first!.slice(0, 3).map((line) => line.length)).toEqual([32, 36, 15]);
  expect(first!.filter((line) => line !== "" && second!.includes(line))).toEqual([]);
});

test("a file that is not whole, or not of this build, is refused", async () => {
  const damaged = file.slice();
  damaged[damaged.length >> 1]! ^= 1;
  await expect(resume(damaged)).rejects.toThrow();
  await expect(resume(file.slice(0, -1000))).rejects.toThrow();
  await expect(resume(gzipSync("<!doctype html>"))).rejects.toThrow("no snapshot");
  await expect(resume(file, "of another build")).rejects.toThrow("the snapshot is of this test, not of another build");
});
