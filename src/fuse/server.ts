import type { FileSystem } from "../fs/file-system.js";
import { type Awaitable, isPromise } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Of } from "../wire/struct.js";
import {
  FUSE_DESTROY,
  FUSE_INIT,
  FUSE_KERNEL_VERSION,
  FUSE_READ,
  FUSE_WRITE,
  type fuse_init_in,
  fuse_out_header,
} from "./fuse.js";
import type { FuseMessage } from "./message.js";
import type { Operation } from "./operation.js";
import { operations } from "./operations.js";
import { noReply } from "./replies.js";
import { type Request, RequestBuffer } from "./request.js";
import type { FuseServerOptions, TraceEvent } from "./server-options.js";

interface Pending {
  readonly request: Request;
  readonly operation: Operation;
  readonly started: number;
  readonly mount: number;
  timer: unknown;
}

const DEFAULT_TIMEOUT = 120_000;
const REPLY_SIZE_MAX = 512;
const BUGS_MAX = 100;
const UNKNOWN = "unknown";

/**
 * Answers FUSE requests from a file system. Whatever the guest sends, `handle` does not throw, and each message is completed
 * exactly once: at once if the file system has the result at hand, else when its promise settles or the timeout passes.
 */
export class FuseServer {
  readonly #fileSystem: FileSystem;
  readonly #options: FuseServerOptions;
  readonly #buffer = new RequestBuffer();
  readonly #reply = new Uint8Array(REPLY_SIZE_MAX);
  readonly #replyView = new DataView(this.#reply.buffer);
  readonly #pending = new Set<Pending>();
  readonly #requests = new Map<string, number>();
  readonly #bugs = new Set<string>();
  #bytesRead = 0;
  #bytesWritten = 0;
  #mounted = false;
  /** Answered to what is asked before a mount. */
  #unmountedErrno: Errno = Errno.EIO;
  /** Who waits for `#pending` to be empty. */
  #idle: (() => void)[] = [];
  // Counts INITs, DESTROYs and resets: a late result of an earlier mount means nothing to this one.
  #mount = 0;

  constructor(fileSystem: FileSystem, options: FuseServerOptions) {
    this.#fileSystem = fileSystem;
    this.#options = options;
  }

  /** Requests so far, by operation. */
  get requests(): ReadonlyMap<string, number> {
    return this.#requests;
  }

  /** Content that was read by READ so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Content that was written by WRITE so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Requests that wait for the file system. */
  get pending(): number {
    return this.#pending.size;
  }

  get mounted(): boolean {
    return this.#mounted;
  }

