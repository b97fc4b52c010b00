import { ShareFileSystem } from "../src/fs/share-file-system.js";
import type { Random } from "../src/fs/testing/random.js";
import { SlowStore } from "../src/fs/testing/slow-store.js";
import { seedRequests } from "../src/fuse/testing/corpus.js";
import { FsTarget } from "../src/fuse/testing/fs-target.js";
import { MoodyFileSystem } from "../src/fuse/testing/moody-file-system.js";
import { RequestStorm, type Weather } from "../src/fuse/testing/request-storm.js";
import { Errno } from "../src/posix/errno.js";
import { FsError } from "../src/posix/fs-error.js";
import { MemoryStore } from "../src/storage/memory/memory-store.js";
import type { Store } from "../src/storage/store.js";
import { HostileDriver } from "../src/virtio/testing/hostile-driver.js";
import { RingAccounts } from "../src/virtio/testing/ring-accounts.js";
import { ConsoleTarget, PlainTarget } from "../src/virtio/testing/targets.js";

/** Something that goes on at random, step by step, and throws what it finds. */
export interface Storm {
  step(): void | Promise<void>;
  /** Looks whether all is well after the last step. */
  end(): void | Promise<void>;
}

interface ShareOptions {
  readonly readOnly?: boolean;
  readonly weather?: Weather;
}

/** 2026-01-02T03:04:05Z. */
const NOW = 1_767_323_045_000;
const TREE = { "hello.txt": "hello, guest\n", directory: { deep: "x", deeper: { deepest: "y" } } };

/** Every storm there is, by name. The same numbers give the same storm. */
export async function storms(): Promise<Record<string, (random: Random) => Storm>> {
  const seeds = await seedRequests();
  const now = () => NOW;
  const memory = (exclusive: boolean) => new MemoryStore(TREE, { exclusive, now });
  const share = (store: Store, random: Random, { readOnly, weather }: ShareOptions = {}) =>
    new RequestStorm(new ShareFileSystem(store, { now }), random, seeds, weather, readOnly);
  return {
    "rings, plain device": (random) => new HostileDriver(new PlainTarget(random), random),
    "rings, console": (random) => new HostileDriver(new ConsoleTarget(random), random),
    "rings, accounts": (random) => new RingAccounts(random),
    "rings, file system": (random) => new HostileDriver(new FsTarget(random, seeds), random),
    "requests, moody file system": (random) => {
      const moody = new MoodyFileSystem(random);
      return new RequestStorm(moody, random, seeds, moody);
    },
    "requests, own share": (random) => share(memory(true), random),
    "requests, shared share": (random) => share(memory(false), random),
    "requests, read-only share": (random) => share(memory(true), random, { readOnly: true }),
    "requests, slow share": (random) => share(new SlowStore(memory(random.below(2) === 0), { random }), random),
    "requests, failing share": (random) => {
      let failing = true;
      const before = () => {
        const fails = failing && random.below(10) === 0;
        if (fails) throw new FsError(random.pick([Errno.EIO, Errno.ENOSPC, Errno.EACCES]), "scripted");
      };
      const weather = { calm: () => void (failing = false) };
      return share(new SlowStore(memory(random.below(2) === 0), { random, before }), random, { weather });
    },
  };
}
