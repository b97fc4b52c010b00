import { describe, expect, it } from "vitest";
import { DyingTab, Killed } from "../../fs/testing/killable.js";
import { treeOf } from "../../fs/testing/memory-outside.js";
import { Random } from "../../fs/testing/random.js";
import { closeAll } from "../../fs/testing/stored-view.js";
import { FsError } from "../../posix/fs-error.js";
import { MemoryRecordLog } from "../memory/memory-record-log.js";
import { MemoryStore } from "../memory/memory-store.js";
import type { StoreDirectory } from "../store.js";
import { contentOf, names, text } from "../testing/store-case.js";
import { applyChanges } from "./apply-changes.js";
import { changesOf } from "./changes.js";
import { OverlayStore } from "./overlay-store.js";

const STEPS = 60;
const NAMES = ["a", "b", "c"];
const FOLDER = { a: { a: "1", b: { c: "22" } }, b: "333", c: { a: {}, c: "4444" } };

function begin(tab: DyingTab) {
  let clock = 1_750_000_000_000;
  const now = (): number => (clock += 1000);
  const disk = new MemoryStore(FOLDER, { exclusive: false, now });
  const contents = new MemoryStore({}, { now });
  const log = new MemoryRecordLog();
  const open = (): Promise<OverlayStore> =>
    OverlayStore.open({ lower: disk, contents: tab.wrap(contents), log: tab.wrap(log) });
  return { disk, contents, log, open };
}

async function view(store: OverlayStore): Promise<string> {
  const lines: string[] = [];
  const walk = async (directory: StoreDirectory, path: string): Promise<void> => {
    for (const entry of await directory.list()) {
      if (entry.kind === "file") lines.push(`${path}${entry.name} ${await contentOf(directory, entry.name)}`);
      else {
        lines.push(`${path}${entry.name}/`);
        await walk(entry.directory, `${path}${entry.name}/`);
      }
    }
  };
  await walk(store.root, "");
  return lines.sort().join("\n");
}

/** One random thing; what may not be done fails and does nothing. */
async function step({ root }: OverlayStore, random: Random): Promise<void> {
  const directories: StoreDirectory[] = [root];
  for (const entry of await root.list()) {
    if (entry.kind !== "directory") continue;
    directories.push(entry.directory);
    for (const below of await entry.directory.list()) if (below.kind === "directory") directories.push(below.directory);
  }
  const directory = random.pick(directories);
  const name = random.pick(NAMES);
  switch (random.below(6)) {
    case 0:
      return void (await directory.createDirectory(name));
    case 1:
      return directory.remove(name);
    case 2:
    case 3:
      return directory.rename(name, random.pick(directories), random.pick(NAMES));
    default: {
      const open = await (await directory.createFile(name)).open(true);
      try {
        await open.write(random.below(3), [text(String(random.below(1000)))]);
      } finally {
        await open.close();
      }
    }
  }
}

async function tryStep(store: OverlayStore, random: Random): Promise<void> {
  await step(store, random).catch((error: unknown) => {
    if (!(error instanceof FsError) && !(error instanceof Killed)) throw error;
  });
}

const SEEDS = Array.from({ length: Number(process.env["CRASH_SEEDS"] ?? 3) }, (_, i) => i + 1);

describe.each(SEEDS)("overlay, seed %i", (seed) => {
  it("has what was there before or after the last step, whenever the tab is killed", async () => {
    const alive = new DyingTab();
    const whole = begin(alive);
    const store = await whole.open();
    const [before, random] = [treeOf(whole.disk.root), new Random(seed)];
    const views = [await view(store)];
    const changes = [0];
    for (let done = 0; done < STEPS; done++) {
      await tryStep(store, random);
      views.push(await view(store));
      changes.push(alive.changes);
    }
    expect(treeOf(whole.disk.root)).toEqual(before);
    for (let survives = 0; survives < alive.changes; survives++) {
      const tab = new DyingTab(survives);
      const { contents, log, open, disk } = begin(tab);
      const killed = await open();
      const again = new Random(seed);
      for (let done = 0; done < STEPS && !tab.isDead; done++) await tryStep(killed, again);
      closeAll(contents);
      const left = await view(await OverlayStore.open({ lower: disk, contents, log }));
      const last = changes.findIndex((count) => count > survives);
      if (left !== views[last - 1] && left !== views[last])
        expect(withoutEmpty(left), `after ${survives}`).toBe(withoutEmpty(views[last - 1]!));
    }
  });

  it("applies to what the guest sees, all at once or one by one", async () => {
    for (const isWhole of [true, false]) {
      const { disk, open, contents } = begin(new DyingTab());
      const store = await open();
      const random = new Random(seed);
      for (let done = 0; done < STEPS; done++) {
        await tryStep(store, random);
        if (done % 20 !== 19) continue;
        const expected = await view(store);
        const paths = [...new Set((await changesOf(store.overlay)).map(({ path }) => path))];
        const order = paths.map((path) => ({ path, at: random.below(1000) })).sort((a, b) => a.at - b.at);
        if (!isWhole) {
          for (const { path } of order) {
            await applyChanges(store.overlay, disk, [path]);
            expect(await view(store), path).toBe(expected);
          }
        }
        const { kept } = await applyChanges(store.overlay, disk);
        expect(kept).toEqual([]);
        expect(await view(store)).toBe(expected);
        expect(await changesOf(store.overlay)).toEqual([]);
        const reopened = await OverlayStore.open({
          lower: disk,
          contents: new MemoryStore(),
          log: new MemoryRecordLog(),
        });
        expect(await view(reopened)).toBe(expected);
      }
      expect(await names(contents.root)).toEqual([]);
    }
  });
});

/** A file is made before it is written. */
function withoutEmpty(lines: string): string {
  return lines
    .split("\n")
    .filter((line) => !line.endsWith(" "))
    .join("\n");
}
