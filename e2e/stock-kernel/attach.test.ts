import { expect, it, onTestFinished } from "vitest";
import { attachVirtioFs } from "../../src/device/index.js";
import { guestOptions, plainV86, serialOf } from "../../src/device/testing/plain-v86.js";
import { readHost } from "../../src/machine/testing/node-machine.js";
import { MemoryStore, shareFileSystem } from "../../src/storage/index.js";
import { stockImages } from "./stock-images.js";

it("Debian's own kernel in a plain v86 mounts a device that is attached to it, and lets go of it", async () => {
  const { kernel, initramfs, version } = stockImages();
  const emulator = plainV86({
    ...guestOptions(),
    bzimage: { buffer: kernel },
    initrd: { buffer: initramfs },
    autostart: true,
  });
  onTestFinished(() => emulator.destroy());
  const store = new MemoryStore({ "from-host.txt": "hello guest\n" });
  const device = attachVirtioFs(emulator, { tag: "work", fileSystem: shareFileSystem(store) });
  const shell = serialOf(emulator);
  await shell.until("# ");
  expect(await shell.run("uname -r")).toBe(`${version}\n`);
  // The shell comes before the modules: those that are there already are refused.
  await shell.run("sh /etc/init.d/modules 2> /dev/null");
  expect(await shell.run(`${device.commands.mount("/tmp/work")} && cat /tmp/work/from-host.txt`)).toBe("hello guest\n");
  await shell.run(`echo hello host > /tmp/work/from-guest.txt; ${device.commands.release("/tmp/work")}`);
  await device.detach();
  expect(new TextDecoder().decode(readHost(store, "from-guest.txt"))).toBe("hello host\n");
});
