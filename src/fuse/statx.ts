import type { Attributes, FileSystem } from "../fs/file-system.js";
import type { Awaitable } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Of } from "../wire/struct.js";
import { fuse_out_header, type fuse_statx, type fuse_statx_in, fuse_statx_out, type fuse_sx_time } from "./fuse.js";
import { nanoseconds, type Reply } from "./replies.js";
import type { Request } from "./request.js";

// STATX: Linux sends it in place of GETATTR where a program asks for the time of birth, and always asks for everything.

// `linux/stat.h`
const STATX_BASIC_STATS = 0x7ff;
const STATX_BTIME = 0x800;
const STATX__RESERVED = 0x80000000;
/** AT_STATX_FORCE_SYNC and AT_STATX_DONT_SYNC, which exclude each other (`linux/fcntl.h`). */
const AT_STATX_SYNC_TYPE = 0x6000;

/** Answers with all that is known, whatever was asked for, as statx(2) may. */
export function statx(
  fs: FileSystem,
  request: Request,
  { sx_flags, sx_mask }: Of<typeof fuse_statx_in>,
): Awaitable<Attributes> {
  if ((sx_flags & ~AT_STATX_SYNC_TYPE) !== 0 || sx_flags === AT_STATX_SYNC_TYPE) {
    throw new FsError(Errno.EINVAL, "flags of statx");
  }
  if ((sx_mask & STATX__RESERVED) !== 0) throw new FsError(Errno.EINVAL, "mask of statx");
  return fs.getattr(request.nodeid);
}

export const statxReply: Reply<Attributes> = {
  size: fuse_statx_out.size,
  put(body, attributes, profile) {
    fuse_statx_out.write(body, fuse_out_header.size, {
      attr_valid: Math.floor(profile.attributeSeconds),
      attr_valid_nsec: nanoseconds(profile.attributeSeconds),
      flags: 0,
      stat: statxOf(attributes),
    });
    return fuse_statx_out.size;
  },
};

function statxOf(attributes: Attributes): Of<typeof fuse_statx> {
  const { rdev, btime } = attributes;
  return {
    mask: btime === undefined ? STATX_BASIC_STATS : STATX_BASIC_STATS | STATX_BTIME,
    blksize: attributes.blockSize,
    attributes: 0,
    nlink: attributes.nlink,
    uid: attributes.uid,
    gid: attributes.gid,
    mode: attributes.mode,
    ino: attributes.ino,
    size: attributes.size,
    blocks: attributes.blocks,
    attributes_mask: 0,
    atime: time(attributes.atime, attributes.atimeNanoseconds),
    btime: time(btime ?? 0, attributes.btimeNanoseconds ?? 0),
    ctime: time(attributes.ctime, attributes.ctimeNanoseconds),
    mtime: time(attributes.mtime, attributes.mtimeNanoseconds),
    // new_encode_dev of `linux/kdev_t.h`, which elsewhere on the wire is one number.
    rdev_major: (rdev >>> 8) & 0xfff,
    rdev_minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00),
    dev_major: 0,
    dev_minor: 0,
  };
}

function time(seconds: number, nanoseconds: number): Of<typeof fuse_sx_time> {
  return { tv_sec: seconds, tv_nsec: nanoseconds };
}
