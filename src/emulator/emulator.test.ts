import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import type { DescriptorChain } from "../virtio/descriptor-chain.js";
import { VirtioConsole } from "../virtio/virtio-console.js";
import { VirtioFs } from "../virtio/virtio-fs.js";
import { Emulator, type EmulatorOptions } from "./emulator.js";
import { SerialTerminal } from "./testing/serial-terminal.js";

const GUEST = new URL("../../public/guest/", import.meta.url);
const WASM = new URL("../../node_modules/v86/build/v86.wasm", import.meta.url).href;
const FUSE_INIT = 26;
const EIO = 5;
const IDLE_MS = 3000;
/** A guest that can wait no longer than its timer counts wakes up 54 times meanwhile. */
const PIT_RANGE_MS = 55;

let emulator: Emulator | undefined;

afterEach(() => emulator?.dispose());

async function options(changes: Partial<EmulatorOptions> = {}): Promise<EmulatorOptions> {
  const image = async (name: string) => Uint8Array.from(await readFile(new URL(name, GUEST))).buffer;
  return {
    kernel: await image("bzImage"),
    initramfs: await image("initramfs.img"),
    bios: await image("seabios.bin"),
    commandLine: "console=ttyS0 quiet tsc=reliable debug_shell",
    memory: 128 * 1024 * 1024,
    wasm: WASM,
    ...changes,
  };
}

/** A file system that mounts, and whose every file is broken. */
class BrokenFileSystem {
  readonly opcodes: number[] = [];

  handle(chain: DescriptorChain): void {
    const request = new DataView(new ArrayBuffer(40));
    chain.copyIn(0, new Uint8Array(request.buffer));
    const opcode = request.getUint32(4, true);
    this.opcodes.push(opcode);
    if (chain.writableLength === 0) return chain.complete(0);
    const reply = new DataView(new ArrayBuffer(opcode === FUSE_INIT ? 80 : 16));
    reply.setUint32(0, reply.byteLength, true);
    reply.setBigUint64(8, request.getBigUint64(8, true), true);
    if (opcode === FUSE_INIT) {
      reply.setUint32(16, 7, true);
      reply.setUint32(20, 31, true);
      reply.setUint32(36, 4096, true);
    } else {
      reply.setInt32(4, -EIO, true);
    }
    chain.copyOut(0, new Uint8Array(reply.buffer));
    chain.complete(reply.byteLength);
  }
}

test("Linux finds console and file system, one added while it runs, lets go of it, sleeps, and switches itself off", async () => {
  emulator = await Emulator.load(await options());
  const broken: unknown[] = [];
  emulator.onBroken = (error) => broken.push(error);
  const halted = new Promise((resolve) => (emulator!.onHalt = resolve));
  const opened = new Promise<void>((resolve) => {
    const receive = () => {};
    emulator!.bus.add(new VirtioConsole({ receive, opened: (open) => open && resolve() }));
  });
  const [home, second] = [new BrokenFileSystem(), new BrokenFileSystem()];
  emulator.bus.add(new VirtioFs({ tag: "home", handler: home }));
  const terminal = new SerialTerminal(emulator);
  emulator.run();
  await opened;
  await terminal.until("# ");

  expect(await terminal.run("cat /sys/fs/virtiofs/*/tag /sys/class/virtio-ports/vport0p0/name")).toBe("home\nagent\n");
  expect(await terminal.run("mkdir /tmp/home && mount -t virtiofs home /tmp/home && stat /tmp/home 2>&1")).toContain(
    "Input/output error",
  );
  expect(home.opcodes[0]).toBe(FUSE_INIT);

  const plugged = emulator.bus.add(new VirtioFs({ tag: "second", handler: second }));
  await terminal.run("echo 1 >/sys/bus/pci/rescan; mkdir /tmp/second; mount -t virtiofs second /tmp/second");
  expect(await terminal.run("mount")).toContain("second on /tmp/second type virtiofs");
  await terminal.run("umount /tmp/second; echo 1 >/sys/bus/virtio/devices/virtio2/../remove");
  plugged.remove();
  await terminal.run("echo 1 >/sys/bus/pci/rescan");
  expect(await terminal.run("cat /sys/fs/virtiofs/*/tag")).toBe("home\n");

  expect(await terminal.run("dmesg -r | grep '^<[0-4]>' | grep -i 'virtio\\|pci\\|irq'")).toBe("");
  expect(broken).toEqual([]);
  // It may have work left from the device that is gone; never to sleep would be to fail.
  while ((await wakeUps(emulator)) > IDLE_MS / PIT_RANGE_MS / 2);
  emulator.sendSerial("poweroff\n");
  expect(await halted).toBe("power-off");
}, 120_000); // 7 s on an idle machine

/** How often the guest has something to do in IDLE_MS. */
async function wakeUps(of: Emulator): Promise<number> {
  let count = 0;
  of.onIdle = () => count++;
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return count;
}

/** Where the processor begins: f000:fff0. Into protected mode, and an interrupt without an interrupt table. */
function biosOfTripleFault(): ArrayBuffer {
  const bios = new Uint8Array(0x10000);
  // mov eax, cr0; or al, 1; mov cr0, eax; lidt cs:[0xff00] (zeros: no table); int3
  bios.set([0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x2e, 0x0f, 0x01, 0x1e, 0x00, 0xff, 0x0f, 0x22, 0xc0, 0xcc], 0xffe0);
  bios.set([0xeb, 0xee], 0xfff0); // jmp 0xffe0
  return bios.buffer;
}

test("a guest that v86 does not follow halts", async () => {
  emulator = await Emulator.load(await options({ bios: biosOfTripleFault() }));
  const halted = new Promise((resolve) => (emulator!.onHalt = resolve));
  emulator.run();
  expect(await halted).toBe("fault");
});

test.each([
  ["memory", { memory: 64 * 2 ** 20 }, /^The machine has 64 MiB of memory; with these images it needs at least 6\d\.$/],
  ["kernel", { kernel: new ArrayBuffer(1024) }, "The kernel is no Linux bzImage (1024 bytes)."],
  ["initramfs", { initramfs: new ArrayBuffer(0) }, "The initramfs is empty."],
  ["BIOS", { bios: new ArrayBuffer(0) }, "The BIOS has 0 bytes"],
  ["WebAssembly module", { wasm: "/nowhere/v86.wasm" }, "could not be loaded from /nowhere/v86.wasm"],
  ["WebAssembly module", { wasm: new Uint8Array(100) }, "v86's WebAssembly module is not one"],
])("a bad %s is named", async (_, changes, message) => {
  await expect(options(changes).then(Emulator.load)).rejects.toThrow(message);
});
