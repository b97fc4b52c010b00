import type { V86, V86Options } from "v86";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { SerialTerminal } from "../emulator/testing/serial-terminal.js";
import { readHost } from "../machine/testing/node-machine.js";
import { openRecords } from "../fs/open-records.js";
import { type SharedFileSystem, shareFileSystem } from "../sources/share-file-system.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import type { MemoryFile } from "../storage/memory/memory-file.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { attachVirtioFs, type AttachOptions, type VirtioFsDevice } from "./attach-virtio-fs.js";
import { guestOptions, loaded, plainV86, serialOf } from "./testing/plain-v86.js";

let emulators: V86[] = [];

afterEach(async () => {
  await Promise.all(emulators.map((emulator) => emulator.destroy()));
  emulators = [];
});

function newV86(options: V86Options): V86 {
  const emulator = plainV86(options);
  emulators.push(emulator);
  return emulator;
}

/** A v86 that goes on at the prompt of its shell, which it has never had our devices at. */
async function booted(attach: (emulator: V86) => void): Promise<{ emulator: V86; shell: SerialTerminal }> {
  const emulator = newV86({ ...guestOptions(), initial_state: { buffer: atPrompt.slice(0) }, autostart: true });
  attach(emulator);
  const shell = serialOf(emulator);
  await loaded(emulator);
  await shell.run("echo 1 > /sys/bus/pci/rescan");
  return { emulator, shell };
}

let atPrompt: ArrayBuffer;

beforeAll(async () => {
  const emulator = newV86({ ...guestOptions(), autostart: true });
  await serialOf(emulator).until("# ");
  atPrompt = await emulator.save_state();
}, 60_000);

function attach(emulator: V86, store: MemoryStore, options: Partial<AttachOptions> = {}): VirtioFsDevice {
  return attachVirtioFs(emulator, { tag: "work", fileSystem: shareFileSystem(store), ...options });
}

const text = (store: MemoryStore, name: string): string => new TextDecoder().decode(readHost(store, name));

test("a guest mounts, reads, writes and lets go of devices that came before and while it ran", async () => {
  const store = new MemoryStore({ "from-host.txt": "hello guest\n" });
  const emulator = newV86({ ...guestOptions(), autostart: true });
  const device = attach(emulator, store);
  const shell = serialOf(emulator);
  await shell.until("# ");
  expect(device.needsRescan).toBe(false);
  expect(await shell.run(`${device.commands.mount("/mnt/work")} && cat /mnt/work/from-host.txt`)).toBe("hello guest\n");
  await shell.run("echo hello host > /mnt/work/from-guest.txt; sync");
  expect(text(store, "from-guest.txt")).toBe("hello host\n");
  await device.flush();

  const late = attach(emulator, new MemoryStore({ two: "2\n" }), { tag: "late", readOnly: true });
  expect(late.needsRescan).toBe(true);
  expect(await shell.run(`${late.commands.mount("/mnt/late")} && cat /mnt/late/two`)).toBe("2\n");
  expect(await shell.run("echo x 2>&1 > /mnt/late/new")).toContain("Read-only file system");
  expect(late.statistics()).toMatchObject({ tag: "late", requests: { INIT: 1 } });

  await expect(device.detach()).rejects.toMatchObject({
    code: "in-use",
    message: expect.stringContaining(`echo 1 > /sys/bus/pci/devices/${device.pciAddress}/remove`),
  });
  await shell.run(device.commands.release("/mnt/work"));
  expect(device.inUse).toBe(false);
  await device.detach();
  await shell.run(late.commands.release("/mnt/late"));
  await late.detach();
  expect(await shell.run("ls /mnt/work /mnt/late; ls /sys/bus/virtio/drivers/virtiofs | grep virtio")).toBe(
    "/mnt/late:\n\n/mnt/work:\n",
  );
});

/** What the guest is in the middle of when its state is saved: a file open for writing, one for reading, and one that has no name. */
const BUSY = `mkdir /mnt/work/sub; echo one > /mnt/work/sub/file; ln -s sub/file /mnt/work/link
  exec 3>> /mnt/work/log 4< /mnt/work/lines 5<> /mnt/work/unnamed; rm /mnt/work/unnamed
  echo unnamed >&5; echo before >&3; read line <&4; cat /mnt/work/big > /tmp/big; ls -lR /mnt/work > /dev/null`;

async function busy(store: MemoryStore, fileSystem = shareFileSystem(store)): Promise<ArrayBuffer> {
  let device!: VirtioFsDevice;
  const { emulator, shell } = await booted((emulator) => (device = attach(emulator, store, { fileSystem })));
  await shell.run(device.commands.mount("/mnt/work"));
  await shell.run(BUSY);
  const state = await emulator.save_state();
  // It goes on.
  expect(emulator.is_running()).toBe(true);
  expect(await shell.run("echo unnamed again >&5; cat /mnt/work/sub/file; wc -c < /proc/self/fd/5")).toBe("one\n22\n");
  await emulator.stop();
  await device.detach();
  return state;
}

/** The store with its attributes, as the next visit finds them. */
async function recorded(store: MemoryStore, log: MemoryRecordLog): Promise<SharedFileSystem> {
  return shareFileSystem(store, { records: await openRecords(log, store) });
}

