import { Errno } from "../../posix/errno.js";
import type { StoreCase } from "./store-case.js";
import {
  assert,
  contentOf,
  equal,
  fails,
  fileIn,
  pattern,
  put,
  readAll,
  readAt,
  sameBytes,
  text,
} from "./store-case.js";

const REQUEST = 128 << 10;

export const contentCases: readonly StoreCase[] = [
  {
    name: "what is written is read",
    run: async ({ root }) => {
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [text("Hello, "), text(""), text("guest"), text("!")]);
      equal(open.size(), 13, "size");
      const views = [new Uint8Array(3), new Uint8Array(0), new Uint8Array(20)];
      const result = await open.read(0, views);
      if (typeof result === "number") {
        equal(result, 13, "count");
        sameBytes(views[0]!, text("Hel"), "first view");
        sameBytes(views[2]!.subarray(0, 10), text("lo, guest!"), "last view");
      } else {
        sameBytes(result, text("Hello, guest!"), "bytes");
      }
      await open.close();
      equal(await contentOf(root, "file"), "Hello, guest!", "content");
    },
  },
  {
    name: "small files are read whole, many at once, where the store can",
    run: async ({ root }) => {
      const sizes = Array.from({ length: 40 }, (_, i) => 100 * i);
      const files = await Promise.all(sizes.map((size) => put(root, `f${size}`, pattern(size, size))));
      await root.remove("f300");
      const found = new Map<number, number>();
      const read = await Promise.allSettled(
        files.map(async (file, i) => file.readWhole?.(2000, (stat) => found.set(sizes[i]!, stat.size))),
      );
      if (files[0]!.readWhole === undefined || found.size === 0) return; // nor of what was just written
      for (const [i, size] of sizes.entries()) {
        const one = read[i]!;
        equal(one.status, size === 300 ? "rejected" : "fulfilled", `${size} bytes`);
        if (one.status === "rejected") continue;
        equal(found.get(size), size, "size that was told");
        if (size > 2000) equal(one.value, undefined, `${size} bytes`);
        else sameBytes(one.value!, pattern(size, size), `${size} bytes`);
      }
    },
  },
  {
    name: "views may change as soon as write returns",
    run: async ({ root }) => {
      await put(root, "file", "0123456789");
      const open = await (await fileIn(root, "file")).open(true);
      const view = text("ab");
      const written = open.write(4, [view]);
      view.fill(0);
      await written;
      sameBytes(await readAll(open), text("0123ab6789"), "bytes");
      await open.close();
    },
  },
  {
    name: "reads end at the end of the file",
    run: async ({ root }) => {
      await put(root, "file", "0123456789");
      const open = await (await fileIn(root, "file")).open(false);
      sameBytes(await readAt(open, 8, 100), text("89"), "at the end");
      sameBytes(await readAt(open, 10, 100), text(""), "behind it");
      sameBytes(await readAt(open, 1_000_000, 100), text(""), "far behind it");
      sameBytes(await readAt(open, 3, 4), text("3456"), "within");
      await open.close();
    },
  },
  {
    name: "a gap is filled with zeros",
    run: async ({ root }) => {
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [text("start")]);
      await open.write(5000, [text("end")]);
      equal(open.size(), 5003, "size");
      const bytes = await readAll(open);
      sameBytes(bytes.subarray(0, 5), text("start"), "start");
      sameBytes(bytes.subarray(5, 5000), new Uint8Array(4995), "gap");
      sameBytes(bytes.subarray(5000), text("end"), "end");
      await open.close();
      equal((await (await fileIn(root, "file")).stat()).size, 5003, "size in the store");
    },
  },
  {
    name: "truncate cuts, and fills with zeros",
    run: async ({ root }) => {
      await put(root, "file", "0123456789");
      const open = await (await fileIn(root, "file")).open(true);
      await open.truncate(4);
      await open.truncate(8);
      sameBytes(await readAll(open), text("0123\0\0\0\0"), "bytes");
      await open.truncate(0);
      equal(open.size(), 0, "size");
      await open.write(0, [text("new")]);
      await open.close();
      equal(await contentOf(root, "file"), "new", "content");
    },
  },
  {
    name: "what was cut off does not come back",
    run: async ({ root }) => {
      const bytes = pattern(300_000);
      await put(root, "file", bytes);
      const open = await (await fileIn(root, "file")).open(true);
      for (const size of [200_000, 250_000, 100_000]) await open.truncate(size);
      await open.write(280_000, [text("end")]);
      await open.truncate(300_000);
      bytes.fill(0, 100_000);
      bytes.set(text("end"), 280_000);
      sameBytes(await readAll(open), bytes, "bytes");
      await open.close();
      const again = await (await fileIn(root, "file")).open(false);
      sameBytes(await readAll(again), bytes, "bytes in the store");
      await again.close();
    },
  },
  {
    name: "a store that knows holes makes them, finds them and counts them out",
    run: async ({ root }) => {
      const bytes = pattern(200_000);
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [bytes]);
      if (open.punch !== undefined) {
        const before = open.allocated!();
        await open.punch(50_001, 100_000);
        bytes.fill(0, 50_001, 150_001);
        equal(open.size(), 200_000, "size");
        const hole = open.nextHole!(0);
        const data = open.nextData!(hole) ?? -1;
        assert(hole >= 50_001 && hole < 60_000, `hole at ${hole}`);
        assert(data > 140_000 && data <= 150_001, `data at ${data}`);
        equal(before - open.allocated!(), data - hole, "bytes given back");
        equal([open.nextData!(0), open.nextHole!(data)], [0, 200_000], "data at the start, and the end");
        await open.truncate(1_000_000);
        const end = open.nextHole!(data);
        assert(end >= 200_000 && end < 210_000, `hole at ${end}, behind what was the end`);
        equal([open.nextData!(end), open.nextHole!(999_999)], [undefined, 999_999], "nothing but a hole behind it");
        await open.write(500_000, [new Uint8Array(1)]);
        assert((open.nextData!(end) ?? Infinity) <= 500_000, "a zero that is written is no data");
        await open.truncate(200_000);
      }
      sameBytes(await readAll(open), bytes, "bytes");
      await open.close();
      const again = await (await fileIn(root, "file")).open(false);
      sameBytes(await readAll(again), bytes, "bytes in the store");
      await again.close();
    },
  },
  {
    name: "a file that is only emptied is empty",
    run: async ({ root }) => {
      await put(root, "file", "0123456789");
      const open = await (await fileIn(root, "file")).open(true);
      await open.truncate(0);
      await open.close();
      equal((await (await fileIn(root, "file")).stat()).size, 0, "size");
    },
  },
  {
    name: "megabytes, request by request",
    run: async ({ root }) => {
      const bytes = pattern(3_000_001);
      const open = await (await root.createFile("file")).open(true);
      for (let at = 0; at < bytes.length; at += REQUEST) {
        const request = bytes.subarray(at, at + REQUEST);
        const views = [];
        for (let page = 0; page < request.length; page += 4096) views.push(request.subarray(page, page + 4096));
        await open.write(at, views);
      }
      await open.close();
      const again = await (await fileIn(root, "file")).open(false);
      equal(again.size(), bytes.length, "size");
      for (let at = 0; at < bytes.length; at += REQUEST) {
        sameBytes(await readAt(again, at, REQUEST), bytes.subarray(at, at + REQUEST), `at ${at}`);
      }
      // as the guest's read-ahead asks: several requests on their way, and not in order
      const starts = [5, 4, 9, 1, 20].map((index) => index * 100_000);
      const parts = await Promise.all(starts.map((at) => readAt(again, at, REQUEST)));
      parts.forEach((part, i) => sameBytes(part, bytes.subarray(starts[i], starts[i]! + REQUEST), `part ${i}`));
      await again.close();
    },
  },
  {
    name: "a byte in the middle of a file changes nothing else",
    run: async ({ root }) => {
      const bytes = pattern(700_000);
      await put(root, "file", bytes);
      const open = await (await fileIn(root, "file")).open(true);
      await open.write(333_333, [text("X")]);
      await open.close();
      bytes[333_333] = 88;
      const again = await (await fileIn(root, "file")).open(false);
      sameBytes(await readAll(again), bytes, "bytes");
      await again.close();
    },
  },
  {
    name: "flush leaves nothing unsaved, and stat is right after it",
    run: async ({ root }) => {
      const file = await root.createFile("file");
      const open = await file.open(true);
      await open.write(0, [text("content")]);
      await open.flush();
      equal(open.unsaved(), 0, "unsaved");
      equal((await (await fileIn(root, "file")).stat()).size, 7, "size");
      await open.write(7, [text(" and more")]);
      await open.flush();
      await open.close();
      equal(await contentOf(root, "file"), "content and more", "content");
    },
  },
  {
    name: "what is written during a flush is not lost",
    run: async ({ root }) => {
      const bytes = pattern(500_000);
      const open = await (await root.createFile("file")).open(true);
      await open.write(0, [bytes]);
      const flushes: Promise<void>[] = [];
      for (let i = 0; i < 20; i++) {
        flushes.push(Promise.resolve(open.flush()));
        bytes[i * 1000] = i;
        await open.write(i * 1000, [bytes.subarray(i * 1000, i * 1000 + 1)]);
      }
      await Promise.all(flushes);
      await open.close();
      const again = await (await fileIn(root, "file")).open(false);
      sameBytes(await readAll(again), bytes, "bytes");
      await again.close();
    },
  },
  {
    name: "a file that is not open for writing is not written",
    run: async ({ root }) => {
      await put(root, "file", "content");
      const open = await (await fileIn(root, "file")).open(false);
      if (!open.writable) await fails(Errno.EBADF, async () => open.write(0, [text("x")]), "write");
      if (!open.writable) await fails(Errno.EBADF, async () => open.truncate(0), "truncate");
      await open.close();
      equal(await contentOf(root, "file"), "content", "content");
    },
  },
  {
    name: "sync brings everything to the store",
    run: async (store) => {
      const open = await (await store.root.createFile("open")).open(true);
      await open.write(0, [text("content")]);
      await put(store.root, "closed", "content");
      await store.sync();
      equal(open.unsaved(), 0, "unsaved");
      await open.close();
      const before = Date.now();
      const { lastModified } = await (await fileIn(store.root, "open")).stat();
      assert(Math.abs(lastModified - before) < 10_000, `lastModified ${lastModified}`);
    },
  },
];
