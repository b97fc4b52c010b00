import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { checkName, decodeName } from "../posix/name.js";
import type { Layout, Of } from "../wire/struct.js";
import type { Caller } from "../fs/file-system.js";
import { FUSE_IOCTL, FUSE_WRITE, fuse_in_header, fuse_out_header } from "./fuse.js";
import type { FuseMessage } from "./message.js";

// Enough for the largest request that is parsed whole: SETXATTR with a name and XATTR_SIZE_MAX (64 KiB) bytes of value.
const ARGUMENTS_MAX = 66 * 1024;
// Copied first: the header and the arguments of most requests; of WRITE all but its payload, of IOCTL all that has a meaning.
const HEAD_SIZE = 128;
const EXTENSION_UNIT = 8;

/** Where requests are copied before they are parsed, so that the guest cannot change what was checked. One for a server. */
export class RequestBuffer {
  readonly bytes = new Uint8Array(ARGUMENTS_MAX);
  readonly view = new DataView(this.bytes.buffer);
  readonly #head = this.bytes.subarray(0, HEAD_SIZE);

  /** The request in `message`, or undefined where there is not even a header. */
  read(message: FuseMessage): Request | undefined {
    if (message.copyIn(0, this.#head) < fuse_in_header.size) return undefined;
    return new Request(message, this);
  }

  /** Copies what `read` left, up to `end`. */
  fill(message: FuseMessage, end: number): void {
    if (end > HEAD_SIZE) message.copyIn(HEAD_SIZE, this.bytes.subarray(HEAD_SIZE, end));
  }
}

/**
 * A request and a cursor over its arguments. The arguments are in the shared buffer: they are there until the call that
 * handles the request returns.
 */
export class Request {
  readonly header: Of<typeof fuse_in_header>;
  /** `unique` in two exact halves: as a number it may be rounded. */
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
  #at = fuse_in_header.size;
  #end = 0;

  constructor(
    readonly message: FuseMessage,
    private readonly buffer: RequestBuffer,
  ) {
    this.header = fuse_in_header.read(buffer.view, 0);
    this.uniqueLow = buffer.view.getUint32(fuse_in_header.offsets.unique, true);
    this.uniqueHigh = buffer.view.getUint32(fuse_in_header.offsets.unique + 4, true);
  }

  get nodeid(): number {
    return this.header.nodeid;
  }

  get caller(): Caller {
    const { uid, gid, pid } = this.header;
    return { uid, gid, pid };
  }

  /** Bytes that a reply may have after its header. */
  get room(): number {
    return this.message.writableLength - fuse_out_header.size;
  }

  /** Checks the header's lengths against the message's and copies the arguments. EINVAL where they do not agree. */
  open(): void {
    const { len, total_extlen, opcode } = this.header;
    const end = len - total_extlen * EXTENSION_UNIT;
    if (len !== this.message.readableLength || end < fuse_in_header.size) throw new FsError(Errno.EINVAL, "lengths");
    this.#end = end;
    if (opcode === FUSE_WRITE || opcode === FUSE_IOCTL) return;
    if (end > ARGUMENTS_MAX) throw new FsError(Errno.EINVAL, "too many arguments");
    this.buffer.fill(this.message, end);
  }

  /** The struct at the cursor. With `size`, one whose first `size` bytes alone are sent for sure: the rest is zeros then. */
  struct<T>(layout: Layout<T>, size = layout.size): T {
    const at = this.#at;
    if (at + size > this.#end) throw new FsError(Errno.EINVAL, "arguments too short");
    const next = Math.min(at + layout.size, this.#end);
    if (next < at + layout.size) this.buffer.bytes.fill(0, next, at + layout.size);
    this.#at = next;
    return layout.read(this.buffer.view, at);
  }

  /** The NUL-terminated name of a directory entry at the cursor, checked. */
  name(): string {
    const name = this.text();
    checkName(name);
    return name;
  }

  /** The NUL-terminated bytes at the cursor, as `posix/name.ts` decodes them. */
  text(): string {
    const [start, end] = this.#terminated();
    return decodeName(this.buffer.bytes, start, end);
  }

  /** A copy of the NUL-terminated bytes at the cursor, without the NUL. */
  textBytes(): Uint8Array {
    const [start, end] = this.#terminated();
    return this.buffer.bytes.slice(start, end);
  }

  /** A copy of the last `size` bytes of the request, which must start at the cursor. */
  value(size: number): Uint8Array {
    if (this.#at + size !== this.#end) throw new FsError(Errno.EINVAL, "size of the value");
    return this.buffer.bytes.slice(this.#at, this.#end);
  }

  /** Views of the last `size` bytes of the request in guest memory, which must start at the cursor. */
  payload(size: number): Uint8Array[] {
    if (this.#at + size !== this.#end) throw new FsError(Errno.EINVAL, "size of the payload");
    return this.message.readableViews(this.#at, size);
  }

  /** Where the bytes at the cursor begin, and where their NUL is; the cursor goes behind it. */
  #terminated(): [start: number, end: number] {
    const start = this.#at;
    const end = this.buffer.bytes.indexOf(0, start);
    if (end < 0 || end >= this.#end) throw new FsError(Errno.EINVAL, "text without an end");
    this.#at = end + 1;
    return [start, end];
  }
}
