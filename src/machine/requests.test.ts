import { afterAll, beforeAll, expect, test } from "vitest";
import { ShareFileSystem } from "../fs/share-file-system.js";
import { FuseServer } from "../fuse/server.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { VirtioFs } from "../virtio/virtio-fs.js";
import { BareMachine } from "./testing/bare-machine.js";
import { shell } from "./testing/node-machine.js";

// What a guest's command lines cost in requests, with extended attributes on. Our kernel (guest/patches) adds:
//
//   LOOKUP    of a name that nothing is known of, before it is linked, renamed to or made by anything but open(2)
//   GETATTR   of a file after a write, for the next stat
//   GETXATTR  where others change the store too: of security.capability at the first write after attributes were fetched
//
// A stock one also has a LOOKUP of each name that is about to be made, linked or renamed to, whatever is known of it, a GETATTR
// of a directory after each change of its entries, and a GETXATTR of everybody's files, as well at each execve.

/** A command line of a guest, and its requests with each profile. */
interface Cost {
  readonly of: string;
  /** Run in "many", with 500 files of 16-byte names, or in "few", with f0 to f9. */
  readonly in: "many" | "few";
  readonly command: string;
  /** What the guest has done before: where it is missing, `command` itself, so that it knows all that it can. */
  readonly before?: string;
  /** The guest's caches were dropped then. */
  readonly cold?: true;
  /** Where only we change the store. */
  readonly own: string;
  /** Where others do: of requests within the second that the guest keeps an answer. Missing: the same. */
  readonly shared?: string;
}

const FEW = "f0 f1 f2 f3 f4 f5 f6 f7 f8 f9";
const MANY = "$(printf 'file-%011d ' $(seq 500))";
const KNOWN = `cat ${FEW}; stat ${FEW}`;

