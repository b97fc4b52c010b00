import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } from "../posix/fallocate-flags.js";
import { FsError } from "../posix/fs-error.js";
import { SEEK_DATA } from "../posix/seek.js";
import type { Store } from "../storage/store.js";
import { inOrder } from "./awaitables.js";
import type { Contents } from "./contents.js";
import type { Files } from "./files.js";
import { bytesWithoutData, clear, extend, nextData, nextHole, PIECE, pieces, sizeOf } from "./holes.js";
import type { FileNode } from "./node.js";

/** A place in a file. */
export interface FilePlace {
  readonly node: FileNode;
  readonly offset: number;
}

/** What a mode of fallocate(2) does to its range. */
interface Allocation {
  /** It fails where the store has no room for the range. */
  readonly takesSpace?: boolean;
  readonly clears?: boolean;
  readonly extends?: boolean;
}

/** The other modes are not kept. */
const ALLOCATIONS: ReadonlyMap<number, Allocation> = new Map([
  [0, { takesSpace: true, extends: true }],
  [FALLOC_FL_KEEP_SIZE, { takesSpace: true }],
  [FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, { clears: true }],
  [FALLOC_FL_ZERO_RANGE, { clears: true, extends: true }],
  [FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, { clears: true }],
]);

/** Most that one copy does: a store that answers at once does it in one go, and the machine stands still meanwhile. */
const COPY_MAX = 64 * PIECE;

/**
 * The operations on ranges of files: room, holes and copies. Each takes the content where it is at that moment, piece by piece,
 * and claims nothing in between.
 */
export class Ranges {
  constructor(
    private readonly store: Store,
    private readonly contents: Contents,
    private readonly files: Files,
  ) {}

  /**
   * fallocate(2). No store can keep room free: a range for which there is room is not taken from it, and a later write may
   * fail all the same.
   */
  allocate(node: FileNode, mode: number, offset: number, length: number, kill: boolean): Awaitable<void> {
    const end = offset + length;
    if (offset < 0 || length <= 0) throw new FsError(Errno.EINVAL, "an empty range");
    const allocation = ALLOCATIONS.get(mode);
    if (allocation === undefined) throw new FsError(Errno.EOPNOTSUPP, `fallocate mode ${mode}`);
    if (end > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
    this.#assertWritable();
    const room = allocation.takesSpace === true ? this.#assertRoom(node, offset, end) : undefined;
    return chain(room, () => chain(this.#apply(allocation, node, offset, end), () => this.files.written(node, kill)));
  }

  /** lseek(2) with SEEK_DATA or SEEK_HOLE. */
  seek(node: FileNode, offset: number, whence: number): Awaitable<number> {
    return this.contents.inspect(node, (content) => {
      const next = whence === SEEK_DATA ? nextData : nextHole;
      const found = offset < sizeOf(content) ? next(content, offset) : undefined;
      if (found === undefined) throw new FsError(Errno.ENXIO);
      return found;
    });
  }

  /**
   * copy_file_range(2). Returns the bytes copied: fewer than `length` where the source ends, where an error came in between
   * (the next call has it), or where it would take long.
   */
  copy(source: FilePlace, target: FilePlace, length: number, kill: boolean): Awaitable<number> {
    this.#assertWritable();
    return chain(this.contents.inspect(source.node, sizeOf), (size) => {
      const wanted = Math.min(length, size - source.offset);
      if (wanted <= 0) return 0;
      if (target.offset + wanted > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
      const overlaps = Math.abs(source.offset - target.offset) < wanted;
      if (source.node === target.node && overlaps) throw new FsError(Errno.EINVAL, "the ranges overlap");
      return this.#copy(source, target, Math.min(wanted, COPY_MAX), kill);
    });
  }

  #apply(allocation: Allocation, node: FileNode, offset: number, end: number): Awaitable<void> {
    const { clears = false, extends: grows = false } = allocation;
    if (!clears && !grows) return;
    return this.contents.change(node, (content) =>
      chain(clears ? clear(content, offset, end) : undefined, () => (grows ? extend(content, end) : undefined)),
    );
  }

  #copy(source: FilePlace, target: FilePlace, length: number, kill: boolean): Awaitable<number> {
    const buffer = new Uint8Array(Math.min(length, PIECE));
    let copied = 0;
    const copyPiece = ([at, size]: [number, number]): Awaitable<void> => {
      if (copied < at) return; // the source was cut short meanwhile
      const view = buffer.subarray(0, size);
      const reading = this.contents.read(source.node, source.offset + at, [view]);
      return chain<number | Uint8Array, void>(reading, (result) => {
        const bytes = typeof result === "number" ? view.subarray(0, result) : result;
        if (bytes.length === 0) return;
        return chain(this.contents.write(target.node, target.offset + at, [bytes]), () => {
          copied += bytes.length;
        });
      });
    };
    const copying = recover(
      () => inOrder(pieces(0, length), copyPiece),
      (error) => {
        if (copied === 0) throw error;
      },
    );
    return chain(copying, () => {
      if (copied > 0) this.files.written(target.node, kill);
      return copied;
    });
  }

  #assertRoom(node: FileNode, offset: number, end: number): Awaitable<void> {
    return chain(
      this.contents.inspect(node, (content) => bytesWithoutData(content, offset, end)),
      (needed) => {
        if (needed === 0) return;
        return chain(this.store.space(), ({ free }) => {
          if (needed > free) throw new FsError(Errno.ENOSPC);
        });
      },
    );
  }

  #assertWritable(): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
  }
}
