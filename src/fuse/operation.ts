import type { FileSystem } from "../fs/file-system.js";
import type { Awaitable } from "../posix/awaitable.js";
import type { Layout } from "../wire/struct.js";
import type { Reply } from "./replies.js";
import type { Request } from "./request.js";

/** What the server knows of an opcode. A row without `handle` is answered ENOSYS, which Linux remembers for the mount. */
export interface Operation<Arguments = unknown, Result = unknown> {
  readonly name: string;
  /** The struct that follows the header. */
  readonly input?: Layout<Arguments>;
  /** How much of `input` every kernel sends, where that is not all. */
  readonly inputSize?: number;
  readonly reply: Reply<Result>;
  /** Answered EROFS on a read-only share. */
  readonly modifies?: boolean | ((args: Arguments) => boolean);
  /** The optional method of the file system without which the answer is ENOSYS. */
  readonly needs?: keyof FileSystem;
  handle?(fileSystem: FileSystem, request: Request, args: Arguments): Awaitable<Result>;
}

/** An operation whose `handle` takes what `input` reads and returns what `reply` sends. */
export function row<Arguments = undefined, Result = void>(operation: Operation<Arguments, Result>): Operation {
  return operation as unknown as Operation;
}
