import { joined } from "../../fs/bytes.js";
import type { Random } from "../../fs/testing/random.js";
import { encodeName } from "../../posix/name.js";
import { type Struct, u32, u64 } from "../../wire/struct.js";
import * as fuse from "../fuse.js";
import { operations } from "../operations.js";
import type { SeedRequest } from "./corpus.js";

const { fuse_in_header } = fuse;
const HEADER = fuse_in_header.size;
const OPCODES = Object.keys(operations).map(Number);
/** Numbers of 64 bits, low half first, at which something changes. */
const LIMITS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [4095, 0],
  [4096, 0],
  [0x7fffffff, 0],
  [0x80000000, 0],
  [0xffffffff, 0],
  [0, 1],
  [0xffffffff, 0x1fffff],
  [0, 0x200000],
  [1, 0x200000],
  [0xffffffff, 0x7fffffff],
  [0, 0x80000000],
  [0xffffffff, 0xffffffff],
];
const NAMES = [
  "",
  ".",
  "..",
  "a/b",
  "a",
  "hello.txt",
  "x".repeat(255),
  "x".repeat(256),
  "ü".repeat(200),
  "user.",
  "user.a",
]
  .concat("y".repeat(5000), "trusted.b", "system.posix_acl_access", "\udcff\udc80")
  .map(encodeName);
const NODE_FIELDS = new Set(["nodeid", "newdir", "oldnodeid", "nodeid_out"]);
const HANDLE_FIELDS = new Set(["fh", "fh_in", "fh_out"]);
const ROOMS = [0, 8, 15, 16, 17, 24, 32, 80, 120, 144, 160, 304, 4112, 70_000];

/** Makes requests out of real ones: most nearly right, so that they get far before they fail. */
export class Mutator {
  /** Nodes and handles that a server gave away: requests about them get furthest. */
  readonly known = { nodes: [1], handles: [0] };

  constructor(
    private readonly random: Random,
    private readonly seeds: readonly SeedRequest[],
  ) {}

  /** Its `unique` is any number of 64 bits. */
  next(): SeedRequest {
    const { random } = this;
    if (random.below(40) === 0) return { bytes: random.bytes(random.below(300)), room: random.pick(ROOMS) };
    let { bytes, room } = random.pick(this.seeds);
    bytes = bytes.slice();
    if (random.below(4)) setNumber(bytes, fuse_in_header.offsets.nodeid, [random.pick(this.known.nodes), 0]);
    for (let count = random.pick([0, 1, 1, 1, 2, 3]); count > 0; count--) bytes = this.#mutate(bytes);
    if (bytes.length >= HEADER) {
      const { offsets } = fuse_in_header;
      if (random.below(8)) new DataView(bytes.buffer).setUint32(offsets.len, bytes.length, true);
      bytes.set(random.bytes(8), offsets.unique);
    }
    if (random.below(10) === 0) room = random.pick([random.pick(ROOMS), random.below(room + 1)]);
    return { bytes, room };
  }

  /** Cuts `bytes` at up to three places. */
  split(bytes: Uint8Array): Uint8Array[] {
    return this.cuts(bytes.length).map(([start, end]) => bytes.subarray(start, end));
  }

  /** Sizes of segments that have `room` bytes. */
  rooms(room: number): number[] {
    return this.cuts(room).map(([start, end]) => end - start);
  }

  private cuts(length: number): [start: number, end: number][] {
    const { random } = this;
    const ends = Array.from({ length: random.below(4) }, () => random.below(length + 1)).sort((a, b) => a - b);
    return [...ends, length].map((end, i): [number, number] => [ends[i - 1] ?? 0, end]);
  }

  #mutate(bytes: Uint8Array): Uint8Array {
    const { random } = this;
    if (bytes.length < HEADER) return bytes;
    const mutations = [
      () => this.#setField(bytes, fuse_in_header, 0),
      () => this.#setArgument(bytes),
      () => this.#setArgument(bytes),
      () => this.#setArgument(bytes),
      () => this.#replaceText(bytes),
      () => this.#replaceText(bytes),
      () => setNumber(bytes, fuse_in_header.offsets.opcode, [random.pick(OPCODES)]),
      () => bytes.slice(0, random.below(bytes.length + 1)),
      () => joined([bytes, random.bytes(random.below(100))]),
      () => {
        bytes[random.below(bytes.length)] = random.below(256);
        return bytes;
      },
      () => bytes.fill(0x61, HEADER + random.below(bytes.length - HEADER + 1)),
    ];
    return random.pick(mutations)();
  }

  #setArgument(bytes: Uint8Array): Uint8Array {
    const { input } = operations[fuse_in_header.decode(bytes).opcode] ?? {};
    if (input === undefined || bytes.length < HEADER + input.size) return bytes;
    return this.#setField(bytes, input as Struct<Record<string, never>>, HEADER);
  }

  #setField(bytes: Uint8Array, struct: Struct<unknown>, at: number): Uint8Array {
    const { random } = this;
    const offsets: [name: string, offset: number][] = Object.entries(struct.offsets);
    const field = random.below(offsets.length);
    const [name, offset] = offsets[field]!;
    const width = (offsets[field + 1]?.[1] ?? struct.size) - offset;
    const [low, high] = random.below(2) ? [random.below(20), 0] : random.pick(LIMITS);
    const known = NODE_FIELDS.has(name) ? this.known.nodes : HANDLE_FIELDS.has(name) ? this.known.handles : [];
    if (known.length > 0 && random.below(4)) return setNumber(bytes, at + offset, [random.pick(known), 0]);
    const near = (low + random.pick([0, 0, 1, -1])) >>> 0;
    if (width === u64.size) return setNumber(bytes, at + offset, [near, high]);
    if (width === u32.size) return setNumber(bytes, at + offset, [near]);
    return bytes.fill(random.below(256), at + offset, at + offset + width);
  }

  /** Other names, or attributes, or what a value of theirs is called, in place of what follows the struct. */
  #replaceText(bytes: Uint8Array): Uint8Array {
    const { random } = this;
    const { input, inputSize } = operations[fuse_in_header.decode(bytes).opcode] ?? {};
    const head = bytes.slice(0, HEADER + (inputSize ?? input?.size ?? 0));
    const names = Array.from({ length: 1 + random.below(2) }, () => random.pick(NAMES));
    const ends = names.map(() => (random.below(8) ? Uint8Array.of(0) : new Uint8Array(0)));
    return joined([head, ...names.flatMap((name, i) => [name, ends[i]!])]);
  }
}

function setNumber(bytes: Uint8Array, at: number, halves: readonly number[]): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  halves.forEach((half, i) => at + 4 * i + 4 <= bytes.length && view.setUint32(at + 4 * i, half, true));
  return bytes;
}