// prettier-ignore
const COSTS: readonly Cost[] = [
  { of: "stat × 10, cold", in: "few", command: `stat ${FEW}`, cold: true, own: "LOOKUP 10" },
  { of: "stat × 10", in: "few", command: `stat ${FEW}`, own: "" },
  { of: "stat of what is not there, cold", in: "few", command: "[ ! -e none ]", cold: true, own: "LOOKUP 1" },
  { of: "stat of what is not there", in: "few", command: "[ ! -e none ]", own: "" },
  { of: "open, read, close × 500, cold", in: "many", command: `cat ${MANY}`, cold: true,
    own: "LOOKUP 500, READ 500", shared: "LOOKUP 500, OPEN 500, READ 500, RELEASE 500" },
  { of: "open, read, close × 500", in: "many", command: `cat ${MANY}`,
    own: "", shared: "OPEN 500, RELEASE 500" },
  { of: "names of 500, cold", in: "many", command: "echo *", cold: true,
    own: "READDIR 2, READDIRPLUS 1", shared: "OPENDIR 1, READDIR 2, READDIRPLUS 1, RELEASEDIR 1" },
  { of: "names of 500", in: "many", command: "echo *",
    own: "", shared: "OPENDIR 1, READDIR 2, READDIRPLUS 1, RELEASEDIR 1" },
  { of: "ls -l of 500, cold", in: "many", command: "ls -l", cold: true,
    own: "READDIRPLUS 5", shared: "OPENDIR 1, READDIRPLUS 5, RELEASEDIR 1" },
  { of: "ls -l of 500", in: "many", command: "ls -l",
    own: "", shared: "OPENDIR 1, READDIRPLUS 5, RELEASEDIR 1" },
  // Reading moves no time of access.
  { of: "stat after ls", in: "few", command: "stat .", before: "ls; stat .; ls", own: "" },
  { of: "stat after a read, cold", in: "few", command: "cat f0; stat f0", cold: true,
    own: "LOOKUP 1, READ 1", shared: "GETATTR 1, LOOKUP 1, OPEN 1, READ 1, RELEASE 1" },
  { of: "create, write, close × 10", in: "few", command: `for f in ${FEW}; do echo 1 > new-$f; done`, before: KNOWN,
    own: "CREATE 10, WRITE 10",
    // The shell closes twice: its own descriptor, and the one it was copied to.
    shared: "CREATE 10, FLUSH 20, GETXATTR 10, RELEASE 10, WRITE 10" },
  // CREATE says that there is something already.
  { of: "overwrite, cold", in: "few", command: "echo 1 > f0", before: KNOWN, cold: true,
    own: "CREATE 1, GETXATTR 1, LOOKUP 1, SETATTR 1, WRITE 1",
    shared: "CREATE 1, FLUSH 2, GETXATTR 1, LOOKUP 1, OPEN 1, RELEASE 1, WRITE 1" },
  { of: "overwrite", in: "few", command: "echo 1 > f0", before: KNOWN,
    own: "SETATTR 1, WRITE 1", shared: "FLUSH 2, GETXATTR 1, OPEN 1, RELEASE 1, WRITE 1" },
  { of: "10 writes to an open file", in: "few", command: `for f in ${FEW}; do echo 1; done >> f0`, before: KNOWN,
    own: "WRITE 10", shared: "FLUSH 2, GETXATTR 1, OPEN 1, RELEASE 1, WRITE 10" },
  { of: "a write after another", in: "few", command: "echo 1 >> f0", before: `${KNOWN}; echo 1 >> f0`,
    own: "WRITE 1", shared: "FLUSH 2, OPEN 1, RELEASE 1, WRITE 1" },
  { of: "stat after a write", in: "few", command: "[ -s f0 ]", before: `${KNOWN}; echo 1 > f0`, own: "GETATTR 1" },
  { of: "chmod × 10", in: "few", command: `chmod 600 ${FEW}`, before: KNOWN, own: "SETATTR 10" },
  { of: "touch × 10", in: "few", command: `touch ${FEW}`, before: KNOWN, own: "SETATTR 10" },
  { of: "mv", in: "few", command: "mv f0 new", before: KNOWN, own: "LOOKUP 1, RENAME 1", shared: "LOOKUP 2, RENAME 1" },
  { of: "mv over another", in: "few", command: "mv f0 f1", before: KNOWN, 
    own: "FORGET 1, RENAME 1", shared: "FORGET 1, LOOKUP 1, RENAME 1" },
  { of: "ln", in: "few", command: "ln f0 new", before: KNOWN, own: "LINK 1, LOOKUP 1", shared: "LINK 1, LOOKUP 2" },
  { of: "ln -s", in: "few", command: "ln -s f0 new", before: KNOWN, own: "LOOKUP 1, SYMLINK 1", shared: "LOOKUP 2, SYMLINK 1" },
  { of: "through a symlink, cold", in: "few", command: "[ -f link ]", before: "ln -s f0 link", cold: true,
    own: "LOOKUP 2, READLINK 1" },
  { of: "through a symlink", in: "few", command: "[ -f link ]", before: `ln -s f0 link; cat link; ${KNOWN}`, own: "" },
  { of: "mkdir", in: "few", command: "mkdir new", before: KNOWN, own: "LOOKUP 1, MKDIR 1" },
  { of: "rmdir", in: "few", command: "rmdir new", before: "mkdir new", own: "FORGET 1, RMDIR 1" },
  { of: "rm × 10", in: "few", command: `rm ${FEW}`, before: KNOWN, own: "FORGET 10, UNLINK 10" },
  { of: "rm × 10, cold", in: "few", command: `rm ${FEW}`, before: KNOWN, cold: true,
    own: "FORGET 10, LOOKUP 10, UNLINK 10" },
  { of: "execve", in: "few", command: "./busybox true", before: "cp /bin/busybox .; ./busybox true",
    own: "", shared: "OPEN 1, RELEASE 1" },
  { of: "8 MiB written", in: "few", command: "dd if=/dev/zero of=big bs=1M count=8", before: KNOWN,
    own: "CREATE 1, WRITE 8", shared: "CREATE 1, FLUSH 2, GETXATTR 1, RELEASE 1, WRITE 8" },
  { of: "8 MiB read, cold", in: "few", command: "cat big", before: "dd if=/dev/zero of=big bs=1M count=8", cold: true,
    own: "LOOKUP 1, READ 11", shared: "LOOKUP 1, OPEN 1, READ 11, RELEASE 1" },
  { of: "df", in: "few", command: "df .", own: "STATFS 1" },
  { of: "rm of 500", in: "many", command: "rm *", before: "ls -l; ls -l",
    own: "FORGET 500, UNLINK 500",
    shared: "FORGET 500, OPENDIR 1, READDIR 2, READDIRPLUS 1, RELEASEDIR 1, UNLINK 500" },
];

