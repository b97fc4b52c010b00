import { V86 } from "v86";
import wasm from "v86/build/v86.wasm?url";
import { attachVirtioFs } from "../../src/device/index.js";
import { SerialTerminal } from "../../src/emulator/testing/serial-terminal.js";
import type { SharedFileSystem } from "../../src/storage/index.js";

export interface Trial {
  readonly read: string;
  readonly listed: string;
  /** How many requests of each kind the guest sent. */
  readonly requests: Readonly<Record<string, number>>;
}

/** A v86 as its own users make it, whose guest reads from-host.txt, writes from-guest.txt and lets go of the device. */
export async function tryDevice(fileSystem: SharedFileSystem): Promise<Trial> {
  const emulator = new V86({
    wasm_path: wasm,
    bios: { url: "/guest/seabios.bin" },
    bzimage: { url: "/guest/bzImage" },
    initrd: { url: "/guest/initramfs.img" },
    cmdline: "console=ttyS0 quiet tsc=reliable debug_shell",
    memory_size: 128 * 2 ** 20,
    autostart: true,
    fastboot: true,
    disable_speaker: true,
  });
  const device = attachVirtioFs(emulator, { tag: "work", fileSystem });
  const serial = { onSerial: (_text: string) => {}, sendSerial: (text: string) => emulator.serial0_send(text) };
  emulator.add_listener("serial0-output-byte", (byte) => serial.onSerial(String.fromCharCode(byte)));
  const shell = new SerialTerminal(serial);
  await shell.until("# ");
  const read = await shell.run(`${device.commands.mount("/mnt/work")}; cat /mnt/work/from-host.txt`);
  await shell.run("cd /mnt/work; mkdir sub; seq 1 10000 > sub/numbers; echo hello host > from-guest.txt; sync");
  const listed = await shell.run("echo 3 > /proc/sys/vm/drop_caches; find . -type f -exec md5sum {} + | sort -k 2");
  const { requests } = device.statistics();
  await shell.run(`cd /; ${device.commands.release("/mnt/work")}`);
  await device.detach();
  await emulator.destroy();
  return { read, listed, requests };
}
