import { joined } from "../../fs/bytes.js";
import { errnoName } from "../../posix/errno.js";
import type { Struct } from "../../wire/struct.js";
import * as fuse from "../fuse.js";
import type { FuseMessage } from "../message.js";
import { MessageDouble } from "./message-double.js";

/** What the kernel talks to: a FuseServer, or whatever passes messages on to one. */
export interface Server {
  handle(message: FuseMessage): void;
}

/** An error reply. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";

  constructor(
    operation: string,
    /** Linux error number, positive. */
    readonly errno: number,
  ) {
    super(`${operation}: ${errnoName(errno)}`);
  }
}

const PAGE_SIZE = 4096;
const ERRNO_MAX = 511;
const NOBODY = { uid: 0, gid: 0, pid: 0 };
/** What the kernel sends in nobody's name. */
const OWN_REQUESTS = new Set([
  fuse.FUSE_INIT,
  fuse.FUSE_DESTROY,
  fuse.FUSE_FORGET,
  fuse.FUSE_BATCH_FORGET,
  fuse.FUSE_RELEASE,
  fuse.FUSE_RELEASEDIR,
]);

/**
 * Sends requests as Linux's virtio-fs driver lays them out (header, arguments, pages), and checks what every reply must have. An
 * error reply is thrown as a {@link ReplyError}; a reply that Linux would misread (wrong `unique`, wrong length) as a plain Error.
 */
export class KernelChannel {
  /** Who asks. */
  caller = { uid: 1000, gid: 1000, pid: 42 };
  /** True when the last request was answered before `handle` returned. */
  answeredAtOnce = false;
  #unique = 0;

  constructor(private readonly server: Server) {}

  /** `payload`: what WRITE carries, in pages. */
  protected async struct<M>(
    opcode: number,
    nodeid: number,
    input: readonly Uint8Array[],
    out: Struct<M>,
    payload?: Uint8Array,
  ) {
    return out.decode(exactly(await this.send(opcode, nodeid, input, [out.size], payload), out.size));
  }

  protected async empty(opcode: number, nodeid: number, input: readonly Uint8Array[]): Promise<void> {
    exactly(await this.send(opcode, nodeid, input, []), 0);
  }

  protected async bytes(opcode: number, nodeid: number, input: readonly Uint8Array[], size: number, paged = false) {
    return this.send(opcode, nodeid, input, paged ? pages(size) : [size]);
  }

  protected async sized(
    opcode: number,
    nodeid: number,
    input: readonly Uint8Array[],
    size: number,
  ): Promise<Uint8Array> {
    if (size > 0) return this.bytes(opcode, nodeid, input, size);
    return new Uint8Array((await this.struct(opcode, nodeid, input, fuse.fuse_getxattr_out)).size);
  }

  protected async send(
    opcode: number,
    nodeid: number,
    input: readonly Uint8Array[],
    room: readonly number[],
    payload?: Uint8Array,
  ): Promise<Uint8Array> {
    const unique = (this.#unique += 2);
    const message = this.#message(opcode, nodeid, unique, input, [fuse.fuse_out_header.size, ...room], payload);
    this.server.handle(message);
    this.answeredAtOnce = message.written !== undefined;
    message.endTurn();
    const written = await message.completion;
    const reply = message.reply();
    const header = fuse.fuse_out_header.decode(reply);
    if (header.unique !== unique) throw new Error(`reply to ${header.unique}, not ${unique}`);
    if (header.len !== written) throw new Error(`len ${header.len}, but ${written} bytes were given back`);
    if (header.error > 0 || header.error < -ERRNO_MAX) throw new Error(`error ${header.error}`);
    if (header.error === 0) return reply.subarray(fuse.fuse_out_header.size, written);
    if (header.len !== fuse.fuse_out_header.size) throw new Error("an error with a body");
    throw new ReplyError(`opcode ${opcode}`, -header.error);
  }

  /** A request that gets no reply. */
  protected post(opcode: number, nodeid: number, input: readonly Uint8Array[]): void {
    const message = this.#message(opcode, nodeid, (this.#unique += 2), input, []);
    this.server.handle(message);
    if (message.written !== 0) throw new Error("not given back at once");
  }

  #message(
    opcode: number,
    nodeid: number,
    unique: number,
    input: readonly Uint8Array[],
    room: readonly number[],
    payload: Uint8Array = new Uint8Array(0),
  ): MessageDouble {
    const args = joined(input);
    const len = fuse.fuse_in_header.size + args.length + payload.length;
    const caller = OWN_REQUESTS.has(opcode) ? NOBODY : this.caller;
    const header = fuse.fuse_in_header.encode({ len, opcode, unique, nodeid, ...caller });
    const segments = pages(payload.length).map((size, i) => payload.subarray(i * PAGE_SIZE, i * PAGE_SIZE + size));
    return new MessageDouble([header, args, ...segments].filter(isFilled), room.filter(Boolean));
  }
}

/** Sizes of the pages that `size` bytes take. Linux's driver never joins neighbours. */
function pages(size: number): number[] {
  const sizes: number[] = [];
  for (let left = size; left > 0; left -= PAGE_SIZE) sizes.push(Math.min(left, PAGE_SIZE));
  return sizes;
}

function isFilled(segment: Uint8Array): boolean {
  return segment.length > 0;
}

/** Throws unless the reply is as long as Linux takes it to be. */
export function exactly(reply: Uint8Array, size: number): Uint8Array {
  if (reply.length !== size) throw new Error(`a reply of ${reply.length} bytes, not ${size}`);
  return reply;
}
