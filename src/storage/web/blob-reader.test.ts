import { expect, it } from "vitest";
import { Random } from "../../fs/testing/random.js";
import { FsError } from "../../posix/fs-error.js";
import { BlobReader } from "./blob-reader.js";
import { READ_AHEAD_BYTES, ReadAhead } from "./read-ahead.js";

/** One whose bytes from `from` on are not there any more: the browser rejects, or, as Firefox, gives what is left. */
class Shortened extends Blob {
  constructor(
    content: Uint8Array<ArrayBuffer>,
    private readonly from: number,
    private readonly rejects: boolean,
  ) {
    super([content]);
  }

  override slice(start = 0, end = this.size): Blob {
    const part = super.slice(start, end);
    if (end <= this.from) return part;
    const rest = (): Promise<ArrayBuffer> => super.slice(start, this.from).arrayBuffer();
    const gone = (): Promise<never> => Promise.reject(new DOMException("gone", "NotReadableError"));
    return Object.assign(part, { arrayBuffer: this.rejects ? gone : rest });
  }
}

it.each([true, false])(
  "fails only what cannot be read, not what is read ahead with it (rejects: %s)",
  async (rejects) => {
    const bytes = new Uint8Array(100_000).map((_, i) => i);
    const reader = new BlobReader(new Shortened(bytes, 60_000, rejects), new ReadAhead());
    const read = async (start: number, length: number) => reader.read(start, [new Uint8Array(length)]);
    expect(await read(0, 50_000)).toEqual(bytes.subarray(0, 50_000));
    expect(await read(50_000, 10_000)).toEqual(bytes.subarray(50_000, 60_000));
    await expect(read(60_000, 10_000)).rejects.toBeInstanceOf(FsError);
    await expect(read(50_000, 20_000)).rejects.toThrow();
  },
);

/** Counts what is asked of it; its bytes tell where they are. */
class Counted extends Blob {
  reads = 0;
  streams = 0;

  constructor(
    private readonly length: number,
    private readonly version = 0,
  ) {
    super([]);
  }

  override get size(): number {
    return this.length;
  }

  override slice(start = 0, end = this.length): Blob {
    const part = new Blob([bytesAt(start, Math.min(end, this.length) - start, this.version)]);
    const arrayBuffer = async (): Promise<ArrayBuffer> => {
      this.reads++;
      return Blob.prototype.arrayBuffer.call(part);
    };
    const stream = (): ReadableStream<Uint8Array> => {
      this.streams++;
      let at = start;
      return new ReadableStream({
        pull: (controller) => {
          controller.enqueue(bytesAt(at, Math.min(MIB / 2, end - at), this.version));
          at += MIB / 2;
          if (at >= end) controller.close();
        },
      });
    };
    return Object.assign(part, { arrayBuffer, stream });
  }
}

const MIB = 1 << 20;

/** The number of each 4 KiB in its first bytes. */
function bytesAt(start: number, length: number, version = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = -start & 4095; at + 8 <= length; at += 4096) {
    view.setUint32(at, (start + at) / 4096);
    view.setUint32(at + 4, version);
  }
  return bytes;
}

async function expectRead(reader: BlobReader, start: number, length: number, version = 0): Promise<boolean> {
  const into = [new Uint8Array(length / 2), new Uint8Array(length / 2)];
  const read = reader.read(start, into);
  const bytes = typeof read === "number" ? Buffer.concat(into) : await read;
  expect(Buffer.compare(bytes, bytesAt(start, length, version))).toBe(0);
  return typeof read === "number";
}

