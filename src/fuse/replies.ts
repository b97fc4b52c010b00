import type {
  Attributes,
  CacheProfile,
  CreatedFile,
  Entry,
  FileSystem,
  OpenFile,
  Statistics,
} from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { type Awaitable, chain } from "../posix/awaitable.js";
import type { Of } from "../wire/struct.js";
import {
  FOPEN_CACHE_DIR,
  FOPEN_KEEP_CACHE,
  type fuse_attr,
  fuse_attr_out,
  fuse_entry_out,
  fuse_init_out,
  fuse_lseek_out,
  fuse_open_out,
  fuse_out_header,
  fuse_statfs_out,
  fuse_write_out,
} from "./fuse.js";
import type { FuseMessage } from "./message.js";
import type { DirectoryListing } from "./directory-listing.js";

const BODY = fuse_out_header.size;
const NANOSECONDS = 1e9;

/** How the result of an operation is sent. */
export interface Reply<Value> {
  /** Bytes of the struct that follows the reply's header; the request must have room for it. */
  readonly size: number;
  /** Writes the struct into `body` behind the header, or bytes straight into `message`. Returns how many there are. */
  put(body: DataView, value: Value, profile: CacheProfile, message: FuseMessage): number;
  /** Gives back what `value` holds for a guest that never hears of it: the request had been ended before. */
  discard?(fileSystem: FileSystem, value: Value, nodeid: number): Awaitable<void>;
}

/** The request is given back as it came. */
export const noReply: Reply<void> = { size: 0, put: () => 0 };

/** A header alone. */
export const emptyReply: Reply<void> = { size: 0, put: () => 0 };

export const entryReply: Reply<Entry> = {
  size: fuse_entry_out.size,
  put(body, entry, profile) {
    fuse_entry_out.write(body, BODY, entryOut(entry, profile));
    return fuse_entry_out.size;
  },
  discard: discardEntry,
};

export const attributesReply: Reply<Attributes> = {
  size: fuse_attr_out.size,
  put(body, attributes, profile) {
    fuse_attr_out.write(body, BODY, {
      attr_valid: Math.floor(profile.attributeSeconds),
      attr_valid_nsec: nanoseconds(profile.attributeSeconds),
      attr: attr(attributes),
    });
    return fuse_attr_out.size;
  },
};

export const openReply: Reply<OpenFile> = {
  size: fuse_open_out.size,
  put(body, file, profile) {
    openOut(body, BODY, file, profile.keepCache ? FOPEN_KEEP_CACHE : 0);
    return fuse_open_out.size;
  },
  discard: (fileSystem, file, nodeid) => fileSystem.release(nodeid, file.fh),
};

export const opendirReply: Reply<OpenFile> = {
  size: fuse_open_out.size,
  put(body, file, profile) {
    openOut(body, BODY, file, profile.keepCache ? FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR : 0);
    return fuse_open_out.size;
  },
  discard: (fileSystem, file, nodeid) => fileSystem.releasedir(nodeid, file.fh),
};

export const createReply: Reply<CreatedFile> = {
  size: fuse_entry_out.size + fuse_open_out.size,
  put(body, file, profile) {
    fuse_entry_out.write(body, BODY, entryOut(file.entry, profile));
    openOut(body, BODY + fuse_entry_out.size, file, profile.keepCache ? FOPEN_KEEP_CACHE : 0);
    return fuse_entry_out.size + fuse_open_out.size;
  },
  discard(fileSystem, { entry, fh }) {
    if (fileSystem.open === undefined) return discardEntry(fileSystem, entry);
    return chain(fileSystem.release(entry.node, fh), () => discardEntry(fileSystem, entry));
  },
};

/** How many bytes were written, or copied. */
export const countReply: Reply<number> = {
  size: fuse_write_out.size,
  put(body, size) {
    fuse_write_out.write(body, BODY, { size });
    return fuse_write_out.size;
  },
};

export const offsetReply: Reply<number> = {
  size: fuse_lseek_out.size,
  put(body, offset) {
    fuse_lseek_out.write(body, BODY, { offset });
    return fuse_lseek_out.size;
  },
};

export const statisticsReply: Reply<Statistics> = {
  size: fuse_statfs_out.size,
  put(body, statistics) {
    fuse_statfs_out.write(body, BODY, {
      st: {
        blocks: statistics.blocks,
        bfree: statistics.blocksFree,
        bavail: statistics.blocksAvailable,
        files: statistics.files,
        ffree: statistics.filesFree,
        bsize: statistics.blockSize,
        namelen: statistics.nameLength,
        frsize: statistics.blockSize,
      },
    });
    return fuse_statfs_out.size;
  },
};

export const initReply: Reply<Of<typeof fuse_init_out>> = {
  size: fuse_init_out.size,
  put(body, out) {
    fuse_init_out.write(body, BODY, out);
    return fuse_init_out.size;
  },
};

/** As many bytes as there are: themselves, or their number where they are in the message already. */
export const bytesReply: Reply<Uint8Array | number> = {
  size: 0,
  put(_body, bytes, _profile, message) {
    if (typeof bytes === "number") return bytes;
    if (bytes.length > message.writableLength - BODY) throw new FsError(Errno.EIO, "no room for the reply");
    message.copyOut(BODY, bytes);
    return bytes.length;
  },
};

export const listingReply: Reply<DirectoryListing> = {
  size: 0,
  put(_body, listing, _profile, message) {
    message.copyOut(BODY, listing.bytes());
    return listing.length;
  },
  discard: (fileSystem, listing) => listing.discard(fileSystem),
};

/** An entry's `struct fuse_entry_out`. */
export function entryOut(entry: Entry, profile: CacheProfile): Of<typeof fuse_entry_out> {
  const entrySeconds = entry.node === 0 ? profile.negativeSeconds : profile.entrySeconds;
  return {
    nodeid: entry.node,
    generation: entry.generation,
    entry_valid: Math.floor(entrySeconds),
    attr_valid: Math.floor(profile.attributeSeconds),
    entry_valid_nsec: nanoseconds(entrySeconds),
    attr_valid_nsec: nanoseconds(profile.attributeSeconds),
    attr: attr(entry.attributes),
  };
}

function attr(attributes: Attributes): Of<typeof fuse_attr> {
  return {
    ino: attributes.ino,
    size: attributes.size,
    blocks: attributes.blocks,
    atime: attributes.atime,
    mtime: attributes.mtime,
    ctime: attributes.ctime,
    atimensec: attributes.atimeNanoseconds,
    mtimensec: attributes.mtimeNanoseconds,
    ctimensec: attributes.ctimeNanoseconds,
    mode: attributes.mode,
    nlink: attributes.nlink,
    uid: attributes.uid,
    gid: attributes.gid,
    rdev: attributes.rdev,
    blksize: attributes.blockSize,
    flags: 0,
  };
}

function openOut(body: DataView, at: number, file: OpenFile, profileFlags: number): void {
  fuse_open_out.write(body, at, { fh: file.fh, open_flags: file.flags | profileFlags, backing_id: 0 });
}

/** What `fuse.h` keeps beside the whole seconds of a time-out. */
export function nanoseconds(seconds: number): number {
  return Math.floor((seconds % 1) * NANOSECONDS);
}

function discardEntry(fileSystem: FileSystem, entry: Entry): void {
  if (entry.node !== 0) fileSystem.forget(entry.node, 1);
}