const HOUR = 3600;
const timers = { now: () => 0, setTimeout: () => undefined, clearTimeout: () => {} };
const requests = { own: new Map<string, number>(), shared: new Map<string, number>() };
let machine: BareMachine;

beforeAll(async () => {
  machine = await BareMachine.boot();
  await mount("own");
  await mount("shared");
}, 60_000);

afterAll(() => machine.stop());

test.each(
  COSTS.flatMap(({ own, shared = own, ...cost }) => [
    { ...cost, profile: "own" as const, expected: own },
    { ...cost, profile: "shared" as const, expected: shared },
  ]),
)(
  "$profile: $of: $expected",
  async ({ profile, in: directory, command, before = command, cold, expected }) => {
    const here = `cd /tmp/${profile}/${directory}`;
    const files = directory === "few" ? `rm -rf *; for f in ${FEW}; do echo 1 > $f; done;` : "";
    const drop = cold ? "sync; echo 3 > /proc/sys/vm/drop_caches;" : "";
    await shell(machine, `${here} && { ${files} ${before}; ${drop} stat .; } > /dev/null 2>&1`);
    requests[profile].clear();
    await shell(machine, `${here} && { ${command}; } > /dev/null 2>&1`);
    const counts = Array.from(requests[profile], ([operation, count]) => `${operation} ${count}`);
    expect(counts.sort().join(", ")).toBe(expected);
  },
  30_000,
);

/** A process stands in both directories, so that they are not forgotten themselves. */
async function mount(profile: "own" | "shared"): Promise<void> {
  const names = Array.from({ length: 500 }, (_, i) => `file-${String(i + 1).padStart(11, "0")}`);
  const tree = { many: Object.fromEntries(names.map((name) => [name, name])), few: {} };
  const fileSystem = new ShareFileSystem(new MemoryStore(tree, { exclusive: profile === "own" }));
  // However slow this computer is, no answer grows old.
  const validity = { entrySeconds: HOUR, attributeSeconds: HOUR, negativeSeconds: HOUR };
  Object.assign(fileSystem, { profile: { ...fileSystem.profile, ...validity } });
  const counts = requests[profile];
  const tracer = ({ operation }: { operation: string }) => counts.set(operation, (counts.get(operation) ?? 0) + 1);
  machine.plug(new VirtioFs({ tag: profile, handler: new FuseServer(fileSystem, { timers, tracer }) }));
  await shell(
    machine,
    `echo 1 > /sys/bus/pci/rescan; mkdir /tmp/${profile}; mount -t virtiofs ${profile} /tmp/${profile} && cd /tmp/${profile} &&
     device=$(stat -c %d .); echo 1024 > /sys/class/bdi/$((device >> 8)):$((device & 255))/read_ahead_kb
     for directory in few many; do (cd $directory; exec sleep 1000000) > /dev/null 2>&1 < /dev/null & done
     read line < many/file-00000000001; ls few; echo 1 > few/file`, // what is asked for once in a mount
  );
}
