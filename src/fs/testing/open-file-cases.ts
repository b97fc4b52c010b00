import { decodeName } from "../../posix/name.js";
import { O_RDONLY, O_RDWR } from "../../posix/open-flags.js";
import { equal } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import { Random } from "./random.js";

export const openFileCases: readonly ConformanceCase[] = [
  {
    name: "a file unlinked while open is read and written until closed",
    async run({ guest, reload }) {
      await guest.put("file", "content");
      const file = await guest.open("file");
      await guest.unlink("file");
      equal(decodeName(await guest.read(file)), "content", "content");
      await guest.write(file, 7, " and more");
      equal(decodeName(await guest.read(file)), "content and more", "content after a write");
      equal((await guest.kernel.getattr(file.node, file.fh)).attr.nlink, 0, "links");
      await guest.close(file);
      guest.kernel.forget(file.node);
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
  {
    name: "a file of the store is unlinked while open, and its name taken again",
    async run({ guest, reload }) {
      await guest.put("file", "first");
      const second = await reload();
      const file = await second.open("file");
      await second.unlink("file");
      await second.put("file", "second");
      await second.kernel.syncfs(1);
      equal(decodeName(await second.read(file)), "first", "the old one");
      equal(await second.text("file"), "second", "the new one");
      await second.write(file, 0, "FIRST");
      equal(decodeName(await second.read(file)), "FIRST", "the old one, written");
      await second.close(file);
      second.kernel.forget(file.node);
      equal(await (await reload()).tree(), { file: "second" }, "tree");
    },
  },
  {
    name: "a temporary file lives without a name from the start",
    async run({ guest, reload }) {
      const file = await guest.create("temporary");
      await guest.unlink("temporary");
      const content = new Random(4).bytes(200_000);
      await guest.write(file, 0, content);
      await guest.kernel.fsync(file.node, file.fh);
      equal(await guest.read(file, 150_000, 1000), content.subarray(150_000, 151_000), "content");
      await guest.close(file);
      guest.kernel.forget(file.node);
      equal(await (await reload()).tree(), {}, "tree");
    },
  },
  {
    name: "a file replaced by rename while open keeps its content",
    async run({ guest, reload }) {
      await guest.put("target", "old");
      await guest.put("source", "new");
      const second = await reload();
      const [old, source] = [await second.open("target"), await second.open("source")];
      await second.rename("source", "target");
      equal(decodeName(await second.read(old)), "old", "the replaced file");
      equal(decodeName(await second.read(source)), "new", "the renamed file");
      await second.write(source, 3, "er");
      await second.write(old, 3, "er");
      equal(decodeName(await second.read(old)), "older", "the replaced file, written");
      equal(await second.text("target"), "newer", "by name");
      await second.close(old);
      await second.close(source);
      equal(await (await reload()).tree(), { target: "newer" }, "tree");
    },
  },
  {
    name: "a file is written while it is renamed",
    async run({ guest, reload }) {
      const file = await guest.create("a");
      for (let i = 0; i < 10; i++) {
        await guest.write(file, i, String(i));
        await guest.rename(i % 2 === 0 ? "a" : "b", i % 2 === 0 ? "b" : "a");
      }
      await guest.close(file);
      equal(await (await reload()).tree(), { a: "0123456789" }, "tree");
    },
  },
  {
    name: "two descriptors see each other's bytes",
    async run({ guest }) {
      await guest.put("file", "");
      const [a, b] = [await guest.open("file", O_RDWR), await guest.open("file", O_RDONLY)];
      await guest.write(a, 0, "from a");
      equal(decodeName(await guest.read(b)), "from a", "content");
      await guest.close(a);
      equal(decodeName(await guest.read(b)), "from a", "content after the writer closed");
      await guest.close(b);
    },
  },
  {
    name: "a file closed and forgotten is there again",
    async run({ guest }) {
      await guest.put("file", "content");
      guest.kernel.forget(await guest.node("file"));
      equal(await guest.text("file"), "content", "content");
    },
  },
  {
    name: "more files are open than the store may hold open",
    async run({ guest }) {
      const files = [];
      for (let i = 0; i < 40; i++) {
        const file = await guest.create(`f${i}`);
        await guest.write(file, 0, `content ${i}`);
        files.push(file);
      }
      for (let round = 0; round < 2; round++) {
        for (const [i, file] of files.entries()) {
          equal(decodeName(await guest.read(file)), `content ${i}`, `round ${round}`);
        }
      }
      for (const file of files) await guest.close(file);
    },
  },
  {
    name: "requests in flight at once",
    async run({ guest, reload }) {
      const content = new Random(5).bytes(64 * 1024);
      await guest.put("file", content);
      const second = await reload();
      const file = await second.open("file");
      const reads = Array.from({ length: 16 }, (_, i) => second.read(file, i * 4096, 4096));
      for (const [i, part] of (await Promise.all(reads)).entries()) {
        equal(part, content.subarray(i * 4096, (i + 1) * 4096), `part ${i}`);
      }
      const reversed = Array.from({ length: 16 }, (_, i) => content.slice(i * 4096, (i + 1) * 4096).toReversed());
      await Promise.all(reversed.map((part, i) => second.write(file, i * 4096, part)));
      await second.close(file);
      const all = new Uint8Array(64 * 1024);
      for (const [i, part] of reversed.entries()) all.set(part, i * 4096);
      equal(await (await reload()).bytes("file"), all, "content");
    },
  },
  {
    name: "the same name created many times at once is one file",
    async run({ guest, reload }) {
      const again = await reload();
      const made = await Promise.all(Array.from({ length: 8 }, () => again.create("file", O_RDWR)));
      equal(new Set(made.map(({ node }) => node)).size, 1, "nodes");
      for (const file of made) await again.close(file);
      equal(guest.bugs, [], "bugs");
    },
  },
];