  /** Resolves when no request is pending. */
  async idle(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** For a guest that goes on from a snapshot in which it had mounted: `mounted` false answers ESTALE until it mounts again. */
  resume(mounted: boolean): void {
    this.reset();
    this.#mounted = mounted;
    this.#unmountedErrno = mounted ? Errno.EIO : Errno.ESTALE;
  }

  /** Takes a request, and completes it now or later. */
  handle(message: FuseMessage): void {
    const started = this.#options.timers.now();
    const request = this.#buffer.read(message);
    if (request === undefined) {
      this.#count(UNKNOWN);
      this.#sendHeader(message, 0, 0, 0, Errno.EIO);
      return;
    }
    const { opcode } = request.header;
    const operation = operations[opcode] ?? unknownOperation;
    this.#count(operation.name);
    if (opcode === FUSE_INIT) this.#abandon();
    const pending: Pending = { request, operation, started, mount: this.#mount, timer: undefined };
    let result: Awaitable<unknown>;
    try {
      result = this.#call(request, operation);
    } catch (error) {
      this.#fail(pending, error);
      return;
    }
    if (isPromise(result)) this.#wait(pending, result);
    else this.#succeed(pending, result);
  }

  /** The device was reset: what is under way is not answered any more, and the guest must mount again. */
  reset(): void {
    for (const pending of this.#pending) this.#take(pending);
    this.#unmount();
  }

  #call(request: Request, operation: Operation): Awaitable<unknown> {
    const fileSystem = this.#fileSystem;
    const { input, modifies, needs, reply } = operation;
    const { opcode } = request.header;
    if (!this.#mounted && opcode !== FUSE_INIT) throw new FsError(this.#unmountedErrno, "not mounted");
    if (operation.handle === undefined) throw new FsError(Errno.ENOSYS);
    request.open();
    const args = input === undefined ? undefined : request.struct(input, operation.inputSize);
    if (this.#options.readOnly === true && modifies !== undefined) {
      if (modifies === true || (modifies !== false && modifies(args))) throw new FsError(Errno.EROFS);
    }
    if (needs !== undefined && fileSystem[needs] === undefined) throw new FsError(Errno.ENOSYS);
    if (reply !== noReply && request.room < reply.size) throw new FsError(Errno.EIO, "no room for the reply");
    if (opcode === FUSE_DESTROY) this.#unmount();
    const result = operation.handle(fileSystem, request, args);
    // A kernel of another major version tries again with ours.
    if (opcode === FUSE_INIT) this.#mounted = (args as Of<typeof fuse_init_in>).major === FUSE_KERNEL_VERSION;
    return result;
  }

  #unmount(): void {
    this.#mounted = false;
    this.#unmountedErrno = Errno.EIO;
    this.#mount++;
  }

  /** Ends what an earlier mount left: the guest that waited for it is gone. */
  #abandon(): void {
    for (const pending of this.#pending) {
      this.#take(pending);
      this.#fail(pending, new FsError(Errno.EIO, "mounted anew"));
    }
    this.#unmount();
  }

  #wait(pending: Pending, result: Promise<unknown>): void {
    const { timers, timeout = DEFAULT_TIMEOUT } = this.#options;
    pending.timer = timers.setTimeout(() => this.#expire(pending), timeout);
    this.#pending.add(pending);
    result.then(
      (value) => {
        if (this.#take(pending)) this.#succeed(pending, value);
        else this.#discard(pending, value);
      },
      (error: unknown) => {
        if (this.#take(pending)) this.#fail(pending, error);
        else this.#errnoOf(error, pending.operation);
      },
    );
  }

  /** True for the one who may answer. */
  #take(pending: Pending): boolean {
    this.#options.timers.clearTimeout(pending.timer);
    const taken = this.#pending.delete(pending);
    if (this.#pending.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    return taken;
  }

  #expire(pending: Pending): void {
    if (!this.#take(pending)) return;
    this.#fail(pending, new FsError(Errno.EIO, "timed out"));
    this.#options.onTimeout?.(this.#event(pending, Errno.EIO));
  }

  #succeed(pending: Pending, value: unknown): void {
    const { request, operation } = pending;
    const { message } = request;
    let length: number;
    try {
      length = operation.reply.put(this.#replyView, value, this.#fileSystem.profile, message);
    } catch (error) {
      this.#fail(pending, error);
      this.#discard(pending, value);
      return;
    }
    if (request.header.opcode === FUSE_READ) this.#bytesRead += length;
    else if (request.header.opcode === FUSE_WRITE) this.#bytesWritten += value as number;
    if (operation.reply === noReply) message.complete(0);
    else this.#send(request, operation.reply.size, length, 0);
    this.#trace(pending, 0);
  }

  #fail(pending: Pending, error: unknown): void {
    const errno = this.#errnoOf(error, pending.operation);
    if (pending.operation.reply === noReply) pending.request.message.complete(0);
    else this.#send(pending.request, 0, 0, errno);
    this.#trace(pending, errno);
  }

  /** Gives back what a result holds that nobody receives. */
  #discard({ request, operation, mount }: Pending, value: unknown): void {
    if (mount !== this.#mount) return;
    try {
      const end = operation.reply.discard?.(this.#fileSystem, value, request.nodeid);
      if (end instanceof Promise) end.catch((error: unknown) => this.#errnoOf(error, operation));
    } catch (error) {
      this.#errnoOf(error, operation);
    }
  }

  #errnoOf(error: unknown, operation: Operation): number {
    if (error instanceof FsError) return error.errno;
    const cause = `${operation.name}: ${String(error)}`;
    if (!this.#bugs.has(cause) && this.#bugs.size < BUGS_MAX) {
      this.#bugs.add(cause);
      this.#options.onBug?.(error, operation.name);
    }
    return Errno.EIO;
  }

  /** Sends `size` bytes of the reply buffer behind the header; `length` counts those and what is in the message already. */
  #send(request: Request, size: number, length: number, errno: number): void {
    this.#sendHeader(request.message, request.uniqueLow, request.uniqueHigh, length, errno, size);
  }

  #sendHeader(
    message: FuseMessage,
    uniqueLow: number,
    uniqueHigh: number,
    length: number,
    errno: number,
    size = 0,
  ): void {
    if (message.writableLength < fuse_out_header.size) {
      message.complete(0);
      return;
    }
    const view = this.#replyView;
    const { offsets } = fuse_out_header;
    view.setUint32(offsets.len, fuse_out_header.size + length, true);
    view.setInt32(offsets.error, -errno, true);
    view.setUint32(offsets.unique, uniqueLow, true);
    view.setUint32(offsets.unique + 4, uniqueHigh, true);
    message.copyOut(0, this.#reply.subarray(0, fuse_out_header.size + size));
    message.complete(fuse_out_header.size + length);
  }

  #count(operation: string): void {
    this.#requests.set(operation, (this.#requests.get(operation) ?? 0) + 1);
  }

  #trace(pending: Pending, errno: number): void {
    this.#options.tracer?.(this.#event(pending, errno));
  }

  #event({ request, operation, started }: Pending, errno: number): TraceEvent {
    const { unique, nodeid } = request.header;
    const microseconds = (this.#options.timers.now() - started) * 1000;
    return { operation: operation.name, unique, nodeid, microseconds, errno };
  }
}

const unknownOperation: Operation = { name: UNKNOWN, reply: { size: 0, put: () => 0 } };
