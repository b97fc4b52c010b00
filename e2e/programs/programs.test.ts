import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "../../src/machine/machine.js";
import { bootUnderNode, shareMemory, shell } from "../../src/machine/testing/node-machine.js";
import { TreeWriter } from "../../src/machine/testing/tree-writer.js";
import { unpackTar } from "../../src/machine/testing/unpack-tar.js";
import { debianFiles } from "./debian.js";
import { MemoryStore } from "../../src/storage/memory/memory-store.js";

/** What the guest's kernel has not, and what is no test of a file system: priorities of block devices, Android's binder. */
const NOT_OF_FILES = "ioprio,binderfs";
const CAPACITY = 2 ** 30;

describe("programs of Debian, with their root on a share", () => {
  let machine: Machine;
  const run = (commands: string): Promise<string> => shell(machine, `set -e; cd /mnt/work; ${commands}`);

  beforeAll(async () => {
    const debian = debianFiles();
    const tree = new TreeWriter(CAPACITY);
    await unpackTar(debian.withTestPrograms, tree);
    machine = await bootUnderNode(undefined, undefined, { root: await tree.source("debian"), memory: 256 * 2 ** 20 });
    const packages = new MemoryStore({ "tree.deb": readFileSync(debian.treePackage) });
    await shareMemory(machine, "packages", packages, "read-only");
    await shareMemory(machine, "work", new MemoryStore({}, { capacity: CAPACITY }));
  });

  // What they made can be removed, all of it.
  afterEach(() => run("find . -mindepth 1 -delete"));

  afterAll(() => machine?.stop());

  it("git: init, add, commit, branch, gc, clone, fsck", async () => {
    await run(`
      export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
      git init -q -b main repo
      cd repo
      for i in $(seq 100); do mkdir -p d$((i % 10)) && seq $i $((i * 20)) > d$((i % 10))/file-$i; done
      git add .
      git commit -q -m first
      for i in 1 2 3; do echo $i >> d1/file-1; git commit -q -a -m "change $i"; done
      git checkout -q -b other HEAD~2
      echo other > other
      git add other
      git commit -q -m other
      git checkout -q main
      git merge -q -m merged other
      git gc -q
      git fsck --strict
      git clone -q . ../clone
      cd ../clone
      git fsck --strict`);
    expect(
      await run(
        "git -C repo status --porcelain; git -C clone log --format=%s | head -1; git -C clone ls-files | wc -l",
      ),
    ).toBe("merged\n101\n");
    expect(await run("diff -r -x .git repo clone")).toBe("");
  });

  it.each([
    ["a rollback journal", "delete"],
    ["a write-ahead log", "wal"],
  ])("sqlite3 with %s stays whole when its writer is killed", async (_, mode) => {
    await run(`
      sqlite3 db "pragma journal_mode=${mode}; create table t(batch int, text);"
      for batch in $(seq 1000); do
        echo "begin; with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)
          insert into t select $batch, hex(randomblob(50)) from n; commit;"
        [ $batch -lt 10 ] || echo "select 'ten batches' where $batch = 10;"
      done > statements
      (exec sqlite3 db < statements > progress) & writer=$!
      until grep -q ten progress; do sleep 0.1; done
      kill -9 $writer; ! wait $writer`);
    expect(await run("sqlite3 db 'pragma integrity_check'")).toBe("ok\n");
    const [rows, batches] = (await run("sqlite3 -separator ' ' db 'select count(*), count(distinct batch) from t'"))
      .split(" ")
      .map(Number);
    expect(batches).toBeGreaterThanOrEqual(10);
    expect(batches).toBeLessThan(1000);
    expect(rows).toBe(batches! * 100);
    expect(await run("sqlite3 db 'insert into t values(0, 0); select count(*) from t where batch = 0'")).toBe("1\n");
  });

  it("tar: what it packs and unpacks again is the same", async () => {
    await run("mkdir out; tar -cpf all.tar -C / etc var/lib/dpkg usr/lib/python3.11/json; tar -xpf all.tar -C out");
    expect(await run("tar --compare -f all.tar -C out; diff -r --no-dereference /etc out/etc")).toBe("");
  });

  it("rsync -aHAX: nothing is left to do the second time", async () => {
    await run(`mkdir from; cp -a /etc /var/lib/dpkg from/; ln from/etc/passwd from/etc/again; mkfifo from/fifo
      rsync -aHAX from/ to/`);
    expect(
      await run("rsync -aHAX --delete --checksum --itemize-changes --dry-run from/ to/; stat -c %h to/etc/again"),
    ).toBe("2\n");
  });

  it("make: builds what is older than its sources, and nothing twice", async () => {
    await run(`mkdir made; cd made
      printf 'all: sum\\nsum: a.out b.out\\n\\tcat $^ > $@\\n%%.out: %%.in\\n\\ttr a-z A-Z < $< > $@\\n' > Makefile
      echo one > a.in; echo two > b.in; make`);
    expect(await run("cd made; cat sum; make")).toBe("ONE\nTWO\nmake: Nothing to be done for 'all'.\n");
    expect(await run("cd made; echo three > b.in; make; cat sum; make -q")).toBe(
      "tr a-z A-Z < b.in > b.out\ncat a.out b.out > sum\nONE\nTHREE\n",
    );
  });

  it("dpkg: unpacks a package, and installs it into the root", async () => {
    await run(
      "dpkg -x ../packages/tree.deb x; dpkg -e ../packages/tree.deb x/DEBIAN; cd x; md5sum --quiet -c DEBIAN/md5sums",
    );
    await run("dpkg -i ../packages/tree.deb");
    expect(await run("mkdir a; touch a/b; tree a | tail -1; dpkg --verify")).toBe("1 directory, 1 file\n");
  });

  it.each(["psync", "mmap", "libaio"])("fio verifies what it wrote at random (%s)", async (engine) => {
    const job = `--name=job --directory=. --size=8m --ioengine=${engine} --rw=randwrite --bsrange=512-64k --bs_unaligned --verify=crc32c --fallocate=none`;
    await run(`fio ${job} --randseed=7 --verify_fatal=1 --minimal`);
  });

  it("dbench: two clients for ten seconds", async () => {
    expect(await run("mkdir bench; dbench -D bench -t 10 -c /usr/share/dbench/client.txt 2")).toContain("Throughput");
  });

  it("stress-ng: the stressors of its class “filesystem”", async () => {
    const parameters = `--class filesystem --sequential 1 --timeout 1s --verify --temp-path . --exclude ${NOT_OF_FILES}`;
    const output = await run(`stress-ng ${parameters} 2>&1`);
    expect(output).toMatch(/ successful run completed/);
    expect(output).not.toMatch(/ fail: /);
  });
});