it("goes through a file by one stream, of which most is there when it is asked for", async () => {
  const blob = new Counted(64 * MIB);
  const held = new ReadAhead();
  const reader = new BlobReader(blob, held);
  let [late, most] = [0, 0];
  for (let at = 0; at < blob.size; at += MIB / 4) {
    if (!(await expectRead(reader, at, MIB / 4))) late++;
    most = Math.max(most, held.bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([blob.reads, blob.streams]).toEqual([1, 1]);
  expect(late).toBeLessThan(30);
  expect(most).toBeLessThanOrEqual(10 * MIB);
  reader.forget();
  expect(held.bytes).toBe(0);
});

it("begins another stream where a reader goes on elsewhere", async () => {
  const blob = new Counted(64 * MIB);
  const reader = new BlobReader(blob, new ReadAhead());
  for (const from of [0, 40, 20]) {
    for (let at = from * MIB; at < (from + 5) * MIB; at += MIB / 4) await expectRead(reader, at, MIB / 4);
  }
  expect(blob.streams).toBe(3);
});

it("reads by itself what a stream does not give", async () => {
  const blob = new Counted(4 * MIB);
  const slice = blob.slice.bind(blob);
  const stream = () => new ReadableStream({ start: (controller) => controller.error(new Error("no")) });
  blob.slice = (start, end) => Object.assign(slice(start, end), { stream });
  const reader = new BlobReader(blob, new ReadAhead());
  for (let at = 0; at < blob.size; at += MIB / 4) await expectRead(reader, at, MIB / 4);
});

const scattered = (count: number, size: number): number[] => {
  const random = new Random(1);
  return Array.from({ length: count }, () => 4096 * random.below(size / 4096));
};

it("reads windows around scattered reads", async () => {
  const blob = new Counted(64 * MIB);
  const reader = new BlobReader(blob, new ReadAhead());
  for (const at of scattered(1000, blob.size)) await expectRead(reader, at, 4096);
  expect(blob.reads).toBeLessThan(50);
});

it("reads no more than was asked for where a few reads are scattered, and little in a file too large to be held", async () => {
  const [small, large] = [new Counted(64 * MIB), new Counted(1024 * MIB)];
  const held = new ReadAhead();
  const [one, other] = [new BlobReader(small, held), new BlobReader(large, held)];
  for (const at of scattered(3, small.size)) await expectRead(one, at + 4096, 4096);
  expect(held.bytes).toBe(0);
  for (const at of scattered(20, large.size)) await expectRead(other, at, 4096);
  expect(held.bytes).toBeLessThanOrEqual(20 * (128 << 10));
});

it("gives nothing of an earlier version", async () => {
  const reader = new BlobReader(new Counted(8 * MIB), new ReadAhead());
  for (const at of scattered(100, 8 * MIB)) await expectRead(reader, at, 4096);
  const late = expectRead(reader, 4 * MIB, 8192, 1); // whatever is under way
  reader.replace(new Counted(8 * MIB, 1));
  await late.catch(() => {}); // it may have been at hand
  for (const at of scattered(100, 8 * MIB)) await expectRead(reader, at, 4096, 1);
});

it("reads what others' reads left out, and several readers at once, right", async () => {
  const blob = new Counted(16 * MIB);
  const reader = new BlobReader(blob, new ReadAhead());
  const random = new Random(2);
  const reads = Array.from({ length: 300 }, () => {
    const length = 8192 * (1 + random.below(100));
    return expectRead(reader, 4096 * random.below((blob.size - length) / 4096), length);
  });
  await Promise.all(reads);
});

it("begins no more windows than may be held, however many are asked for at once", async () => {
  let [now, most] = [0, 0];
  const held = new ReadAhead();
  const reads = Array.from({ length: 24 }, async (_, i) => {
    const blob = new Counted(64 * MIB);
    const slice = blob.slice.bind(blob);
    blob.slice = (start, end) => {
      const part = slice(start, end);
      const { size } = part;
      const arrayBuffer = part.arrayBuffer.bind(part);
      const measured = async (): Promise<ArrayBuffer> => {
        most = Math.max(most, (now += size));
        const bytes = await arrayBuffer();
        now -= size;
        return bytes;
      };
      return Object.assign(part, { arrayBuffer: measured });
    };
    const reader = new BlobReader(blob, held);
    await Promise.all(scattered(20, blob.size).map((at) => expectRead(reader, (at + i * 4096) % blob.size, 4096)));
  });
  await Promise.all(reads);
  expect(most).toBeGreaterThan(READ_AHEAD_BYTES / 2);
  expect(most).toBeLessThan(READ_AHEAD_BYTES + 24 * 20 * 4096);
  expect(held.bytes).toBeLessThanOrEqual(READ_AHEAD_BYTES);
  expect(held.comes(READ_AHEAD_BYTES)).toBe(true); // none is under way
});
