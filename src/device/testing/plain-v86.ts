import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { V86, type V86Options } from "v86";
import { SerialTerminal } from "../../emulator/testing/serial-terminal.js";

/** The guest that is served with the page, with a shell on its serial port. */
export function guestOptions(): V86Options {
  return {
    bios: { buffer: image("seabios.bin") },
    bzimage: { buffer: image("bzImage") },
    initrd: { buffer: image("initramfs.img") },
    cmdline: "console=ttyS0 quiet tsc=reliable debug_shell",
    memory_size: 128 * 2 ** 20, // v86 puts the initramfs at 64 MiB
    vga_memory_size: 2 ** 20,
    fastboot: true,
  };
}

/** v86 as its own users have it: no member of ours is in it. */
export function plainV86(options: V86Options = {}): V86 {
  const wasm_path = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
  return new V86({ wasm_path, disable_keyboard: true, disable_mouse: true, disable_speaker: true, ...options });
}

export function loaded(emulator: V86): Promise<void> {
  return new Promise((resolve) => emulator.add_listener("emulator-loaded", () => resolve()));
}

/** The shell on the serial port. */
export function serialOf(emulator: V86): SerialTerminal {
  const decoder = new TextDecoder();
  const serial = { onSerial: (_text: string) => {}, sendSerial: (text: string) => emulator.serial0_send(text) };
  emulator.add_listener("serial0-output-byte", (byte) =>
    serial.onSerial(decoder.decode(Uint8Array.of(byte), { stream: true })),
  );
  return new SerialTerminal(serial);
}

function image(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(`public/guest/${name}`)).buffer;
}
