/** One thing that is timed. Commands are shell, run in a directory of their group's own, in the guest. */
export interface Workload {
  readonly name: string;
  readonly command: string;
  /** Run before the clock starts. */
  readonly before?: string;
  /** Bytes that it moves, for a speed. */
  readonly bytes?: number;
}

/** Workloads that follow each other in one directory. */
export interface Group {
  readonly name: string;
  /** Run in an empty directory before the first pass. */
  readonly setUp?: string;
  readonly workloads: readonly Workload[];
  /** Run after each pass. */
  readonly tearDown?: string;
  /** Takes so long on 9p that what it warms up does not matter: one pass is enough there. */
  readonly long?: true;
  /** Needs the programs of `programs.ts`. */
  readonly programs?: true;
}

const MIB = 2 ** 20;
const FILES = 1000;
const BIG = 64;
const RANDOM = 1000;
/** A hundred directories of a hundred files are about 10,000 entries. */
const SIDE = 100;
const TAR_FILES = 500;
const INSERTS = 1000;
const REPOSITORY = 2000;

/** Where the machine keeps what the workloads need beside their directory: in the guest's tmpfs. */
export const TOOLS = "/tmp/tools";

// Loops of builtin commands: a process takes the emulated processor 25 ms.
const loop = (count: number, body: string): string => `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); ${body}; done`;
const DROP = "sync; echo 3 > /proc/sys/vm/drop_caches";
const random = (how: "read" | "write"): string => `${TOOLS}/random-access ${how} big ${BIG * MIB} ${RANDOM}`;

export const GROUPS: readonly Group[] = [
  {
    name: "small files",
    workloads: [
      { name: `create, write, close ${FILES} files`, command: loop(FILES, "echo $i > f$i") },
      { name: `read ${FILES} files, cold`, before: DROP, command: loop(FILES, "read x < f$i") },
      { name: `read ${FILES} files, warm`, command: loop(FILES, "read x < f$i") },
      { name: `stat ${FILES} files, cold`, before: DROP, command: loop(FILES, "[ -f f$i ]") },
      { name: `stat ${FILES} files, warm`, command: loop(FILES, "[ -f f$i ]") },
      { name: `rm -r ${FILES} files`, command: "rm -r f*" },
    ],
  },
  {
    name: "big file",
    long: true,
    workloads: [
      {
        name: `write ${BIG} MiB, fsync`,
        command: `dd if=/dev/zero of=big bs=1M count=${BIG} conv=fsync 2>/dev/null`,
        bytes: BIG * MIB,
      },
      {
        name: `read ${BIG} MiB, cold`,
        before: DROP,
        command: "dd if=big of=/dev/null bs=1M 2>/dev/null",
        bytes: BIG * MIB,
      },
      { name: `${RANDOM} random reads of 4 KiB, cold`, before: DROP, command: random("read") },
      { name: `${RANDOM} random writes of 4 KiB, fsync`, command: random("write") },
    ],
    tearDown: "rm big",
  },
  {
    name: "tree",
    long: true,
    setUp: `d=0; while [ $d -lt ${SIDE} ]; do d=$((d + 1)); mkdir d$d; cd d$d; ${loop(SIDE, ": > f$i")}; cd ..; done`,
    workloads: [
      { name: `ls -lR ${SIDE * SIDE} entries, cold`, before: DROP, command: "ls -lR > /dev/null" },
      { name: `ls -lR ${SIDE * SIDE} entries, warm`, command: "ls -lR > /dev/null" },
      { name: `find ${SIDE * SIDE} entries, cold`, before: DROP, command: "find . > /dev/null" },
      { name: `find ${SIDE * SIDE} entries, warm`, command: "find . > /dev/null" },
    ],
  },
  {
    name: "archive",
    setUp: `[ -f ${TOOLS}/files.tar ] || (mkdir ${TOOLS}/files && cd ${TOOLS}/files && ${loop(TAR_FILES, "echo $i > f$i")} && tar cf ../files.tar . && rm -r ../files)`,
    workloads: [{ name: `tar x ${TAR_FILES} files`, command: `tar xf ${TOOLS}/files.tar` }],
    tearDown: "rm f*",
  },
  {
    name: "git",
    programs: true,
    setUp: `git init -q -b main && git config user.name a && git config user.email a@b && git config gc.auto 0 &&
      ${loop(REPOSITORY, "d=d$((i % 40)); [ -d $d ] || mkdir $d; echo $i > $d/f$i")}; git add . && git commit -q -m one &&
      for f in d*/*; do echo more >> $f; done; git commit -q -a -m two`,
    workloads: [
      { name: `git status, ${REPOSITORY} files, cold`, before: DROP, command: "git status --porcelain" },
      { name: `git status, ${REPOSITORY} files, warm`, command: "git status --porcelain" },
      { name: `git checkout of ${REPOSITORY} files`, command: "git checkout -q HEAD~1" },
    ],
    tearDown: "git checkout -q main",
  },
  {
    name: "sqlite",
    programs: true,
    setUp: `(echo 'create table t(a, b);'; ${loop(INSERTS, 'echo "insert into t values($i, $i);"')}) > ${TOOLS}/inserts`,
    workloads: [{ name: `sqlite3 ${INSERTS} inserts`, command: `sqlite3 db < ${TOOLS}/inserts` }],
    tearDown: "rm db*",
  },
];
