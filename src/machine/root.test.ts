import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSystemDevice } from "../device/file-system-device.js";
import { ShareFileSystem } from "../fs/share-file-system.js";
import type { ShareState } from "../client/types.js";
import { type MemoryDirectory, MemoryStore } from "../storage/memory/memory-store.js";
import { ownPrograms, runInGuest } from "./guest-command.js";
import type { MachineEvent } from "./machine-api.js";
import type { Machine } from "./machine.js";
import { ShareFiles } from "./share-files.js";
import { BareMachine } from "./testing/bare-machine.js";
import { bootUnderNode, builtInImages, readHost, shareMemory, shell } from "./testing/node-machine.js";
import { putFiles } from "./testing/put-files.js";
import { TreeWriter } from "./testing/tree-writer.js";
import { unpackCpio } from "./testing/unpack-cpio.js";

/** A root made of what our initramfs has: busybox, its init, and the agent. */
async function busyboxRoot(): Promise<TreeWriter> {
  const tree = new TreeWriter();
  await unpackCpio(gunzipSync(new Uint8Array(builtInImages().initramfs)), tree);
  await tree.file("etc/hostname", "of-the-share\n", { mode: 0o644 });
  return tree;
}

describe("a root that the kernel mounts itself, without an initramfs", () => {
  it.each(["rw", "ro"])(
    "boots with root=TAG rootfstype=virtiofs %s",
    async (mode) => {
      const { initramfs: _, ...images } = builtInImages();
      const { store, records } = await (await busyboxRoot()).source("system");
      const fileSystem = new ShareFileSystem(store, { ...(records && { records }) });
      const { device } = fileSystemDevice("my-root", fileSystem, { readOnly: mode === "ro" });
      const commandLine = `${images.commandLine} root=my-root rootfstype=virtiofs ${mode}`;
      const machine = await BareMachine.boot({ ...images, commandLine }, undefined, [device]);
      expect(await shell(machine, "grep ' / ' /proc/mounts")).toMatch(new RegExp(`^\\S+ / virtiofs ${mode}`));
      expect(await shell(machine, "echo kept > /etc/kept; cat /etc/kept 2>&1; true")).toContain(
        mode === "rw" ? "kept" : "",
      );
      await machine.stop();
    },
    60_000,
  );
});

