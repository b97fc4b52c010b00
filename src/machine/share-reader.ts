import type { ShareEntry } from "../client/types.js";
import { type Attributes, type DirectorySink, type Entry, ROOT_NODE_ID } from "../fs/file-system.js";
import type { ShareFileSystem } from "../fs/share-file-system.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { isDirectory, isRegular, isSymlink } from "../posix/mode.js";
import { decodeName } from "../posix/name.js";
import type { OpenedFile } from "./share-files-api.js";

interface Opened {
  readonly path: string;
  readonly node: number;
  readonly version: number;
  readonly lookups: Lookups;
}

/**
 * Reads a share's files for the page, as a second user of the file system that serves the guest: it looks names up as Linux
 * does, and takes every lookup back. It opens nothing: an open would tell the file system that the guest has dropped old pages.
 */
export class ShareReader {
  readonly #files = new Map<number, Opened>();
  #lastHandle = 0;

  constructor(private readonly fileSystem: ShareFileSystem) {}

  async list(path: string): Promise<readonly ShareEntry[]> {
    const lookups = new Lookups(this.fileSystem);
    try {
      const { node } = await this.#find(path, lookups);
      const sink = new EntryList(this.fileSystem, lookups);
      await this.fileSystem.readdir(node, 0, 0, true, sink);
      return sink.entries;
    } finally {
      lookups.takeBack();
    }
  }

  /** Holds the file until {@link close}: also one that the guest removes meanwhile. */
  async open(path: string): Promise<OpenedFile> {
    const lookups = new Lookups(this.fileSystem);
    try {
      const { node, attributes } = await this.#find(path, lookups);
      if (isDirectory(attributes.mode)) throw new FsError(Errno.EISDIR, path);
      if (!isRegular(attributes.mode)) throw new FsError(Errno.EINVAL, path);
      const handle = ++this.#lastHandle;
      this.#files.set(handle, { path, node, version: this.fileSystem.version(node), lookups });
      return { handle, size: attributes.size, modified: modifiedOf(attributes) };
    } catch (error) {
      lookups.takeBack();
      throw error;
    }
  }

  /** The bytes are the caller's own. Throws EBUSY where the file is not any more what it was when it was opened. */
  async read(handle: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const { node, version, lookups } = this.#opened(handle);
    lookups.assertValid();
    const own = new Uint8Array(length);
    const result = await this.fileSystem.read(node, 0, offset, [own]);
    // What came by a promise may be a view of something that the store keeps.
    const bytes = typeof result === "number" ? own.subarray(0, result) : result.slice();
    // Asks the store, where others may have changed it.
    await this.fileSystem.getattr(node);
    if (bytes.length !== length || this.fileSystem.version(node) !== version) throw new FsError(Errno.EBUSY);
    return bytes;
  }

  close(handle: number): void {
    this.#files.get(handle)?.lookups.takeBack();
    this.#files.delete(handle);
  }

  /** For messages; "" where the handle is none. */
  pathOf(handle: number): string {
    return this.#files.get(handle)?.path ?? "";
  }

  #opened(handle: number): Opened {
    const file = this.#files.get(handle);
    if (file === undefined) throw new FsError(Errno.EBADF);
    return file;
  }

  async #find(path: string, lookups: Lookups): Promise<Pick<Entry, "node" | "attributes">> {
    let found = { node: ROOT_NODE_ID, attributes: await this.fileSystem.getattr(ROOT_NODE_ID) };
    for (const name of path.split("/").filter((name) => name !== "")) {
      const entry = await this.fileSystem.lookup(found.node, name);
      lookups.add(entry.node);
      found = entry;
    }
    return found;
  }
}

/** Lookups of ours. A mount makes all void, and the guest counts its own anew: then there is nothing to take back. */
class Lookups {
  readonly #nodes: number[] = [];
  readonly #mount: number;

  constructor(private readonly fileSystem: ShareFileSystem) {
    this.#mount = fileSystem.mounts;
  }

  add(node: number): void {
    this.assertValid();
    this.#nodes.push(node);
  }

  takeBack(): void {
    if (this.fileSystem.mounts !== this.#mount) return;
    for (const node of this.#nodes.splice(0)) this.fileSystem.forget(node, 1);
  }

  assertValid(): void {
    if (this.fileSystem.mounts !== this.#mount) throw new FsError(Errno.ESTALE);
  }
}

/** Has room for a whole directory. */
class EntryList implements DirectorySink {
  readonly entries: ShareEntry[] = [];

  constructor(
    private readonly fileSystem: ShareFileSystem,
    private readonly lookups: Lookups,
  ) {}

  /** "." and "..". */
  entry(): boolean {
    return true;
  }

  entryPlus(name: string, _cookie: number, { node, attributes }: Entry): boolean {
    if (node !== 0) this.lookups.add(node);
    const { mode } = attributes;
    const kind = isRegular(mode) ? "file" : isDirectory(mode) ? "directory" : isSymlink(mode) ? "symlink" : "other";
    const size = kind === "file" ? attributes.size : 0;
    const target = kind === "symlink" ? { target: this.#targetOf(node) } : {};
    this.entries.push({ name, kind, size, modified: modifiedOf(attributes), ...target });
    return true;
  }

  #targetOf(node: number): string {
    return decodeName(this.fileSystem.readlink(node));
  }
}

function modifiedOf({ mtime, mtimeNanoseconds }: Attributes): number {
  return mtime * 1000 + Math.floor(mtimeNanoseconds / 1e6);
}
