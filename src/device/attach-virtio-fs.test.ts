import type { V86 } from "v86";
import { afterEach, expect, test } from "vitest";
import { shareFileSystem } from "../sources/share-file-system.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { attachVirtioFs, type AttachOptions, type VirtioFsDevice } from "./attach-virtio-fs.js";
import { loaded, plainV86 } from "./testing/plain-v86.js";

const emulators: V86[] = [];

afterEach(() => Promise.all(emulators.splice(0).map((emulator) => emulator.destroy())));

function emulator(): V86 {
  const made = plainV86();
  emulators.push(made);
  return made;
}

async function ready(): Promise<V86> {
  const made = emulator();
  await loaded(made);
  return made;
}

function attach(to: V86, options: Partial<AttachOptions> = {}): VirtioFsDevice {
  return attachVirtioFs(to, { tag: "work", fileSystem: shareFileSystem(new MemoryStore()), ...options });
}

test("before the emulator is ready it waits, and is there before the guest runs", async () => {
  const v86 = emulator();
  const device = attach(v86);
  expect([device.pciAddress, device.inUse]).toEqual([undefined, false]);
  expect(() => device.commands).toThrow(expect.objectContaining({ code: "detached" }));
  const there = new Promise((resolve) => v86.add_listener("emulator-loaded", () => resolve(device.pciAddress)));
  await device.ready;
  expect(await there).toBe("0000:00:04.0");
  expect(device.needsRescan).toBe(false);
  expect(device.commands.mount("/mnt")).toBe("mkdir -p '/mnt' && mount -t virtiofs 'work' '/mnt'");
});

test("its commands quote what they are given", async () => {
  const device = attach(await ready(), { tag: "it's" });
  expect(device.commands.mount("/a b", true)).toContain(String.raw`mount -t virtiofs -o ro 'it'\''s' '/a b'`);
  expect(device.commands.release("/a b")).toBe("umount '/a b'; echo 1 > /sys/bus/pci/devices/0000:00:04.0/remove");
});

test.each([
  ["", "0 bytes"],
  ["x".repeat(37), "37 bytes long; it must be 1 to 36"],
  ["a\nb", "newline"],
])("the tag %j is refused", async (tag, message) => {
  const v86 = await ready();
  expect(() => attach(v86, { tag })).toThrow(
    expect.objectContaining({ code: "bad-tag", message: expect.stringContaining(message) }),
  );
});

test("a tag is another device's only once, and free again when that is detached", async () => {
  const v86 = await ready();
  const first = attach(v86);
  expect(() => attach(v86)).toThrow(expect.objectContaining({ code: "bad-tag" }));
  await first.detach();
  expect(attach(v86).pciAddress).toBe("0000:00:04.0");
});

test("what is no V86 is refused, and a build without a member that is needed says which", async () => {
  expect(() => attach({} as V86)).toThrow(expect.objectContaining({ code: "not-v86" }));
  const v86 = await ready();
  delete (v86 as unknown as { v86: { cpu: { devices: { pci: { device_spaces?: unknown } } } } }).v86.cpu.devices.pci
    .device_spaces;
  expect(() => attach(v86)).toThrow(
    expect.objectContaining({
      code: "unsupported-v86",
      message: expect.stringMatching(/0\.5\.462.*cpu\.devices\.pci\.device_spaces is undefined/),
    }),
  );
});

test("where every slot is taken, it says so; before the emulator is ready, by its promise and onError", async () => {
  const v86 = emulator();
  const errors: unknown[] = [];
  const devices = Array.from({ length: 21 }, (_, i) =>
    attach(v86, { tag: `work-${i}`, onError: (e) => errors.push(e) }),
  );
  await loaded(v86);
  // v86's network card is on one of the 21 that our own machine has.
  const refused = await Promise.allSettled(devices.map((device) => device.ready));
  const reasons = refused.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  expect(reasons).toEqual(errors);
  while (errors.length === 0) {
    try {
      attach(v86, { tag: `more-${Math.random()}` });
    } catch (error) {
      errors.push(error);
    }
  }
  expect(errors[0]).toMatchObject({ code: "no-slot", message: expect.stringContaining("every PCI slot is taken") });
});

test("detach saves, disposes the file system, and leaves nothing of ours in the emulator", async () => {
  const v86 = await ready();
  const { cpu } = (v86 as unknown as { v86: { cpu: { get_state: unknown; devices: { pci: { devices: unknown[] } } } } })
    .v86;
  const before = [v86.save_state, cpu.get_state, [...cpu.devices.pci.devices]];
  const steps: string[] = [];
  const fileSystem = shareFileSystem(new MemoryStore());
  const syncfs = fileSystem.syncfs.bind(fileSystem);
  fileSystem.syncfs = () => (steps.push("sync"), syncfs());
  fileSystem[Symbol.asyncDispose] = () => (steps.push("dispose"), Promise.resolve());
  const devices = [attach(v86, { fileSystem }), attach(v86, { tag: "other" })];
  expect(v86.save_state).not.toBe(before[0]);
  for (const device of devices) await device.detach();
  await devices[0]!.detach();
  expect(steps).toEqual(["sync", "dispose"]);
  expect([v86.save_state, cpu.get_state, [...cpu.devices.pci.devices]]).toEqual(before);
});

test("detach before the emulator is ready takes the wait back", async () => {
  const v86 = emulator();
  const device = attach(v86);
  await device.detach({ keepFileSystem: true });
  await expect(device.ready).rejects.toMatchObject({ code: "detached" });
  await loaded(v86);
  expect(device.pciAddress).toBeUndefined();
});

test("what cannot be saved keeps it attached, unless it is forced", async () => {
  const v86 = await ready();
  const fileSystem = shareFileSystem(new MemoryStore());
  fileSystem.syncfs = () => Promise.reject(new Error("the disk is full"));
  const device = attach(v86, { fileSystem });
  await expect(device.detach()).rejects.toMatchObject({ code: "not-saved" });
  expect(device.pciAddress).toBe("0000:00:04.0");
  await expect(device.detach({ force: true })).rejects.toMatchObject({
    code: "not-saved",
    message: "Not everything that was written to “work” could be saved: the disk is full.",
  });
  expect(device.pciAddress).toBeUndefined();
});

test("a state is not restored where its devices are not, and all stays as it was", async () => {
  const v86 = await ready();
  attach(v86, { tag: "first" });
  const state = await v86.save_state();
  const after = await ready();
  const device = attach(after, { tag: "second" });
  await expect(after.restore_state(state)).rejects.toThrow(
    "the state has “virtio-fs first”: attach a device of that tag before it is restored",
  );
  expect(device.pciAddress).toBe("0000:00:04.0");
});
