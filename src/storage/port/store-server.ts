import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, Store, StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { readRequest } from "./checks.js";
import type {
  FileReply,
  FileState,
  FolderEvent,
  Operation,
  Path,
  StoreCalls,
  StoreMessage,
  StoreRequest,
} from "./messages.js";

/** Bounds for whoever is at the other end. */
const MOST_WAITING = 1024;
const MOST_OPEN = 4096;
const MOST_KNOWN = 4096;
/** Bytes of requests that wait, read or written. */
const MOST_WAITING_BYTES = 256 << 20;
/** Messages that are no requests, until nothing more is heard. */
const MOST_STRAY = 100;
/** How often it looks whether what was unsaved has been saved meanwhile. */
const LOOK_INTERVAL_MS = 250;

export interface StoreServerOptions {
  /** What the other side is to tell of the folder, in words for the visitor. */
  readonly problem?: string | undefined;
  /** Told whether anything that was written is not in the store yet, when that changes. */
  readonly onUnsaved?: (unsaved: boolean) => void;
  /** Told once the store has been let go; waited for. */
  readonly onClosed?: () => Awaitable<void>;
}

interface ServedFile {
  readonly open: OpenStoreFile;
  /** Operations on one file come one after the other. */
  turn: Promise<unknown>;
}

/**
 * Serves a store over a MessagePort to a `PortStore`. What does not have the form of a request is answered with nothing; whoever
 * goes on with it is not served any longer.
 */
