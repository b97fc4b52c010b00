import { ShareFileSystem } from "../../../fs/share-file-system.js";
import { MemoryStore } from "../../../storage/memory/memory-store.js";
import { FuseServer } from "../../server.js";
import { TimersDouble } from "../timers-double.js";

/** A recorded session: which kernel, and whether the store was its own (the exclusive profile) or shared with others. */
export interface GoldenSession {
  readonly kernel: string;
  readonly exclusive: boolean;
  /** As `parseExchange` takes them. */
  readonly exchanges: readonly string[];
}

export const GOLDEN_FILES = [
  "linux-6.12-exclusive",
  "linux-6.12-shared",
  "linux-6.1-exclusive",
  "linux-6.1-shared",
] as const;

/** What the guest runs, each line in a shell of its own, with the share `golden` plugged in. */
export const GOLDEN_COMMANDS = [
  "mkdir -p /tmp/golden && mount -t virtiofs golden /tmp/golden",
  "cat /tmp/golden/hello.txt && test ! -e /tmp/golden/nothing",
  "ls -la /tmp/golden && df /tmp/golden",
  "cd /tmp/golden && echo one > new && echo two >> new && cat new && echo three > new",
  "cd /tmp/golden && dd if=/dev/zero of=pages bs=5000 count=1 conv=fsync && sync . && sync -f .",
  "cd /tmp/golden && chmod 600 new && chown 1000:1001 new && truncate -s 3 new && touch -d '2001-02-03 04:05:06' new && touch new",
  "cd /tmp/golden && mkdir dir && ln -s ../new dir/link && cat dir/link && readlink dir/link",
  "cd /tmp/golden && mv new dir/moved && mv dir/moved dir/renamed && rm dir/renamed dir/link && rmdir dir",
  "cd /tmp/golden; ln pages hard; mkfifo fifo; fallocate -l 8192 pages; true",
  "echo 3 > /proc/sys/vm/drop_caches && cat /tmp/golden/pages > /dev/null",
  "umount /tmp/golden",
];

const GOLDEN_TREE = { "hello.txt": "hello, guest\n", "sub directory": { deep: "x" } };
/** 2026-01-02T03:04:05.678Z. */
const GOLDEN_TIME = 1_767_323_045_678;

/** A server as each recording begins with: the same tree, at the same time. */
export function goldenServer(exclusive: boolean): FuseServer {
  const now = () => GOLDEN_TIME;
  const fileSystem = new ShareFileSystem(new MemoryStore(GOLDEN_TREE, { exclusive, now }), { now });
  return new FuseServer(fileSystem, { timers: new TimersDouble() });
}
