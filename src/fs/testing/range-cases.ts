import { ReplyError } from "../../fuse/testing/kernel-double.js";
import { Errno } from "../../posix/errno.js";
import {
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_ZERO_RANGE,
} from "../../posix/fallocate-flags.js";
import { SEEK_DATA, SEEK_HOLE } from "../../posix/seek.js";
import { equal, fails, isTrue } from "./check.js";
import type { ConformanceCase } from "./conformance.js";
import type { Guest, GuestFile } from "./guest.js";
import { Random } from "./random.js";

const PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
const MEBIBYTE = 2 ** 20;
const FAR = 5 * 2 ** 30;

export const rangeCases: readonly ConformanceCase[] = [
  {
    name: "a punched range reads as zeros, and the rest and the size stay",
    async run({ guest, reload }) {
      const content = new Random(1).bytes(50_000);
      await guest.put("file", content);
      const second = await reload();
      const file = await second.open("file");
      await fallocate(second, file, PUNCH, 5000, 20_000);
      content.fill(0, 5000, 25_000);
      equal(await second.bytes("file"), content, "content");
      await fallocate(second, file, PUNCH, 40_000, 1e15);
      content.fill(0, 40_000);
      equal(await second.bytes("file"), content, "content, punched across the end");
      await fallocate(second, file, PUNCH, 60_000, 1e15);
      equal((await second.stat("file")).size, 50_000, "size");
      await second.close(file);
      equal(await (await reload()).bytes("file"), content, "content after a reload");
    },
  },
  {
    name: "a range of zeros extends the file unless the size is kept",
    async run({ guest, reload }) {
      const file = await guest.create("file");
      const content = new Random(2).bytes(30_000);
      await guest.write(file, 0, content);
      await fallocate(guest, file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 20_000, 40_000);
      content.fill(0, 20_000);
      equal(await guest.bytes("file"), content, "content");
      await fallocate(guest, file, FALLOC_FL_ZERO_RANGE, 10_000, 50_000);
      const longer = resized(content, 60_000).fill(0, 10_000);
      equal(await guest.bytes("file"), longer, "content, extended");
      await guest.close(file);
      equal(await (await reload()).bytes("file"), longer, "content after a reload");
    },
  },
  {
    name: "room is made for a file, which extends it unless the size is kept",
    async run({ guest, reload }) {
      const file = await guest.create("file");
      await guest.write(file, 0, "0123456789");
      await fallocate(guest, file, FALLOC_FL_KEEP_SIZE, 0, 100_000);
      equal((await guest.stat("file")).size, 10, "size, kept");
      await fallocate(guest, file, 0, 5, 20);
      equal(await guest.text("file"), "0123456789" + "\0".repeat(15), "content");
      await fallocate(guest, file, 0, 0, 5);
      await guest.close(file);
      equal(await (await reload()).text("file"), "0123456789" + "\0".repeat(15), "content after a reload");
    },
  },
  {
    name: "room that the store does not have is refused",
    async run({ guest }) {
      const file = await guest.create("file");
      const { bavail, bsize } = await guest.kernel.statfs(1);
      const much = (bavail + 2 ** 20) * bsize;
      await fails(Errno.ENOSPC, fallocate(guest, file, 0, 0, much), "with the size");
      await fails(Errno.ENOSPC, fallocate(guest, file, FALLOC_FL_KEEP_SIZE, 0, much), "without");
      equal((await guest.stat("file")).size, 0, "size");
      await guest.close(file);
    },
  },
  {
    name: "modes and ranges that are not kept are refused",
    async run({ guest }) {
      await guest.put("file", "content");
      const file = await guest.open("file");
      for (const mode of [
        FALLOC_FL_PUNCH_HOLE,
        FALLOC_FL_COLLAPSE_RANGE,
        FALLOC_FL_INSERT_RANGE,
        FALLOC_FL_UNSHARE_RANGE,
        PUNCH | FALLOC_FL_ZERO_RANGE,
        2 ** 20,
      ]) {
        await fails(Errno.EOPNOTSUPP, fallocate(guest, file, mode, 0, 4096), `mode ${mode}`);
      }
      await fails(Errno.EINVAL, fallocate(guest, file, 0, 0, 0), "no length");
      await fails(Errno.EFBIG, fallocate(guest, file, 0, Number.MAX_SAFE_INTEGER, 4096), "too far");
      equal(await guest.text("file"), "content", "content");
      await guest.close(file);
    },
  },
  {
    name: "mtime and ctime move with each of them",
    async run({ guest, elapse }) {
      await guest.put("source", "source");
      const [source, file] = [await guest.open("source"), await guest.create("file")];
      const steps = [
        () => fallocate(guest, file, 0, 0, 100),
        () => fallocate(guest, file, PUNCH, 0, 50),
        () => fallocate(guest, file, FALLOC_FL_ZERO_RANGE, 0, 200),
        () => copy(guest, source, 0, file, 0, 6),
      ];
      for (const [i, step] of steps.entries()) {
        const before = await guest.stat("file");
        await elapse(20);
        await step();
        const after = await guest.stat("file");
        isTrue(timeOf(after) > timeOf(before), `mtime stands still at step ${i}`);
        equal([after.ctime, after.ctimensec], [after.mtime, after.mtimensec], `ctime of step ${i}`);
      }
      await guest.close(source);
      await guest.close(file);
    },
  },
  {
    name: "data and holes are found, and nothing at the end",
    async run({ guest, reload }) {
      const file = await guest.create("file");
      await guest.write(file, 300_000, "data");
      await guest.truncate("file", 600_000);
      await guest.close(file);
      await findData(guest, "at once");
      await guest.kernel.syncfs(1);
      await findData(guest, "after a sync");
      await findData(await reload(), "after a reload");
    },
  },
  {
    name: "an empty file has neither data nor holes",
    async run({ guest }) {
      const file = await guest.create("file");
      await fails(Errno.ENXIO, seek(guest, file, 0, SEEK_DATA), "data");
      await fails(Errno.ENXIO, seek(guest, file, 0, SEEK_HOLE), "a hole");
      await guest.close(file);
    },
  },
  {
    name: "a file is copied into another, piece by piece",
    async run({ guest, reload }) {
      const content = new Random(3).bytes(3 * MEBIBYTE + 17);
      await guest.put("source", content);
      const second = await reload();
      const [source, target] = [await second.open("source"), await second.create("target")];
      equal(await copy(second, source, 0, target, 1000, 2 ** 31 - 4096), content.length, "bytes copied");
      const expected = resized(new Uint8Array(0), content.length + 1000);
      expected.set(content, 1000);
      equal(await second.bytes("target"), expected, "content");
      equal(await copy(second, source, content.length - 7, target, 0, 100), 7, "bytes to the end of the source");
      equal(await copy(second, source, content.length, target, 0, 100), 0, "bytes at the end of the source");
      equal(await copy(second, source, FAR, target, 0, 100), 0, "bytes past the end of the source");
      expected.set(content.subarray(-7));
      await second.close(source);
      await second.close(target);
      equal(await (await reload()).bytes("target"), expected, "content after a reload");
    },
  },
  {
    name: "a file is copied within itself, but not over what is copied",
    async run({ guest }) {
      const file = await guest.create("file");
      await guest.write(file, 0, "0123456789");
      equal(await copy(guest, file, 0, file, 10, 10), 10, "bytes copied to the end");
      equal(await copy(guest, file, 12, file, 2, 3), 3, "bytes copied to the start");
      equal(await guest.text("file"), "01234567890123456789", "content");
      await fails(Errno.EINVAL, copy(guest, file, 0, file, 5, 10), "ranges that overlap");
      await fails(Errno.EINVAL, copy(guest, file, 5, file, 5, 10), "a range onto itself");
      await guest.close(file);
    },
  },
  {
    name: "copies of files that are closed, open and renamed meanwhile, all at once",
    async run({ guest, reload }) {
      const content = new Random(4).bytes(20_000);
      for (let i = 0; i < 24; i++) await guest.put(`s${i}`, content.subarray(i));
      const second = await reload();
      const copies = Array.from({ length: 24 }, async (_, i) => {
        const [source, target] = [await second.open(`s${i}`), await second.create(`t${i}`)];
        const copied = copy(second, source, 0, target, 0, 2 ** 20);
        const renamed = second.rename(`s${i}`, `r${i}`);
        equal(await copied, content.length - i, `bytes of ${i}`);
        await renamed;
        await second.close(source);
        await second.close(target);
      });
      await Promise.all(copies);
      const third = await reload();
      for (let i = 0; i < 24; i++) equal(await third.bytes(`t${i}`), content.subarray(i), `content of ${i}`);
    },
  },
  {
    name: "what was cut off does not come back",
    async run({ guest, reload }) {
      const content = new Random(5).bytes(200_000);
      await guest.put("file", content);
      for (const size of [150_000, 200_000, 100, 180_000]) await guest.truncate("file", size);
      const expected = resized(content.subarray(0, 100), 180_000);
      equal(await guest.bytes("file"), expected, "content");
      const second = await reload();
      equal(await second.bytes("file"), expected, "content after a reload");
      for (const size of [50, 150_000]) await second.truncate("file", size);
      const file = await second.open("file");
      await second.write(file, 160_000, Uint8Array.of(1, 2, 3));
      await second.close(file);
      const cut = resized(content.subarray(0, 50), 160_003);
      cut.set([1, 2, 3], 160_000);
      equal(await second.bytes("file"), cut, "content, cut again");
      equal(await (await reload()).bytes("file"), cut, "content after a reload, cut again");
    },
  },
  {
    name: "random ranges agree with arrays",
    async run({ guest, reload }) {
      const random = new Random(6);
      const models = new Map([
        ["a", new Uint8Array(0)],
        ["b", new Uint8Array(0)],
      ]);
      for (const name of models.keys()) await guest.put(name, "");
      let at = guest;
      for (let step = 0; step < 150; step++) {
        if (step % 50 === 49) at = await reload();
        const [name, other] = random.below(2) === 0 ? ["a", "b"] : ["b", "a"];
        await stepOn(at, random, models, name, other);
      }
      for (const [name, model] of models) equal(await at.bytes(name), model, name);
      const last = await reload();
      for (const [name, model] of models) equal(await last.bytes(name), model, `${name} after a reload`);
    },
  },
];

