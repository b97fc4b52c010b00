import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BareMachine, type PluggedStore } from "../../src/machine/testing/bare-machine.js";
import { readHost, shell } from "../../src/machine/testing/node-machine.js";
import { MemoryStore } from "../../src/storage/memory/memory-store.js";
import { stockImages } from "./stock-images.js";

const LETTERS = "0123456789abcdef";

describe("Debian's own kernel", () => {
  let machine: BareMachine;
  let version: string;
  let store: MemoryStore;
  let share: PluggedStore;

  const run = (commandLine: string): Promise<string> => shell(machine, commandLine);
  const fails = (commandLine: string): Promise<string> => run(`! (${commandLine}) 2>&1`);
  const rescan = (): Promise<string> => run("echo 1 > /sys/bus/pci/rescan");
  /** The PCI functions that the guest's driver holds, oldest first. */
  const devices = async (): Promise<string[]> =>
    (await run("cd /sys/bus/virtio/drivers/virtiofs && for entry in virtio*; do readlink -f $entry; done"))
      .trim()
      .split("\n");

  beforeAll(async () => {
    const images = stockImages();
    ({ version } = images);
    machine = await BareMachine.boot(images);
    store = new MemoryStore({ "from-host.txt": "hello guest\n", deep: { er: { file: "x" } } });
    share = machine.plugStore("work", store);
    await rescan();
    await run("mkdir -p /tmp/work && mount -t virtiofs work /tmp/work");
  });

  afterAll(() => machine?.stop());

  it("is the one that is tested here", async () => {
    expect(await run("uname -r")).toBe(`${version}\n`);
    expect(version).toMatch(/^6\.1\./);
    expect(await run("grep ' /tmp/work ' /proc/mounts")).toMatch(/^work \/tmp\/work virtiofs rw/);
  });

  it("sees the host's files", async () => {
    expect(await run("cat /tmp/work/from-host.txt; cd /tmp/work; find . | sort")).toBe(
      "hello guest\n.\n./deep\n./deep/er\n./deep/er/file\n./from-host.txt\n",
    );
  });

  it("writes 3 MB, byte for byte, and reads them back past its cache", async () => {
    const sum = await run(
      "cd /tmp/work && head -c 3000001 /dev/urandom > random && echo more >> random && sha256sum < random",
    );
    const bytes = readHost(store, "random");
    expect(bytes.length).toBe(3_000_006);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sum.split(" ")[0]);
    expect(await run("echo 3 > /proc/sys/vm/drop_caches; sha256sum < /tmp/work/random")).toBe(sum);
    expect(share.server.requests.get("READ")).toBeGreaterThan(0);
  });

  it("writes 500 small files, reads them back, and removes them", async () => {
    await run('mkdir /tmp/work/many && cd /tmp/work/many && for i in $(seq 500); do echo "content $i" > file-$i; done');
    const many = store.root.get("many");
    if (many?.kind !== "directory") throw new Error("The host has no directory.");
    const there = await many.directory.list();
    expect(there.map(({ name }) => name).sort()).toEqual(Array.from({ length: 500 }, (_, i) => `file-${i + 1}`).sort());
    const count = await run(
      "echo 3 > /proc/sys/vm/drop_caches; cd /tmp/work/many && ls | wc -l && cat file-* | sort | uniq | wc -l",
    );
    expect(count.trim().split(/\s+/)).toEqual(["500", "500"]);
    expect(await run("cat /tmp/work/many/file-500")).toBe("content 500\n");
    await run("rm -r /tmp/work/many");
    expect(store.root.get("many")).toBeUndefined();
  });

  it("keeps names, modes and links through the usual commands", async () => {
    const output = await run(
      `mkdir -p /tmp/work/a/b && cd /tmp/work/a && echo 1 > b/one && mv b c && ln -s c/one link && chmod 640 c/one &&
       stat -c '%A %n' c link c/one && cat link && cd .. && rm -r a && test ! -e a`,
    );
    expect(output).toBe("drwxr-xr-x c\nlrwxrwxrwx link\n-rw-r----- c/one\n1\n");
  });

  it("overwrites, appends, truncates and syncs", async () => {
    await run(
      `cd /tmp/work && printf ${LETTERS} > f && printf XY | dd of=f bs=1 seek=4 conv=notrunc && printf end >> f &&
       truncate -s 18 f && dd if=/dev/null of=f bs=1 seek=18 conv=notrunc,fsync`,
    );
    expect(new TextDecoder().decode(readHost(store, "f"))).toBe("0123XY6789abcdefen");
  });

  it("keeps an open file readable after it was removed", async () => {
    expect(await run("cd /tmp/work && echo kept > g && exec 3< g && rm g && cat <&3 && test ! -e g")).toBe("kept\n");
  });

  it("refuses every change of a read-only share with EROFS", async () => {
    machine.plugStore("fixed", new MemoryStore({ file: "same" }), { readOnly: true });
    await rescan();
    await run("mkdir /tmp/fixed && mount -t virtiofs fixed /tmp/fixed");
    for (const change of ["echo x > new", "echo x >> file", "rm file", "mkdir d", "mv file other", "chmod 600 file"]) {
      expect(await fails(`cd /tmp/fixed && ${change}`)).toContain("Read-only file system");
    }
    expect(await run("cat /tmp/fixed/file && umount /tmp/fixed")).toBe("same");
  });

  it("finds shares that are added while it runs, and lets go of them", async () => {
    const before = await devices();
    for (let round = 0; round < 3; round++) {
      const again = new MemoryStore({ round: `${round}` });
      const slot = machine.plugStore("again", again);
      await rescan();
      await run("mkdir -p /tmp/again && mount -t virtiofs again /tmp/again");
      expect(await run("cat /tmp/again/round && echo back > /tmp/again/answer")).toBe(`${round}`);
      await run("umount /tmp/again");
      const [device] = (await devices()).filter((path) => !before.includes(path));
      await run(`echo 1 > ${device}/../remove`);
      slot.remove();
      expect(await devices()).toEqual(before);
      expect(new TextDecoder().decode(readHost(again, "answer"))).toBe("back\n");
    }
    expect(await fails("mount -t virtiofs again /tmp/again")).toContain("Invalid argument");
  });

  it("adds and removes shares as the page does, one tag after the other", async () => {
    for (const tag of ["one", "two", "one"]) {
      const slot = machine.plugStore(tag, new MemoryStore({ name: tag }));
      expect(await run(`share add ${tag} /mnt/${tag} && cat /mnt/${tag}/name`)).toBe(tag);
      await run(`share remove ${tag} /mnt/${tag}`);
      slot.remove();
    }
    expect(await fails("share add one /mnt/one")).toContain("no device has the tag one");
  });

  it("unmounts, and mounts elsewhere", async () => {
    await run("umount /tmp/work");
    expect(share.server.requests.get("DESTROY")).toBe(1);
    await run("mkdir /tmp/elsewhere && mount -t virtiofs work /tmp/elsewhere");
    expect(await run("cat /tmp/elsewhere/from-host.txt && umount /tmp/elsewhere")).toBe("hello guest\n");
  });
});
