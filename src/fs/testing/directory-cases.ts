import { equal, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import type { Guest } from "./guest.js";

export const directoryCases: readonly ConformanceCase[] = [
  {
    name: "a listing has everything, once, and the dots",
    async run({ guest }) {
      await fill(guest, "", 300);
      const listing = await guest.kernel.readdir(1, (await guest.opendir(1)).fh, 0);
      equal([listing[0]?.name, listing[1]?.name], [".", ".."], "dots");
      equal((await guest.list("")).sort(), numbered(300).sort(), "names");
    },
  },
  {
    name: "a listing with attributes agrees with lookup, and counts",
    async run({ guest, reload }) {
      await fill(guest, "", 60);
      await guest.mkdir("directory");
      const again = await reload();
      const entries = await again.listPlus("");
      equal(entries.length, 61, "entries");
      for (const { name, entry, ino, type } of entries) {
        equal(entry.attr.ino, ino, "inode number");
        equal(type, entry.attr.mode >> 12, "type");
        equal(await again.node(name), entry.nodeid, "node");
        equal(again.kernel.lookups.get(entry.nodeid), 2, "lookups");
        equal((await again.kernel.getattr(entry.nodeid)).attr.size, entry.attr.size, "size");
        again.kernel.forget(entry.nodeid);
      }
      isTrue(await again.exists("f0"), "gone after FORGET");
    },
  },
  {
    name: "removing what was listed loses nothing and repeats nothing",
    async run({ guest }) {
      await fill(guest, "", 250);
      const seen: string[] = [];
      await eachPage(guest, async (names) => {
        seen.push(...names);
        for (const name of names) await guest.unlink(name);
      });
      equal(seen.sort(), numbered(250).sort(), "names");
      equal(await guest.list(""), [], "what is left");
    },
  },
  {
    name: "removing what was not listed yet loses nothing else",
    async run({ guest }) {
      await fill(guest, "", 250);
      const seen = new Set<string>();
      const removed = new Set<string>();
      await eachPage(guest, async (names) => {
        for (const name of names) seen.add(name);
        const next = numbered(250).find((name) => !seen.has(name) && !removed.has(name));
        if (next === undefined) return;
        removed.add(next);
        await guest.unlink(next);
      });
      for (const name of numbered(250)) isTrue(seen.has(name) || removed.has(name), `${name} was missed`);
    },
  },
  {
    name: "renaming what is listed ends, and misses nothing that stayed",
    async run({ guest }) {
      await fill(guest, "", 200);
      const seen: string[] = [];
      await eachPage(guest, async (names) => {
        seen.push(...names);
        isTrue(seen.length <= 400, "it does not end");
        for (const name of names) {
          await guest.rename(name, "temporary");
          await guest.rename("temporary", name);
        }
      });
      equal(seen.sort(), numbered(200).sort(), "names");
    },
  },
  {
    name: "creating while listing ends, and rewinding shows what is new",
    async run({ guest }) {
      await fill(guest, "", 150);
      let created = 0;
      const seen: string[] = [];
      await eachPage(guest, async (names) => {
        seen.push(...names);
        isTrue(created <= 1000, "it does not end");
        for (const _ of names) await guest.put(`new${created++}`, "");
      });
      for (const name of numbered(150)) equal(seen.filter((other) => other === name).length, 1, name);
      equal((await guest.list("")).length, 150 + created, "after rewinding");
    },
  },
  {
    name: "directories count their directories",
    async run({ guest }) {
      await guest.mkdir("d");
      equal((await guest.stat("d")).nlink, 2, "empty");
      await guest.mkdir("d/e");
      await guest.put("d/file", "");
      equal((await guest.stat("d")).nlink, 3, "with one");
      await guest.rename("d/e", "e");
      equal((await guest.stat("d")).nlink, 2, "after it moved away");
    },
  },
  {
    name: "a tree of many small files survives a reload",
    async run({ guest, reload }) {
      for (let d = 0; d < 5; d++) {
        await guest.mkdir(`d${d}`);
        await fill(guest, `d${d}/`, 60);
      }
      const again = await reload();
      equal((await again.list("")).sort(), ["d0", "d1", "d2", "d3", "d4"], "directories");
      for (let d = 0; d < 5; d++) {
        equal((await again.list(`d${d}`)).sort(), numbered(60).sort(), `names of d${d}`);
        equal(await again.text(`d${d}/f59`), "59", "content");
      }
    },
  },
  {
    name: "a tree is created and removed, again and again",
    async run({ guest, reload }) {
      for (let round = 0; round < 3; round++) {
        await guest.mkdir("t");
        await guest.mkdir("t/u");
        await fill(guest, "t/u/", 20);
        for (const name of await guest.list("t/u")) await guest.unlink(`t/u/${name}`);
        await guest.rmdir("t/u");
        await guest.rmdir("t");
      }
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
];

async function fill(guest: Guest, prefix: string, count: number): Promise<void> {
  for (const name of numbered(count)) await guest.put(prefix + name, name.slice(1));
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `f${i}`);
}

/** Lists the root page by page, with `between` after each. */
async function eachPage(guest: Guest, between: (names: string[]) => Promise<void>): Promise<void> {
  const directory = await guest.opendir(1);
  for (let offset = 0; ;) {
    const page = await guest.kernel.readdir(1, directory.fh, offset, 1024);
    if (page.length === 0) break;
    offset = page.at(-1)!.off;
    await between(page.map(({ name }) => name).filter((name) => name !== "." && name !== ".."));
  }
  await guest.closedir(directory);
}
