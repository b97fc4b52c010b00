import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { runInGuest } from "./guest-command.js";
import type { Machine } from "./machine.js";
import { bootUnderNode, readHost, shareMemory, shell } from "./testing/node-machine.js";

describe("a whole machine under Node, with the memory store", () => {
  let machine: Machine;
  let store: MemoryStore;

  beforeAll(async () => {
    machine = await bootUnderNode();
    store = await shareMemory(
      machine,
      "work",
      new MemoryStore({ "from-host.txt": "hello guest\n", deep: { er: { file: "x" } } }),
    );
  }, 60_000);

  afterAll(() => machine.stop());

  it("mounts a share as virtiofs under its tag", async () => {
    expect(await shell(machine, "grep ' /mnt/work ' /proc/mounts")).toMatch(/^work \/mnt\/work virtiofs rw/);
  });

  it("shows the host's files to the guest", async () => {
    expect(await shell(machine, "cat /mnt/work/from-host.txt; find /mnt/work | sort")).toBe(
      "hello guest\n/mnt/work\n/mnt/work/deep\n/mnt/work/deep/er\n/mnt/work/deep/er/file\n/mnt/work/from-host.txt\n",
    );
  });

  it("brings what the guest writes to the host, byte for byte", async () => {
    const sum = await shell(
      machine,
      "cd /mnt/work && head -c 3000001 /dev/urandom > random && echo more >> random && sync && sha256sum < random",
    );
    const bytes = readHost(store, "random");
    expect(bytes.length).toBe(3_000_006);
    expect(sum.split(" ")[0]).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("reads past the guest's page cache what it wrote", async () => {
    await shell(
      machine,
      `cd /mnt/work && seq 1 200000 > numbers && sync && before=$(sha256sum < numbers) && echo 3 > /proc/sys/vm/drop_caches &&
       test "$before" = "$(sha256sum < numbers)"`,
    );
  });

  it("keeps names, kinds and modes through the usual commands", async () => {
    await shell(
      machine,
      "mkdir -p /mnt/work/a/b && cd /mnt/work/a && echo 1 > b/one && mv b c && ln -s c/one link && chmod 640 c/one",
    );
    expect(await shell(machine, "cd /mnt/work/a && stat -c '%A %n' c link c/one && cat link")).toBe(
      "drwxr-xr-x c\nlrwxrwxrwx link\n-rw-r----- c/one\n1\n",
    );
    await shell(machine, "rm -r /mnt/work/a && test ! -e /mnt/work/a");
  });

  it("has the host's clock: files of a share and those of its own get the same times", async () => {
    const begin = Date.now();
    const times = await shell(machine, "touch /tmp/guest /mnt/work/host; stat -c %y /tmp/guest /mnt/work/host");
    const end = Date.now();
    for (const time of times.trimEnd().split("\n")) {
      const milliseconds = Date.parse(time.replace(/(\.\d{3})\d* \+0000$/, "$1Z"));
      expect(milliseconds).toBeGreaterThan(begin - 50);
      expect(milliseconds).toBeLessThan(end + 50);
    }
  });

  it("handles offsets past 4 GiB", async () => {
    const output = await shell(
      machine,
      `cd /mnt/work && printf abc | dd of=big bs=1 seek=5368709120 conv=notrunc 2>/dev/null && stat -c %s big &&
       dd if=big bs=1 skip=5368709120 2>/dev/null; rm big`,
    );
    expect(output).toBe("5368709123\nabc");
  });

  it("keeps an open file readable after it was removed", async () => {
    expect(await shell(machine, "cd /mnt/work && echo kept > f && exec 3< f && rm f && cat <&3 && test ! -e f")).toBe(
      "kept\n",
    );
  });

  it("refuses every change of a read-only share with EROFS", async () => {
    await shareMemory(machine, "fixed", new MemoryStore({ file: "same" }), "read-only");
    for (const change of [
      "echo x > new",
      "echo x >> file",
      "rm file",
      "mkdir d",
      "mv file other",
      "chmod 600 file",
      "ln -s a b",
    ]) {
      expect(await shell(machine, `cd /mnt/fixed && (${change}) 2>&1; true`)).toContain("Read-only file system");
    }
    expect(await shell(machine, "cat /mnt/fixed/file")).toBe("same");
    await machine.shares.remove("fixed");
  });

  it("mounts and unmounts by hand", async () => {
    await shell(machine, "umount /mnt/work && mkdir -p /tmp/other && mount -t virtiofs work /tmp/other");
    expect(await shell(machine, "cat /tmp/other/from-host.txt")).toBe("hello guest\n");
    await shell(machine, "umount /tmp/other && mount -t virtiofs work /mnt/work");
    expect(await shell(machine, "cat /mnt/work/from-host.txt")).toBe("hello guest\n");
  });

  it("mounts without running a program, and by one where the directory is there", async () => {
    await shell(machine, "mv /sbin/share /sbin/kept");
    await shareMemory(machine, "quick", new MemoryStore({ name: "quick" }));
    const readAhead = "device=$(stat -c %d /mnt/quick); cat /sys/class/bdi/0:$((device & 255))/read_ahead_kb";
    expect(await shell(machine, `cat /mnt/quick/name; ${readAhead}`)).toBe("quick1024\n");
    await shell(machine, "mv /sbin/kept /sbin/share; mkdir /mnt/there");
    await shareMemory(machine, "there", new MemoryStore({ name: "there" }));
    expect(await shell(machine, "cat /mnt/there/name")).toBe("there");
    await machine.shares.remove("quick");
    await machine.shares.remove("there");
  });

  it("says which process keeps a share busy, and removes it once that has ended", async () => {
    await shareMemory(machine, "busy");
    await shell(machine, "cd /mnt/busy && (sleep 1000 & echo $! > /tmp/pid)");
    await expect(machine.shares.remove("busy")).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("sleep"),
    });
    await shell(machine, "kill $(cat /tmp/pid)");
    await machine.shares.remove("busy");
    expect(await shell(machine, "ls /mnt; grep -c virtiofs /proc/mounts")).toBe("work\n1\n");
  });

  it("adds and removes shares again and again", async () => {
    for (let round = 0; round < 5; round++) {
      const again = await shareMemory(machine, "again", new MemoryStore({ round: `${round}` }));
      expect(await shell(machine, "cat /mnt/again/round; echo $$ > /mnt/again/pid")).toBe(`${round}`);
      await machine.shares.remove("again");
      expect(readHost(again, "pid").length).toBeGreaterThan(1);
    }
  });

  it("runs commands again after its agent was killed", async () => {
    await shell(machine, "kill -9 $(pidof agent)").catch(() => undefined);
    expect(await shell(machine, "echo back")).toBe("back\n");
  });

  it("tells what its store told while it was opened", async () => {
    const source = { store: new MemoryStore(), kind: "memory", name: "told", access: "read-write" } as const;
    const state = await machine.shares.add("told", {}, (report) => {
      report("A rename of it could not be ended.");
      return Promise.resolve(source);
    });
    expect(state.problem).toBe("A rename of it could not be ended.");
    machine.shares.setProblem(state.tag, undefined);
    expect(machine.shares.find(state.tag).state.problem).toBeUndefined();
    await machine.shares.remove(state.tag);
  });

  it("refuses a tag that is taken", async () => {
    await expect(shareMemory(machine, "work")).rejects.toMatchObject({ code: "bad-tag" });
  });
});

describe("poweroff in the guest", () => {
  it("saves every share and tells the page", async () => {
    const events: string[] = [];
    let stopped!: () => void;
    const told = new Promise<void>((resolve) => (stopped = resolve));
    const machine = await bootUnderNode(undefined, (event) => {
      if (event.type !== "status") return;
      events.push(event.status);
      stopped();
    });
    const store = await shareMemory(machine, "work");
    // How the command ends is not said: init may kill it, and the agent, before it has.
    await runInGuest(machine.agent, ["/bin/sh", "-c", "echo last words > /mnt/work/file; poweroff"]);
    await told;
    expect(events).toEqual(["stopped"]);
    expect(new TextDecoder().decode(readHost(store, "file"))).toBe("last words\n");
  }, 60_000);
});