function files(options: ConstructorParameters<typeof MemoryStore>[1] = {}): MemoryStore {
  return new MemoryStore({ lines: "1\n2\n3\n", big: "x".repeat(300_000), other: "as it was\n" }, options);
}

test("save_state and restore_state carry it: a fresh v86 goes on with what was open", async () => {
  const store = files({ exclusive: false });
  const state = await busy(store);
  const emulator = newV86({ ...guestOptions() });
  await loaded(emulator);
  const stale: string[] = [];
  // Another device is there, and attached first: the slot is the state's all the same.
  attach(emulator, new MemoryStore({ new: "new\n" }), { tag: "another" });
  const device = attach(emulator, store, { onStale: (paths) => stale.push(...paths) });
  await emulator.restore_state(state);
  expect(device.pciAddress).toBe("0000:00:04.0");
  const shell = serialOf(emulator);
  await emulator.run();
  expect(await shell.run("read line <&4; echo $line; echo after >&3; cat /mnt/work/sub/file")).toBe("2\none\n");
  expect(await shell.run("echo more > /mnt/work/sub/new; ls /mnt/work/sub | cat; sync")).toBe("file\nnew\n");
  expect(text(store, "log")).toBe("before\nafter\n");
  expect(await shell.run("(echo more >&5) 2>&1")).toContain("Stale file handle");
  expect(stale).toEqual(["link"]);
  expect(
    await shell.run("echo 1 > /sys/bus/pci/rescan; mkdir /mnt/b; mount -t virtiofs another /mnt/b; cat /mnt/b/new"),
  ).toBe("new\n");
});

test("initial_state carries it, too, and what changed since is stale, without harm to any file", async () => {
  const store = files();
  const log = new MemoryRecordLog();
  const state = await busy(store, await recorded(store, log));
  const open = (store.root.createFile("other") as MemoryFile).open(true);
  open.write(0, [new TextEncoder().encode("changed since, and longer\n")]);
  open.close();
  const fileSystem = await recorded(store, log);
  const emulator = newV86({ ...guestOptions(), initial_state: { buffer: state }, autostart: true });
  const stale: string[] = [];
  attach(emulator, store, { fileSystem, onStale: (paths) => stale.push(...paths) });
  const shell = serialOf(emulator);
  await loaded(emulator);
  expect(await shell.run("read line <&4; echo $line; cat /mnt/work/sub/file; echo after >&3")).toBe("2\none\n");
  expect(text(store, "log")).toBe("before\nafter\n");
  // Linux would write where the file ended.
  expect(await shell.run("(echo lost >> /mnt/work/other) 2>&1")).toContain("Stale file handle");
  expect(text(store, "other")).toBe("changed since, and longer\n");
  expect(stale).toContain("other");
  await shell.run("echo 3 > /proc/sys/vm/drop_caches");
  expect(await shell.run("cat /mnt/work/other; echo kept >> /mnt/work/other")).toBe("changed since, and longer\n");
  expect(text(store, "other")).toBe("changed since, and longer\nkept\n");
});

test("where the names in its root changed, the whole mount is stale, until it is mounted again", async () => {
  const store = files();
  const log = new MemoryRecordLog();
  const state = await busy(store, await recorded(store, log));
  store.root.createFile("new");
  const fileSystem = await recorded(store, log);
  const emulator = newV86({ ...guestOptions(), initial_state: { buffer: state }, autostart: true });
  const stale: string[] = [];
  const device = attach(emulator, store, { fileSystem, onStale: (paths) => stale.push(...paths) });
  const shell = serialOf(emulator);
  await loaded(emulator);
  expect(await shell.run("echo x 2>&1 > /mnt/work/new; mkdir /mnt/work/dir 2>&1")).toMatch(/Stale file handle/);
  expect(stale).toEqual([""]);
  expect(
    await shell.run("exec 3>&- 4<&- 5<&-; umount /mnt/work; mount -t virtiofs work /mnt/work; ls /mnt/work | cat"),
  ).toBe("big\nlines\nlink\nlog\nnew\nother\nsub\n");
  expect(device.inUse).toBe(true);
});

test("save_state waits for requests that are under way, and the guest goes on", async () => {
  const store = files();
  const fileSystem = shareFileSystem(store);
  let answer!: () => void;
  const asked = new Promise<void>((asked) => {
    const { read } = fileSystem;
    fileSystem.read = (...parameters) => {
      asked();
      return new Promise<void>((resolve) => (answer = resolve)).then(() => {
        const [node, fh, offset, into] = parameters;
        const bytes = new Uint8Array(into.reduce((sum, view) => sum + view.length, 0));
        const count = read.call(fileSystem, node, fh, offset, [bytes]);
        return count instanceof Promise ? count : bytes.subarray(0, count);
      });
    };
  });
  const { emulator, shell } = await booted((emulator) => attachVirtioFs(emulator, { tag: "work", fileSystem }));
  await shell.run("mkdir /mnt/w; mount -t virtiofs work /mnt/w");
  const read = shell.run("cat /mnt/w/lines");
  await asked;
  const saving = [emulator.save_state(), emulator.save_state()];
  answer();
  for (const state of saving) expect((await state).byteLength).toBeGreaterThan(0);
  expect(await read).toBe("1\n2\n3\n");
});
