import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { O_TRUNC, opensForWriting } from "../posix/open-flags.js";
import type { Store } from "../storage/store.js";
import { dropCapability, killSuidgid, touch } from "./attributes.js";
import { lengthOf } from "./bytes.js";
import type { Contents } from "./contents.js";
import type { OpenFile } from "./file-system.js";
import { Handles } from "./handles.js";
import type { FileNode } from "./node.js";
import type { Places } from "./places.js";
import type { SizesAhead } from "./sizes-ahead.js";
import { timestampOf } from "./timestamp.js";
import type { WriteBehind } from "./write-behind.js";

/** Of `fuse.h`. Without it the guest drops its cached pages of the file at the open. */
const FOPEN_KEEP_CACHE = 1 << 1;
/** Of `fuse.h`: a descriptor that writes nothing is closed without a FLUSH. */
const FOPEN_NOFLUSH = 1 << 5;

export interface FilesOptions {
  readonly now: () => number;
  readonly changed: () => void;
  readonly places: Places;
}

/** The operations on the content of files: what they do to attributes and handles besides. */
export class Files {
  readonly handles = new Handles();

  constructor(
    private readonly store: Store,
    private readonly sizes: SizesAhead,
    private readonly contents: Contents,
    private readonly behind: WriteBehind,
    private readonly options: FilesOptions,
  ) {}

  /** A handle, or none where the guest opens without asking. */
  open(node: FileNode, flags: number, kill: boolean): Awaitable<OpenFile> {
    const writes = opensForWriting(flags);
    const truncates = (flags & O_TRUNC) !== 0;
    if (writes && this.store.readOnly) throw new FsError(Errno.EROFS);
    return chain(this.sizes.measured(node), () => {
      if (writes) this.#checkWritable(node);
      return chain(truncates ? this.truncate(node, 0) : undefined, () => {
        if (kill && truncates && killSuidgid(node)) this.behind.saveAttributes(node);
        const flags = (node.outdated ? 0 : FOPEN_KEEP_CACHE) | (writes ? 0 : FOPEN_NOFLUSH);
        node.outdated = false;
        return { fh: this.store.exclusive ? 0 : this.handles.add(node, writes), flags };
      });
    });
  }

  release(fh: number): void {
    const node = this.handles.remove(fh);
    if (node !== undefined) this.#closed(node);
  }

  releaseAll(): void {
    for (const node of this.handles.removeAll()) this.#closed(node);
  }

  /** Returns the number of bytes written: all. */
  write(
    node: FileNode,
    offset: number,
    from: readonly Uint8Array[],
    kill: boolean,
    append: boolean,
  ): Awaitable<number> {
    const length = lengthOf(from);
    if (offset + length > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
    if (node.size === 0 && this.store.exclusive && this.contents.isAway(node)) {
      // A new file that has reached the store before its bytes came: they need not wait until it is open there.
      this.contents.begin(node);
      this.behind.replaceContent(node);
    }
    return chain(this.contents.write(node, offset, from, append), () => {
      this.written(node, kill);
      return length;
    });
  }

  truncate(node: FileNode, size: number): Awaitable<void> {
    this.#checkWritable(node);
    if (size > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
    if (size === 0 && this.contents.isAway(node)) {
      // What the store has need not even be opened now.
      this.contents.begin(node);
      this.behind.replaceContent(node);
      return this.written(node);
    }
    return chain(this.contents.truncate(node, size), () => this.written(node));
  }

  /** The content has changed. */
  written(node: FileNode, kill = false): void {
    node.version++;
    touch(node, timestampOf(this.options.now()));
    if (kill ? killSuidgid(node) : dropCapability(node)) this.behind.saveAttributes(node);
    this.options.changed();
  }

  #checkWritable(node: FileNode): void {
    this.options.places.knownFile(node)?.checkWritable?.();
  }

  /** The guest has no handle of the file any more: the store saves it. */
  #closed(node: FileNode): void {
    if (node.open?.writable === true) void this.contents.close(node);
  }
}
