import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../src/fs/testing/random.js";
import { unspellPath } from "../../src/storage/spelling.js";
import { expect, test } from "../machine/fixtures.js";
import { debianFiles } from "../programs/debian.js";

const OPFS_NAME = "debian";
/** A part of the size, to try it sooner: PROJECT_PART=0.1. */
const PART = Number(process.env["PROJECT_PART"] ?? 1);
const DIRECTORIES = 100 * PART;
const FILES_OF_DIRECTORY = 50;
const LARGE = { count: 10, bytes: 25 * 1024 * 1024 * PART };

/** Each is run in a project of OPFS and in the same in a folder of the disk. The second `git status` is warm. */
const WORKLOADS: Readonly<Record<string, string>> = {
  "git add and commit all": "git init -q -b main . && git add -A && git -c gc.auto=0 commit -q -m all",
  "git status": "git status --short",
  "git status again": "git status --short",
  "git commit of a change, three times":
    "for i in 1 2 3; do echo $i >> d7/f3 && git commit -q -am $i; done && git log --oneline | wc -l",
  "grep -r": `grep -rl 'line 49 of ${DIRECTORIES - 1}/49' --exclude-dir=.git --exclude='large*' .`,
  tar: "tar -cf - --exclude=.git . | wc -c",
  make: "printf 'out/%%: d1/%%\\n\\t@cp $< $@\\nall: $(patsubst d1/%%,out/%%,$(wildcard d1/*))\\n' > Makefile && mkdir out && make -s all && ls out | wc -l",
  "files saved by rename, 50":
    "for i in $(seq 50); do cat d2/f1 > d2/f1.tmp && echo $i >> d2/f1.tmp && mv d2/f1.tmp d2/f1; done",
  "sqlite in WAL mode, 100 transactions": `python3 -c '
import sqlite3
db = sqlite3.connect("db", isolation_level=None)
db.execute("pragma journal_mode=wal")
db.execute("create table t(a)")
for i in range(100): db.execute("insert into t values(?)", (i,))
print(db.execute("pragma integrity_check").fetchone(), db.execute("select count(*) from t").fetchone())'`,
  "a log of 2,000 lines": `python3 -c '
log = open("log", "a", buffering=1)
for i in range(2000): log.write(f"line {i}\\n")'`,
};

test(`a project of ${DIRECTORIES * FILES_OF_DIRECTORY} files and ${300 * PART} MB is worked on in a folder of the disk`, async ({
  linux,
  page,
  drop,
  folder,
}) => {
  test.setTimeout(3_600_000);
  const project = join(folder, "project");
  await makeProject(project);
  await drop([debianFiles().root], linux.dropPoint("read-only"));
  await expect(linux.share("files").mountPoint).toHaveText("/mnt/files");
  await page.evaluate((opfs) => globalThis.vm!.share({ opfs }), OPFS_NAME);
  await linux.run(`tar -xpf /mnt/files/root.tar -C /mnt/${OPFS_NAME}`);
  await linux.saved(OPFS_NAME);
  await page.goto(`./?root=opfs:${OPFS_NAME}&memory=256`);
  await linux.waitForReady();
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");
  await linux.run("cp -a /mnt/folder/project /root/project && sync");
  await linux.run("git config --global user.name me && git config --global user.email me@here");
  await linux.run("git config --global --add safe.directory '*'");

  // The programs come out of OPFS once: not in what is timed first.
  await linux.run(
    "git --version; git status -h; tar --version; make --version; grep --version; python3 -c 'import sqlite3'; true",
  );

  const table: string[] = [];
  for (const [name, command] of Object.entries(WORKLOADS)) {
    const seconds = async (directory: string): Promise<[number, string]> => {
      const begin = performance.now();
      const output = await linux.run(`cd ${directory} && ${command}`);
      return [(performance.now() - begin) / 1000, output];
    };
    const [opfs, expected] = await seconds("/root/project");
    const [disk, output] = await seconds("/mnt/folder/project");
    expect(output, name).toBe(expected);
    table.push(`${(disk / opfs).toFixed(2).padStart(6)} × ${opfs.toFixed(1).padStart(6)} s  ${name}`);
  }
  console.log(`The disk, as times OPFS:\n${table.join("\n")}`);

  await linux.saved("folder");
  const sums = await linux.run("cd /mnt/folder/project && find . -type f -not -path ./db-shm -exec sha256sum {} +");
  expect(await checksums(project)).toEqual(new Map(sums.trimEnd().split("\n").map(parseSum)));
  const check = (directory: string) => linux.run(`cd ${directory} && git fsck --strict && git status --short`);
  const status = await check("/mnt/folder/project");
  expect(status).toContain(" M d2/f1\n");
  expect(status).toBe(await check("/root/project"));
});

async function makeProject(directory: string): Promise<void> {
  const random = new Random(1);
  for (let d = 0; d < DIRECTORIES; d++) {
    await mkdir(join(directory, `d${d}`), { recursive: true });
    for (let f = 0; f < FILES_OF_DIRECTORY; f++) {
      const lines = Array.from({ length: 50 + random.below(700) }, (_, line) => `line ${line} of ${d}/${f}\n`);
      await writeFile(join(directory, `d${d}`, `f${f}`), lines.join(""));
    }
  }
  for (let i = 0; i < LARGE.count; i++) await writeFile(join(directory, `large${i}`), randomBytes(LARGE.bytes));
}

async function checksums(directory: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = unspellPath(`.${path.slice(directory.length)}`);
    if (entry.isFile() && name !== "./db-shm") {
      sums.set(
        name,
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex"),
      );
    }
  }
  return sums;
}

function parseSum(line: string): [string, string] {
  return [line.slice(66), line.slice(0, 64)];
}
