import { decodeName } from "../../posix/name.js";
import type { Of } from "../../wire/struct.js";
import * as fuse from "../fuse.js";

/** A `struct fuse_dirent`. */
export interface Dirent {
  readonly name: string;
  readonly ino: number;
  readonly off: number;
  readonly type: number;
}

/** A `struct fuse_direntplus`. */
export interface DirentPlus extends Dirent {
  readonly entry: Of<typeof fuse.fuse_entry_out>;
}

/** What a READDIR replied. */
export function dirents(bytes: Uint8Array): Dirent[] {
  return records(bytes, 0).map(({ dirent }) => dirent);
}

/** What a READDIRPLUS replied. */
export function direntsPlus(bytes: Uint8Array): DirentPlus[] {
  const before = fuse.fuse_direntplus.offsets.dirent;
  return records(bytes, before).map(({ at, dirent }) => ({
    ...dirent,
    entry: fuse.fuse_entry_out.decode(bytes.subarray(at)),
  }));
}

/** The records of a listing, each with `before` bytes before its `struct fuse_dirent`. */
function records(bytes: Uint8Array, before: number): { at: number; dirent: Dirent }[] {
  const found: { at: number; dirent: Dirent }[] = [];
  for (let at = 0; at < bytes.length;) {
    const { ino, off, namelen, type } = fuse.fuse_dirent.decode(bytes.subarray(at + before));
    const start = at + before + fuse.fuse_dirent.size;
    if (start + namelen > bytes.length || namelen === 0) throw new Error("a broken listing");
    found.push({ at, dirent: { name: decodeName(bytes, start, start + namelen), ino, off, type } });
    at += Math.ceil((start + namelen - at) / fuse.FUSE_DIRENT_ALIGNMENT) * fuse.FUSE_DIRENT_ALIGNMENT;
  }
  return found;
}
