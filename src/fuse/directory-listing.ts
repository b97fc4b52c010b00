import type { CacheProfile, DirectorySink, Entry, FileSystem } from "../fs/file-system.js";
import { encodedLength, encodeInto } from "../posix/name.js";
import { entryType } from "../posix/mode.js";
import { FUSE_DIRENT_ALIGNMENT, fuse_dirent, fuse_direntplus, fuse_entry_out } from "./fuse.js";
import { entryOut } from "./replies.js";

/** The reply to READDIR or READDIRPLUS: packs entries as `struct fuse_dirent` or `fuse_direntplus` while they fit. */
export class DirectoryListing implements DirectorySink {
  /** Bytes filled so far. */
  length = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  // Nodes that carry a lookup for the guest.
  readonly #nodes: number[] = [];

  constructor(
    size: number,
    private readonly plus: boolean,
    private readonly profile: CacheProfile,
  ) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  entry(name: string, ino: number, type: number, cookie: number): boolean {
    const layout = this.plus ? fuse_direntplus : fuse_dirent;
    const at = this.#reserve(layout.size, name);
    // A fuse_direntplus without a lookup is zeros (nodeid 0) before its fuse_dirent.
    if (at >= 0) this.#dirent(at + layout.size - fuse_dirent.size, name, ino, type, cookie);
    return at >= 0;
  }

  entryPlus(name: string, cookie: number, entry: Entry): boolean {
    if (!this.plus) throw new Error("an entry with attributes in a READDIR");
    const at = this.#reserve(fuse_direntplus.size, name);
    if (at < 0) return false;
    if (entry.node !== 0) {
      fuse_entry_out.write(this.#view, at, entryOut(entry, this.profile));
      this.#nodes.push(entry.node);
    }
    const { ino, mode } = entry.attributes;
    this.#dirent(at + fuse_direntplus.offsets.dirent, name, ino, entryType(mode), cookie);
    return true;
  }

  /** What was filled. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Takes back the lookups of a listing that the guest will not see. */
  discard(fileSystem: FileSystem): void {
    for (const node of this.#nodes.splice(0)) fileSystem.forget(node, 1);
  }

  /** Where a record of `size` bytes and `name` begins, or -1 when it does not fit. */
  #reserve(size: number, name: string): number {
    const unpadded = size + encodedLength(name);
    const end = this.length + Math.ceil(unpadded / FUSE_DIRENT_ALIGNMENT) * FUSE_DIRENT_ALIGNMENT;
    if (end > this.#bytes.length) return -1;
    const at = this.length;
    this.length = end;
    return at;
  }

  #dirent(at: number, name: string, ino: number, type: number, off: number): void {
    fuse_dirent.write(this.#view, at, { ino, off, namelen: encodedLength(name), type });
    encodeInto(name, this.#bytes, at + fuse_dirent.size);
  }
}