describe("a machine whose root is a share", { timeout: 60_000 }, () => {
  let tree: TreeWriter;
  let machine: Machine;
  let shares: readonly ShareState[] = [];

  beforeAll(async () => {
    tree = await busyboxRoot();
    machine = await bootUnderNode(undefined, keepShares, { root: await tree.source("system") });
  }, 60_000);

  afterAll(() => machine?.stop());

  function keepShares(event: MachineEvent): void {
    if (event.type === "shares") shares = event.shares;
  }

  it("runs commands in it, with the file systems that Linux programs expect", async () => {
    expect(await shell(machine, "grep ' / ' /proc/mounts")).toMatch(/^root \/ virtiofs rw/);
    expect(await shell(machine, "hostname; pwd; ls /etc/hostname")).toBe("of-the-share\n/\n/etc/hostname\n");
    const mounts = await shell(machine, "cut -d' ' -f2,3 /proc/mounts");
    for (const mount of [
      "/proc proc",
      "/sys sysfs",
      "/dev devtmpfs",
      "/dev/pts devpts",
      "/dev/shm tmpfs",
      "/run tmpfs",
      "/tmp tmpfs",
    ]) {
      expect(mounts.split("\n")).toContain(mount);
    }
    expect(await shell(machine, "echo to the terminal | tee /dev/null; test -w /dev/shm -a -c /dev/ptmx")).toBe(
      "to the terminal\n",
    );
  });

  it("has it in the list of shares, and does not let go of it", async () => {
    expect(shares).toMatchObject([{ tag: "root", mountPoint: "/", name: "system", access: "read-write" }]);
    await expect(machine.shares.remove("root")).rejects.toMatchObject({ code: "busy" });
    await machine.shares.flush("root");
  });

  it("mounts and removes other shares, and writes nothing of that into it", async () => {
    await shareMemory(machine, "work", new MemoryStore({ file: "shared" }));
    expect(await shell(machine, "cat /mnt/work/file && echo new > /mnt/work/new && cat /mnt/work/new")).toBe(
      "sharednew\n",
    );
    await expect(shareMemory(machine, "root")).rejects.toMatchObject({ code: "bad-tag" });
    await shell(machine, "cd /mnt/work && (sleep 1000 & echo $! > /tmp/pid)");
    await expect(machine.shares.remove("work")).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("sleep"),
    });
    await shell(machine, "kill $(cat /tmp/pid)");
    await machine.shares.remove("work");
    expect(await shell(machine, "ls -A /mnt")).toBe("");
  });

  it("takes uploads, into itself and into other shares", async () => {
    const work = await shareMemory(machine, "uploads");
    const files = new ShareFiles(machine, ownPrograms(machine.agent, true));
    for (const together of [true, false]) {
      const path = `root/new/${together}`;
      expect(await putFiles(files, "root", [{ path, content: "into the root" }], {}, together)).toEqual([]);
      expect(await shell(machine, `cat /${path}`)).toBe("into the root");
      expect(await putFiles(files, "uploads", [{ path: `${together}`, content: "into it" }], {}, together)).toEqual([]);
      expect(new TextDecoder().decode(readHost(work, `${together}`))).toBe("into it");
    }
    await machine.shares.remove("uploads");
    expect(await shell(machine, "ls -A /root/new /mnt; rm -r /root/new; cat /sys/fs/virtiofs/*/tag")).toBe(
      "/mnt:\n\n/root/new:\nfalse\ntrue\nroot\n",
    );
  });

  it("runs commands again after its agent was killed", async () => {
    await shell(machine, "kill -9 $(pidof agent)").catch(() => undefined);
    expect(await shell(machine, "grep -c ' / virtiofs' /proc/mounts")).toBe("1\n");
  });

  it("is as it was after stop, but for what was written", async () => {
    await shell(machine, "echo kept > /root/kept && chmod 600 /root/kept && echo gone > /tmp/file");
    await machine.stop();
    machine = await bootUnderNode(undefined, keepShares, { root: await tree.source("system", "read-only") });
    expect(await shell(machine, "cat /root/kept && stat -c %a /root/kept; test ! -e /tmp/file && ls -A /mnt")).toBe(
      "kept\n600\n",
    );
  }, 60_000);

  it("can be read-only", async () => {
    expect(await shell(machine, "grep ' / ' /proc/mounts")).toMatch(/^root \/ virtiofs ro/);
    expect(await shell(machine, "(echo x > /etc/new) 2>&1; echo x > /tmp/new && cat /tmp/new")).toContain(
      "Read-only file system",
    );
    await shareMemory(machine, "work", new MemoryStore({ file: "shared" }));
    expect(await shell(machine, "cat /mnt/work/file")).toBe("shared");
  });
});

describe("poweroff and reboot where a share is the root", () => {
  it.each(["poweroff", "reboot"])(
    "%s saves it and tells the page",
    async (command) => {
      const tree = await busyboxRoot();
      let stopped!: () => void;
      const told = new Promise<void>((resolve) => (stopped = resolve));
      const notify = (event: MachineEvent) => event.type === "status" && stopped();
      const machine = await bootUnderNode(undefined, notify, { root: await tree.source("system") });
      // As in machine.test.ts: how the command ends is not said.
      await runInGuest(machine.agent, ["/bin/sh", "-c", `echo last words > /root/file; ${command}`]);
      await told;
      const { store } = await tree.source("system");
      const home = store.root.get("root") as unknown as { directory: MemoryDirectory };
      expect(new TextDecoder().decode(readHost({ root: home.directory }, "file"))).toBe("last words\n");
    },
    60_000,
  );
});

describe("a share that cannot be the root", () => {
  it.each([
    [
      "has no /bin/sh",
      { bin: {}, dev: {}, proc: {}, run: {}, sys: {}, tmp: {} },
      /“system” cannot be the root of Linux: its \/bin\/sh does not run/,
    ],
    ["is empty", {}, /it has no directory \/dev/],
    [
      "has a /bin/sh for another processor",
      { bin: { sh: "\x7fELF\x02" }, dev: {}, proc: {}, run: {}, sys: {}, tmp: {} },
      /its \/bin\/sh does not run/,
    ],
  ] as const)(
    "is refused where it %s",
    async (_, files, message) => {
      const root = { store: new MemoryStore(files), kind: "memory", name: "system", access: "read-write" } as const;
      await expect(bootUnderNode(undefined, undefined, { root })).rejects.toMatchObject({
        code: "bad-root",
        message: expect.stringMatching(message),
      });
    },
    60_000,
  );
});
