import { O_TRUNC, O_WRONLY } from "../../posix/open-flags.js";
import { equal, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import { Random } from "./random.js";

const FAR = 5 * 2 ** 30;

export const contentCases: readonly ConformanceCase[] = [
  {
    name: "a new file is empty",
    async run({ guest }) {
      await guest.put("empty", "");
      equal((await guest.stat("empty")).size, 0, "size");
      equal(await guest.text("empty"), "", "content");
    },
  },
  {
    name: "what was written is read, at once",
    async run({ guest }) {
      const file = await guest.create("file");
      await guest.write(file, 0, "hello");
      equal(await guest.read(file), ascii("hello"), "content");
      equal((await guest.stat("file")).size, 5, "size");
      await guest.close(file);
    },
  },
  {
    name: "overwriting changes only what it covers",
    async run({ guest }) {
      await guest.put("file", "0123456789");
      const file = await guest.open("file");
      await guest.write(file, 3, "abc");
      equal(await guest.text("file"), "012abc6789", "content");
      await guest.close(file);
    },
  },
  {
    name: "appending extends",
    async run({ guest, reload }) {
      await guest.put("log", "one\n");
      for (const line of ["two\n", "three\n"]) {
        const file = await guest.open("log");
        await guest.write(file, (await guest.stat("log")).size, line);
        await guest.close(file);
      }
      equal(await guest.text("log"), "one\ntwo\nthree\n", "content");
      equal(await (await reload()).text("log"), "one\ntwo\nthree\n", "content after a reload");
    },
  },
  {
    name: "reading stops at the end of the file",
    async run({ guest }) {
      await guest.put("file", "abc");
      const file = await guest.open("file");
      equal((await guest.read(file, 2, 100)).length, 1, "bytes across the end");
      equal((await guest.read(file, 3, 100)).length, 0, "bytes at the end");
      equal((await guest.read(file, 1000, 100)).length, 0, "bytes past the end");
      await guest.close(file);
    },
  },
  {
    name: "a gap reads as zeros",
    async run({ guest, reload }) {
      const file = await guest.create("sparse");
      await guest.write(file, 100_000, "end");
      equal((await guest.stat("sparse")).size, 100_003, "size");
      isTrue(
        (await guest.read(file, 0, 100_000)).every((byte) => byte === 0),
        "the gap is not zeros",
      );
      await guest.close(file);
      const again = await (await reload()).bytes("sparse");
      equal(again.length, 100_003, "size after a reload");
      isTrue(
        again.subarray(0, 100_000).every((byte) => byte === 0),
        "the gap is not zeros after a reload",
      );
    },
  },
  {
    name: "truncating cuts, and extending fills with zeros",
    async run({ guest, reload }) {
      await guest.put("file", "0123456789");
      await guest.truncate("file", 4);
      equal(await guest.text("file"), "0123", "cut");
      await guest.truncate("file", 6);
      equal(await guest.text("file"), "0123\0\0", "extended");
      await guest.truncate("file", 0);
      equal(await guest.text("file"), "", "emptied");
      await guest.truncate("file", 2);
      const again = await reload();
      equal(await again.text("file"), "\0\0", "after a reload");
    },
  },
  {
    name: "a file of the store is emptied and written anew",
    async run({ guest, reload }) {
      await guest.put("file", "a long content that goes");
      const second = await reload();
      await second.truncate("file", 0);
      equal((await second.stat("file")).size, 0, "size");
      const file = await second.open("file");
      await second.write(file, 0, "short");
      equal(await second.text("file"), "short", "content");
      await second.close(file);
      equal(await (await reload()).text("file"), "short", "content after a reload");
    },
  },
  {
    name: "O_TRUNC at create and open empties",
    async run({ guest }) {
      await guest.put("file", "content");
      await guest.close(await guest.create("file", O_WRONLY | O_TRUNC));
      equal((await guest.stat("file")).size, 0, "size");
    },
  },
  {
    name: "a file of the store is read in ranges, in any order",
    async run({ guest, reload }) {
      const content = new Random(1).bytes(300_000);
      await guest.put("file", content);
      const second = await reload();
      const file = await second.open("file");
      const random = new Random(2);
      for (let i = 0; i < 20; i++) {
        const [offset, size] = [random.below(300_000), random.below(50_000)];
        equal(await second.read(file, offset, size), content.subarray(offset, offset + size), `at ${offset}`);
      }
      await second.close(file);
    },
  },
  {
    name: "a few megabytes survive a reload",
    async run({ guest, reload }) {
      const content = new Random(3).bytes(3 * 2 ** 20 + 17);
      await guest.put("big", content);
      equal(await (await reload()).bytes("big"), content, "content");
    },
  },
  {
    name: "offsets past 4 GiB",
    async run({ guest, reload }) {
      const file = await guest.create("far");
      await guest.write(file, FAR, "far");
      equal((await guest.stat("far")).size, FAR + 3, "size");
      equal(await guest.read(file, FAR - 1, 10), ascii("\0far"), "content");
      await guest.close(file);
      equal((await (await reload()).stat("far")).size, FAR + 3, "size after a reload");
    },
  },
];

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