export class StoreServer {
  readonly #files = new Map<number, ServedFile>();
  readonly #known = new Map<string, StoreDirectory>();
  #lastFile = 0;
  #waiting = 0;
  #waitingBytes = 0;
  #stray = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #told = "";
  #closing: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly port: MessagePort,
    private readonly options: StoreServerOptions = {},
  ) {
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const request = readRequest(data);
      if (request) void this.#answer(request);
      else if (++this.#stray === MOST_STRAY)
        this.end().catch((error: unknown) => console.debug("A served store:", error));
    };
  }

  /** Tells the other side what became of the folder. */
  report(event: FolderEvent): void {
    this.#post({ type: "event", event });
  }

  /** Saves what is written, as far as it can be saved, and lets go of the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    for (const { open } of this.#files.values()) {
      try {
        await open.close();
      } catch (error) {
        console.debug("A file of a served store:", error); // `close` has let go of it all the same
      }
    }
    this.#files.clear();
    try {
      await this.store.close();
    } finally {
      this.options.onUnsaved?.(false);
      await this.options.onClosed?.();
    }
  }

  /** Ends without being asked: the other side is told. */
  async end(): Promise<void> {
    this.port.onmessage = null;
    await this.close().finally(() => {
      this.#post({ type: "gone" });
      this.port.close();
    });
  }

  async #answer({ id, operation, parameters }: StoreRequest): Promise<void> {
    const bytes = bytesOf(operation, parameters);
    if (this.#waiting >= MOST_WAITING || this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      return this.#fail(id, new FsError(Errno.EBUSY, "too many requests at once"));
    }
    this.#waiting++;
    this.#waitingBytes += bytes;
    try {
      const perform = this.#operations[operation] as (...all: readonly unknown[]) => unknown;
      this.#post({ type: "reply", id, value: await perform(...parameters) });
    } catch (error) {
      this.#fail(id, error);
    } finally {
      this.#waiting--;
      this.#waitingBytes -= bytes;
    }
  }

  #fail(id: number, error: unknown): void {
    if (!(error instanceof FsError)) console.error("A served store:", error);
    const { errno, message } = error instanceof FsError ? error : new FsError(Errno.EIO);
    this.#post({ type: "error", id, errno, message });
  }

  #post(message: StoreMessage): void {
    this.port.postMessage(message);
  }

  readonly #operations: { [K in keyof StoreCalls]: (...all: Parameters<StoreCalls[K]>) => unknown } = {
    facts: () => ({
      readOnly: this.store.readOnly,
      fixedNames: this.store.fixedNames ?? false,
      problem: this.options.problem,
    }),
    list: async (path) => (await (await this.#directory(path)).list()).map(({ name, kind }) => ({ name, kind })),
    get: async (path, name) => {
      const entry = await (await this.#directory(path)).get(name);
      return entry && { name: entry.name, kind: entry.kind };
    },
    createFile: async (path, name) => {
      const directory = await this.#changeable(path, name);
      await directory.createFile(name);
    },
    createDirectory: async (path, name) => {
      const directory = await this.#changeable(path, name);
      await directory.createDirectory(name);
    },
    remove: async (path, name) => {
      const directory = await this.#changeable(path, name);
      this.#known.clear();
      await directory.remove(name);
    },
    rename: async (path, from, target, to) => {
      const [directory, into] = [await this.#changeable(path, from), await this.#changeable(target, to)];
      this.#known.clear();
      await directory.rename(from, into, to);
      this.#known.clear();
    },
    stat: async (path) => (await this.#file(path)).stat(),
    open: async (path, write) => {
      if (write) this.#mayChange();
      if (this.#files.size >= MOST_OPEN) throw new FsError(Errno.ENFILE);
      const open = await (await this.#file(path)).open(write);
      const file = ++this.#lastFile;
      this.#files.set(file, { open, turn: Promise.resolve() });
      return { file, ...stateOf(open) };
    },
    read: (file, offset, length) =>
      this.#inTurn(file, async (open) => {
        const into = new Uint8Array(length);
        const result = await open.read(offset, [into]);
        return typeof result === "number" ? into.subarray(0, result) : result;
      }),
    write: (file, offset, bytes) => this.#inTurn(file, (open) => open.write(offset, [bytes])),
    append: (file, bytes) =>
      this.#inTurn(file, (open) => (open.append ? open.append([bytes]) : open.write(open.size(), [bytes]))),
    truncate: (file, size) => this.#inTurn(file, (open) => open.truncate(size)),
    flush: (file) => this.#inTurn(file, (open) => open.flush()),
    detach: (file) => this.#inTurn(file, (open) => open.detach()),
    closeFile: async (file) => {
      const served = this.#served(file);
      this.#files.delete(file);
      await served.turn;
      await served.open.close();
    },
    space: () => this.store.space(),
    watch: () =>
      this.store.watch?.(
        (path) => this.#post({ type: "changed", path }),
        () => this.#post({ type: "unwatched" }),
      ) ?? false,
    sync: () => this.store.sync(),
    close: () => this.close(),
  };

  #served(file: number): ServedFile {
    const served = this.#files.get(file);
    if (!served) throw new FsError(Errno.EBADF);
    return served;
  }

  async #inTurn<T>(file: number, operation: (open: OpenStoreFile) => T): Promise<FileReply<Awaited<T>>> {
    const served = this.#served(file);
    const before = served.turn;
    const result = before.then(() => operation(served.open));
    served.turn = result.then(
      () => undefined,
      () => undefined,
    );
    const value = await result;
    if (served.open.unsaved() > 0 && this.#timer === undefined) {
      this.#timer = setInterval(this.#look, LOOK_INTERVAL_MS);
      this.options.onUnsaved?.(true);
    }
    return { value, ...stateOf(served.open) };
  }

  /** Files are saved also when nobody asks. */
  readonly #look = (): void => {
    const open = Array.from(this.#files, ([file, served]) => [file, served.open.unsaved()] as const);
    const unsaved = open.filter(([, bytes]) => bytes > 0);
    const closed = this.store.unsavedClosed?.() ?? [];
    const now = JSON.stringify([unsaved, closed]);
    if (now !== this.#told) this.#post({ type: "unsaved", open: unsaved, closed });
    this.#told = now;
    if (unsaved.length > 0 || closed.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.options.onUnsaved?.(false);
  };

  #mayChange(): void {
    if (this.store.readOnly) throw new FsError(Errno.EROFS);
  }

  #changeable(path: Path, name: string): Promise<StoreDirectory> {
    this.#mayChange();
    this.store.checkName(name);
    return this.#directory(path);
  }

  async #file(path: Path): Promise<StoreFile> {
    const directory = await this.#directory(path.slice(0, -1));
    const entry = await directory.get(path.at(-1) ?? "");
    return present(entry, "file").file;
  }

  async #directory(path: Path): Promise<StoreDirectory> {
    if (path.length === 0) return this.store.root;
    const key = path.join("/");
    const known = this.#known.get(key);
    if (known) return known;
    const above = await this.#directory(path.slice(0, -1));
    const { directory } = present(await above.get(path.at(-1)!), "directory");
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, directory);
    return directory;
  }
}

function present<K extends StoreEntry["kind"]>(
  entry: StoreEntry | undefined,
  kind: K,
): Extract<StoreEntry, { kind: K }> {
  if (!entry) throw new FsError(Errno.ENOENT);
  if (entry.kind !== kind) throw new FsError(kind === "file" ? Errno.EISDIR : Errno.ENOTDIR);
  return entry as Extract<StoreEntry, { kind: K }>;
}

function bytesOf(operation: Operation, parameters: readonly unknown[]): number {
  if (operation === "read") return parameters[2] as number;
  return operation === "write" || operation === "append" ? (parameters.at(-1) as Uint8Array).length : 0;
}

function stateOf(open: OpenStoreFile): FileState {
  return { size: open.size(), unsaved: open.unsaved(), writable: open.writable };
}