/** In a file of 600,000 bytes with four at 300,000. */
async function findData(guest: Guest, when: string): Promise<void> {
  const file = await guest.open("file");
  const holes = await holesOf(guest, file, 600_000);
  isTrue(!holes.some(([from, to]) => from < 300_004 && to > 300_000), `data in a hole, ${when}`);
  await fails(Errno.ENXIO, seek(guest, file, 600_000, SEEK_DATA), `data at the end, ${when}`);
  await fails(Errno.ENXIO, seek(guest, file, 600_000, SEEK_HOLE), `a hole at the end, ${when}`);
  await fails(Errno.ENXIO, seek(guest, file, FAR, SEEK_HOLE), `a hole past the end, ${when}`);
  equal(await seek(guest, file, 300_002, SEEK_DATA), 300_002, `within data, ${when}`);
  await guest.close(file);
}

/** One random change of a file, and of its model. */
async function stepOn(
  guest: Guest,
  random: Random,
  models: Map<string, Uint8Array>,
  name: string,
  other: string,
): Promise<void> {
  const model = models.get(name)!;
  const [offset, length] = [random.below(60_000), 1 + random.below(20_000)];
  const end = offset + length;
  const file = await guest.open(name);
  const steps: (() => Promise<Uint8Array>)[] = [
    async () => {
      const bytes = random.bytes(length);
      await guest.write(file, offset, bytes);
      return overwritten(model, offset, bytes);
    },
    async () => {
      await guest.truncate(name, offset);
      return resized(model, offset);
    },
    async () => {
      await fallocate(guest, file, PUNCH, offset, length);
      return resized(model, model.length).fill(0, offset, end);
    },
    async () => {
      await fallocate(guest, file, FALLOC_FL_ZERO_RANGE, offset, length);
      return resized(model, Math.max(model.length, end)).fill(0, offset, end);
    },
    async () => {
      await fallocate(guest, file, 0, offset, length);
      return resized(model, Math.max(model.length, end));
    },
    async () => {
      const source = await guest.open(other);
      const from = random.below(60_000);
      const bytes = models.get(other)!.subarray(from, from + length);
      equal(await copy(guest, source, from, file, offset, length), bytes.length, "bytes copied");
      await guest.close(source);
      return overwritten(model, offset, bytes);
    },
    async () => {
      for (const [from, to] of await holesOf(guest, file, model.length)) {
        const isHole = model.subarray(from, to).every((byte) => byte === 0);
        isTrue(isHole, `a hole from ${from} to ${to} is none`);
      }
      return model;
    },
  ];
  const changed = await random.pick(steps)();
  models.set(name, changed);
  equal((await guest.stat(name)).size, changed.length, "size");
  equal(await guest.read(file, offset, length), changed.subarray(offset, end), `read at ${offset}`);
  await guest.close(file);
}

