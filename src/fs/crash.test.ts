import { describe, expect, test } from "vitest";
import { Errno } from "../posix/errno.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { ReplyError } from "../fuse/testing/kernel-double.js";
import { checkShare } from "./check-share.js";
import { openRecords } from "./open-records.js";
import { Records } from "./records.js";
import { ShareFileSystem } from "./share-file-system.js";
import { DyingTab } from "./testing/killable.js";
import { Guest } from "./testing/guest.js";
import { Random } from "./testing/random.js";
import { closeAll, storedView } from "./testing/stored-view.js";
import { stillTimers } from "./testing/still-timers.js";

const STEPS = 150;
const SEEDS = Array.from({ length: Number(process.env["CRASH_SEEDS"] ?? 3) }, (_, i) => i + 1);
const NAMES = ["a", "b", "c"];
const RENAMES = [0, 0, 0, 2, 4];

/** A guest that does random things to a share, one request after the other; what it may not do fails and does nothing. */
async function work(guest: Guest, seed: number, tab: DyingTab): Promise<void> {
  const random = new Random(seed);
  const directories = ["", "a/", "b/", "a/b/"];
  const path = (): string => `${random.pick(directories)}${random.pick(NAMES)}`;
  const steps = [
    () => guest.put(path(), random.bytes(random.below(3000))),
    () => guest.put(path(), ""),
    () => guest.mkdir(path()).then(() => undefined),
    () => guest.symlink(path(), "target"),
    () => guest.link(path(), path()),
    () => guest.link(path(), path()),
    () => guest.rename(path(), path(), random.pick(RENAMES)),
    () => guest.rename(path(), path(), random.pick(RENAMES)),
    () => guest.rename(path(), path(), random.pick(RENAMES)),
    () => guest.unlink(path()),
    () => guest.rmdir(path()),
    () => guest.truncate(path(), random.below(5000)),
    async () => {
      const mode = random.pick([0o600, 0o644, 0o755]);
      await guest.kernel.setattr(await guest.node(path()), 1, { mode });
    },
    async () => guest.kernel.setxattr(await guest.node(path()), "user.test", random.bytes(20)),
    async () => {
      const file = await guest.temporary("");
      await guest.write(file, 0, random.bytes(500));
      await guest.linkNode(file.node, path());
    },
  ];
  for (let step = 0; step < STEPS && !tab.isDead; step++) {
    try {
      await random.pick(steps)();
    } catch (error) {
      if (!tab.isDead && !(error instanceof ReplyError && error.errno !== Errno.EIO)) throw error;
    }
  }
}

/** A kind of store over a memory store, and what of each line of its view is looked at. */
interface Kind {
  readonly over: (store: MemoryStore) => MemoryStore;
  readonly seen: (line: string) => string;
}

const OWN: Kind = { over: (store) => store, seen: (line) => line };
/** As a picked folder: others change it too, and it has no parking directory. That brings each file whole, which memory does not. */
const PICKED: Kind = {
  over: (store) => new Proxy(store, { get: pickedMember }),
  seen: (line) => line.replace(/(\]\]) ".*$/s, "$1"),
};

function pickedMember(store: MemoryStore, key: string | symbol): unknown {
  if (key === "parking") return undefined;
  if (key === "exclusive") return false;
  const value: unknown = Reflect.get(store, key, store);
  return typeof value === "function" ? (value.bind(store) as unknown) : value;
}

describe.each(
  SEEDS.flatMap(
    (seed) =>
      [
        ["ours alone", seed, OWN],
        ["picked", seed, PICKED],
      ] as const,
  ),
)("%s, seed %i", (_name, seed, kind) => {
  test("whenever the tab is killed, what is left is what was there before or after its last request", async () => {
    // What is stored after each request.
    const views: string[] = [];
    const alive = new DyingTab();
    const whole = await begin(kind, alive, (log, store) => views.push(viewOf(kind, log, store)));
    await work(whole.guest, seed, alive);
    expect(whole.guest.bugs).toEqual([]);
    for (let survives = 0; survives < alive.changes; survives++) {
      let requests = 0;
      const tab = new DyingTab(survives);
      const { guest, store, log } = await begin(kind, tab, () => (requests += tab.isDead ? 0 : 1));
      await work(guest, seed, tab);
      closeAll(store);
      const records = await openRecords(log, kind.over(store));
      expect(await checkShare(records, store)).toEqual([]);
      const left = storedView(records, store).map(kind.seen).join("\n");
      const [before, after] = [views[requests - 1] ?? "", views[requests]];
      if (left !== before) expect(left, `after ${survives} changes`).toBe(after);
    }
  });
});

function viewOf({ seen }: Kind, log: MemoryRecordLog, store: MemoryStore): string {
  return storedView(Records.open(log) as Records, store)
    .map(seen)
    .join("\n");
}

/** A guest that has mounted an empty share, which is stored in `store` and `log`. `after` runs after each request. */
async function begin(kind: Kind, tab: DyingTab, after: (log: MemoryRecordLog, store: MemoryStore) => void) {
  let clock = 1_750_000_000_000;
  const now = (): number => (clock += 5);
  const store = new MemoryStore({}, { now });
  const log = new MemoryRecordLog();
  const tabStore = tab.wrap(kind.over(store));
  const records = await openRecords(tab.wrap(log), tabStore);
  const fileSystem = new ShareFileSystem(tabStore, { now, records, openFiles: 3 });
  const guest = await Guest.mount(
    watched(fileSystem, () => after(log, store)),
    stillTimers,
  );
  return { guest, store, log };
}

/** Every operation is answered at once, as that of a memory store. */
function watched(fileSystem: ShareFileSystem, after: () => void): ShareFileSystem {
  return new Proxy(fileSystem, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        try {
          return Reflect.apply(value, target, args);
        } finally {
          after();
        }
      };
    },
  });
}
