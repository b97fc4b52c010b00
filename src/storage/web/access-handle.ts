import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { errorName, fsErrorFrom } from "./dom-errors.js";
import { gather, lengthOf, scatter } from "./views.js";

const STAGE_BYTES = 1 << 20;
const LOCK_RETRY_MS = [1, 5, 25, 100];

/** Between many views and one call: 128 KiB in 32 views of guest memory are written in 500 µs view by view, in under 100 µs so. */
let stage: Uint8Array | undefined;

/** A sync access handle that reads and writes lists of views, and fails with `FsError`s. */
export class AccessHandle {
  readonly #handle: FileSystemSyncAccessHandle;
  #size: number;
  #unflushed = false;

  private constructor(handle: FileSystemSyncAccessHandle) {
    this.#handle = handle;
    this.#size = handle.getSize();
  }

  /** Opens a file of OPFS. EBUSY when it is open elsewhere; the lock of a tab that just died is waited for. */
  static async open(file: FileSystemFileHandle): Promise<AccessHandle> {
    for (const wait of [...LOCK_RETRY_MS, undefined]) {
      try {
        return new AccessHandle(await file.createSyncAccessHandle());
      } catch (error) {
        if (wait === undefined || errorName(error) !== "NoModificationAllowedError") throw fsErrorFrom(error, "open");
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    throw new FsError(Errno.EBUSY);
  }

  get size(): number {
    return this.#size;
  }

  /** Something was written that the browser has not been asked to bring to the medium. */
  get unflushed(): boolean {
    return this.#unflushed;
  }

  /** An earlier handle wrote this file: any handle's flush brings that to the medium. */
  markUnflushed(): void {
    this.#unflushed = true;
  }

  read(offset: number, into: readonly Uint8Array[]): number {
    return attempt("read", () => {
      if (into.length === 1) return this.#handle.read(into[0]!, { at: offset });
      let done = 0;
      for (const group of groups(into)) {
        const wanted = lengthOf(group);
        const buffer = stageOf(wanted);
        const got = this.#handle.read(buffer, { at: offset + done });
        scatter(buffer.subarray(0, got), group);
        done += got;
        if (got < wanted) break;
      }
      return done;
    });
  }

  /** After ENOSPC the size is what it was. */
  write(offset: number, from: readonly Uint8Array[]): void {
    attempt("write", () => {
      const before = this.#size;
      this.#unflushed = true;
      let at = offset;
      try {
        for (const group of groups(from)) {
          const bytes = group.length === 1 ? group[0]! : gather(group, stageOf(lengthOf(group)));
          if (bytes.byteLength === 0) continue;
          const written = this.#handle.write(bytes, { at });
          if (written < bytes.byteLength) throw new FsError(Errno.ENOSPC, "short write");
          at += written;
          this.#size = Math.max(this.#size, at);
        }
      } catch (error) {
        if (this.#handle.getSize() > before) this.#handle.truncate(before);
        this.#size = before;
        throw error;
      }
    });
  }

  truncate(size: number): void {
    attempt("truncate", () => {
      this.#unflushed = true;
      this.#handle.truncate(size);
      this.#size = size;
    });
  }

  flush(): void {
    if (!this.#unflushed) return;
    attempt("flush", () => this.#handle.flush());
    this.#unflushed = false;
  }

  close(): void {
    this.#handle.close();
  }
}

function attempt<T>(doing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fsErrorFrom(error, doing, { InvalidStateError: Errno.EBADF });
  }
}

/** The views in runs of at most {@link STAGE_BYTES}; a larger view is a run of its own. */
function* groups(views: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let group: Uint8Array[] = [];
  let bytes = 0;
  for (const view of views) {
    if (group.length > 0 && bytes + view.byteLength > STAGE_BYTES) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(view);
    bytes += view.byteLength;
  }
  if (group.length > 0) yield group;
}

function stageOf(length: number): Uint8Array {
  if (length > STAGE_BYTES) return new Uint8Array(length);
  stage ??= new Uint8Array(STAGE_BYTES);
  return stage.subarray(0, length);
}