function fallocate(guest: Guest, file: GuestFile, mode: number, offset: number, length: number): Promise<void> {
  return guest.kernel.fallocate(file.node, file.fh, mode, offset, length);
}

function seek(guest: Guest, file: GuestFile, offset: number, whence: number): Promise<number> {
  return guest.kernel.lseek(file.node, file.fh, offset, whence);
}

function copy(
  guest: Guest,
  source: GuestFile,
  from: number,
  target: GuestFile,
  to: number,
  length: number,
): Promise<number> {
  return guest.kernel.copyFileRange(source.node, {
    fh_in: source.fh,
    off_in: from,
    nodeid_out: target.node,
    fh_out: target.fh,
    off_out: to,
    len: length,
  });
}

/** The holes of a file of that size, as a program walks them. Throws where the answers do not fit. */
async function holesOf(guest: Guest, file: GuestFile, size: number): Promise<[from: number, to: number][]> {
  const holes: [number, number][] = [];
  for (let at = 0; at < size;) {
    const hole = await seek(guest, file, at, SEEK_HOLE);
    isTrue(hole >= at && hole <= size, `a hole at ${hole} after ${at}`);
    if (hole === size) break;
    at = await dataFrom(guest, file, hole, size);
    isTrue(at > hole && at <= size, `data at ${at} after a hole at ${hole}`);
    holes.push([hole, at]);
  }
  return holes;
}

/** Where the next data is; the end where there is none. */
async function dataFrom(guest: Guest, file: GuestFile, offset: number, size: number): Promise<number> {
  try {
    return await seek(guest, file, offset, SEEK_DATA);
  } catch (error) {
    if (error instanceof ReplyError && error.errno === Errno.ENXIO) return size;
    throw error;
  }
}

function overwritten(bytes: Uint8Array, offset: number, by: Uint8Array): Uint8Array {
  if (by.length === 0) return bytes;
  const changed = resized(bytes, Math.max(bytes.length, offset + by.length));
  changed.set(by, offset);
  return changed;
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const changed = new Uint8Array(size);
  changed.set(bytes.subarray(0, size));
  return changed;
}

function timeOf({ mtime, mtimensec }: { mtime: number; mtimensec: number }): number {
  return mtime + mtimensec / 1e9;
}
