import { type Awaitable, chain, isPromise, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { MemoryContent } from "../storage/memory/memory-content.js";
import type { OpenStoreFile } from "../storage/store.js";
import { all, ensure } from "./awaitables.js";
import { joined, lengthOf } from "./bytes.js";
import type { ChangeQueue } from "./change-queue.js";
import type { Content } from "./holes.js";
import type { DirectoryNode, FileNode } from "./node.js";
import { isStoredBelow, type Places } from "./places.js";
import { land, Waiting } from "./waiting.js";

export interface ContentsOptions {
  /** Files open in the store at once, more or less. */
  readonly openFiles: number;
  /** Bytes of memory for content that the store cannot take yet; above, writes wait. */
  readonly waitingBytes: number;
  /** Open every file for writing: opening it anew costs more. */
  readonly alwaysWritable: boolean;
  /** What was written reached the store. */
  readonly saved: (node: FileNode) => void;
  /** Content could not be saved when its file was closed behind the guest's back. */
  readonly failed: (node: FileNode, error: unknown) => void;
}

/** The bytes of a share's files. Methods named "…Now" run inside a task that changes the node; the others ask the queue. */
export class Contents {
  /** Open files, least recently used first. Detached ones are not among them. */
  readonly #open = new Map<FileNode, OpenStoreFile>();
  readonly #detached = new WeakSet<OpenStoreFile>();
  readonly #closing = new Set<OpenStoreFile>();
  readonly #waiting: Waiting;

  constructor(
    private readonly queue: ChangeQueue,
    private readonly places: Places,
    private readonly options: ContentsOptions,
  ) {
    this.#waiting = new Waiting(options.waitingBytes, () => queue.hurry());
  }

  read(node: FileNode, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    if (node.waiting !== undefined) return node.waiting.read(offset, into);
    if (node.open !== undefined) {
      this.#touch(node, node.open);
      const result = node.open.read(offset, into);
      return typeof result === "number" ? result : this.#used(node, result);
    }
    const opening = this.#opened(node, false);
    if (!isPromise(opening)) return this.read(node, offset, into);
    const bytes = new Uint8Array(lengthOf(into));
    const reading = opening.then<number | Uint8Array>(() => this.read(node, offset, [bytes]));
    return this.#pinned(node, reading).then((result) =>
      typeof result === "number" ? bytes.subarray(0, result) : result,
    );
  }

  /** The views of `from` are used until the return only. `append`: at the end, where others may have moved it meanwhile. */
  write(node: FileNode, offset: number, from: readonly Uint8Array[], append = false): Awaitable<void> {
    if (node.waiting !== undefined) return this.#writeWaiting(node, node.waiting, offset, from);
    const { open } = node;
    if (open?.writable === true) {
      this.#touch(node, open);
      const isMoved = append && open.append !== undefined;
      return this.#changed(node, open, isMoved ? open.append!(from) : open.write(offset, from));
    }
    const bytes = joined(from);
    return this.#whenOpened(node, true, () => this.write(node, offset, [bytes], append));
  }

  truncate(node: FileNode, size: number): Awaitable<void> {
    return this.change(node, (content) => content.truncate(size));
  }

  /** Changes the content where it is: in memory, else in the open file of the store. */
  change(node: FileNode, change: (content: Content) => Awaitable<void>): Awaitable<void> {
    const { waiting, open } = node;
    if (waiting !== undefined) {
      if (node.transferring && node.landing !== undefined) return node.landing.then(() => this.change(node, change));
      return this.#waiting.change(node, waiting, () => void change(waiting));
    }
    if (open?.writable === true) return this.#changed(node, open, change(open));
    return this.#whenOpened(node, true, () => this.change(node, change));
  }

  /** Asks the content where it is. */
  inspect<T>(node: FileNode, question: (content: Content) => T): Awaitable<T> {
    const content = node.waiting ?? node.open;
    if (content !== undefined) return question(content);
    return this.#whenOpened(node, false, () => this.inspect(node, question));
  }

  /** True when nothing of the content is at hand: the store has it. */
  isAway(node: FileNode): boolean {
    return node.open === undefined && node.waiting === undefined && node.stored !== undefined;
  }

  /** The file is empty, whatever the store has; {@link landNow} brings it there. */
  begin(node: FileNode): void {
    this.#waiting.add(node);
  }

  /** Ends when the store has what was written to the file, closed or not. */
  flush(node: FileNode): Awaitable<void> {
    if (!node.unflushed || node.stored === undefined) return;
    return this.queue.ask({ changes: [node] }, () =>
      chain(this.#openNow(node, true), (open) => {
        node.unflushed = false;
        node.lastStat = undefined;
        return recover(
          () => chain(open.flush(), () => this.options.saved(node)),
          (error) => {
            node.unflushed = true;
            throw error;
          },
        );
      }),
    );
  }

  flushAll(): Awaitable<void> {
    return all([...this.#open.keys()], (node) => this.flush(node));
  }

  close(node: FileNode): Awaitable<void> {
    if (node.open === undefined) return;
    return this.queue.ask({ changes: [node] }, () => this.closeNow(node));
  }

  closeAll(): Awaitable<void> {
    return all([...this.#open.keys()], (node) => this.close(node));
  }

  /**
   * The file has no name and nobody uses it any more. What is under way has its content first: a name that it had is not in the
   * store without it, not even for a moment.
   */
  drop(node: FileNode): void {
    void this.queue.behind({ changes: [node] }, () => {
      this.#waiting.delete(node);
      return this.closeNow(node);
    });
  }

  unsavedBytes(): number {
    let bytes = this.#waiting.bytes;
    for (const open of [...this.#open.values(), ...this.#closing]) bytes += open.unsaved();
    return bytes;
  }

  unsavedFiles(): number {
    const unsaved = [...this.#open.values(), ...this.#closing].filter((open) => open.unsaved() > 0);
    return this.#waiting.count + unsaved.length;
  }

  /** Brings what waits in memory to the node's file in the store, which is there. A file that is empty stays closed. */
  landNow(node: FileNode, isNew: boolean): Awaitable<void> {
    const { waiting } = node;
    if (waiting === undefined) return;
    if (isNew && waiting.size === 0) {
      this.#waiting.delete(node);
      return this.options.saved(node);
    }
    return chain(this.#openNow(node, true), (open) => {
      node.transferring = true;
      node.unflushed = true;
      const transfer = () => chain(land(waiting, open), () => this.#waiting.delete(node));
      return ensure(transfer, () => (node.transferring = false));
    });
  }

  closeNow(node: FileNode): Awaitable<void> {
    const { open } = node;
    if (open === undefined) return;
    node.open = undefined;
    this.#open.delete(node);
    this.#closing.add(open);
    if (node.unflushed) node.lastStat = undefined;
    const closed = () => chain(idle(node), () => open.close());
    const saved = () => chain(closed(), () => this.options.saved(node));
    const close = () => ensure(saved, () => this.#closing.delete(open));
    return recover(close, (error) => {
      node.size = undefined;
      this.options.failed(node, error);
    });
  }

  /** A directory is about to move: no file below it may be open. */
  closeBelowNow(directory: DirectoryNode): Awaitable<void> {
    const below = [...this.#open.keys()].filter((node) => isStoredBelow(node, directory));
    return all(below, (node) => this.closeNow(node));
  }

  /** The file is about to lose its name in the store. Where someone still uses it, its content stays. */
  letGoNow(node: FileNode, use: "none" | "read" | "write"): Awaitable<void> {
    if (use === "none") {
      this.#waiting.delete(node);
      const detached = () => chain(node.open?.detach(), () => this.closeNow(node));
      return recover(detached, () => this.closeNow(node));
    }
    if (node.waiting !== undefined) return this.closeNow(node); // it goes on in memory
    const detach = () =>
      chain(this.#openNow(node, use === "write"), (open) =>
        chain(open.detach(), () => {
          this.#detached.add(open);
          this.#open.delete(node);
        }),
      );
    return recover(detach, (error) => chain(this.closeNow(node), () => this.options.failed(node, error)));
  }

  #whenOpened<T>(node: FileNode, write: boolean, then: () => Awaitable<T>): Awaitable<T> {
    return this.#pinned(node, chain(this.#opened(node, write), then));
  }

  #opened(node: FileNode, write: boolean): Awaitable<void> {
    return this.queue.ask({ changes: [node] }, () => chain(this.#openNow(node, write), () => undefined));
  }

  #openNow(node: FileNode, write: boolean): Awaitable<OpenStoreFile> {
    if (node.open !== undefined && (node.open.writable || !write)) return node.open;
    return chain(this.closeNow(node), () =>
      chain(this.places.file(node), (file) =>
        chain(file.open(write || this.options.alwaysWritable), (open) => {
          if (write && !open.writable) return chain(open.close(), refuse);
          node.open = open;
          if (node.waiting === undefined) node.size = open.size();
          this.#touch(node, open);
          this.#evict();
          return open;
        }),
      ),
    );
  }

  #touch(node: FileNode, open: OpenStoreFile): void {
    // A detached file never gets back into the list.
    if (node.stored === undefined || this.#detached.has(open)) return;
    this.#open.delete(node);
    this.#open.set(node, open);
  }

  /** Closes the file that was not used for longest, if there are too many. */
  #evict(): void {
    if (this.#open.size <= this.options.openFiles) return;
    for (const node of this.#open.keys()) {
      if (node.pins > 0 || node.stored === undefined || this.queue.isClaimed(node)) continue;
      void this.close(node);
      return;
    }
  }

  #writeWaiting(node: FileNode, waiting: MemoryContent, offset: number, from: readonly Uint8Array[]): Awaitable<void> {
    if (!node.transferring && this.#waiting.hasRoom(waiting, offset, lengthOf(from))) {
      return this.#waiting.change(node, waiting, () => waiting.write(offset, from));
    }
    if (node.landing === undefined) throw node.failure ?? new FsError(Errno.ENOSPC);
    const bytes = joined(from);
    return node.landing.then(() => this.write(node, offset, [bytes]));
  }

  #changed(node: FileNode, open: OpenStoreFile, change: Awaitable<void>): Awaitable<void> {
    node.unflushed = true;
    const measure = () => {
      node.size = open.size();
    };
    if (isPromise(change)) return this.#used(node, change.then(measure));
    measure();
  }

  /** The store is at work on the open file: it is not closed meanwhile. */
  #used<T>(node: FileNode, result: Promise<T>): Promise<T> {
    const { inFlight = new Set() } = node;
    node.inFlight = inFlight.add(result);
    const ended = () => {
      inFlight.delete(result);
      if (inFlight.size === 0 && node.inFlight === inFlight) node.inFlight = undefined;
    };
    result.then(ended, ended);
    return this.#pinned(node, result);
  }

  /** While the promise is not settled, the file is not closed to make room. */
  #pinned<T extends Awaitable<unknown>>(node: FileNode, result: T): T {
    if (!isPromise(result)) return result;
    node.pins++;
    return result.finally(() => node.pins--) as T;
  }
}

/** Ends when the store is not at work on the node's open file. */
function idle(node: FileNode): Awaitable<void> {
  if (node.inFlight !== undefined) return Promise.allSettled(node.inFlight).then(() => undefined);
}

function refuse(): never {
  throw new FsError(Errno.EACCES, "not writable");
}
