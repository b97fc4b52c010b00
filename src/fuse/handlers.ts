import type { AttributeChanges, Attributes, CreatedFile, Entry, FileSystem, TimeChange } from "../fs/file-system.js";
import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { fileType, S_IALLUGO, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFREG, S_IFSOCK } from "../posix/mode.js";
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from "../posix/rename-flags.js";
import type { Of } from "../wire/struct.js";
import { DirectoryListing } from "./directory-listing.js";
import * as fuse from "./fuse.js";
import { IO_SIZE_MAX } from "./init.js";
import type { Request } from "./request.js";

// The handlers of operations.ts that are more than a call. They check what fuse.h leaves to the server, and turn structs into
// arguments.

/** PATH_MAX of `linux/limits.h`, less its NUL. */
const SYMLINK_MAX = 4095;
/** Room for a listing. Linux 6.12 asks for 4096 bytes; a shorter listing than was asked for is right at any time. */
const LISTING_MAX = 128 * 1024;
/** Most that one COPY_FILE_RANGE may do, MAX_RW_COUNT of `linux/fs.h`: Linux takes 2^31 for an error on 32 bits. */
const COPY_MAX = 0x7ffff000;
const NANOSECONDS = 1e9;
// `linux/fs.h`
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
// `linux/falloc.h`
const FALLOC_FL_KEEP_SIZE = 0x01;
const FALLOC_FL_PUNCH_HOLE = 0x02;
const FALLOC_FL_ZERO_RANGE = 0x10;

const nowhere: Attributes = {
  ino: 0,
  size: 0,
  blocks: 0,
  atime: 0,
  atimeNanoseconds: 0,
  mtime: 0,
  mtimeNanoseconds: 0,
  ctime: 0,
  ctimeNanoseconds: 0,
  mode: 0,
  nlink: 0,
  uid: 0,
  gid: 0,
  rdev: 0,
  blockSize: 0,
};

/** A name that does not exist, and stays so for the profile's `negativeSeconds`. */
const negativeEntry: Entry = { node: 0, generation: 0, attributes: nowhere };

export function lookup(fs: FileSystem, request: Request): Awaitable<Entry> {
  const name = request.name();
  if (fs.profile.negativeSeconds === 0) return fs.lookup(request.nodeid, name);
  return recover(
    () => fs.lookup(request.nodeid, name),
    (error) => {
      if (error instanceof FsError && error.errno === Errno.ENOENT) return negativeEntry;
      throw error;
    },
  );
}

export function batchForget(fs: FileSystem, request: Request, args: Of<typeof fuse.fuse_batch_forget_in>): void {
  for (let i = 0; i < args.count; i++) {
    const { nodeid, nlookup } = request.struct(fuse.fuse_forget_one);
    fs.forget(nodeid, nlookup);
  }
}

export function setattr(
  fs: FileSystem,
  request: Request,
  args: Of<typeof fuse.fuse_setattr_in>,
): Awaitable<Attributes> {
  const { valid } = args;
  const changes: { -readonly [K in keyof AttributeChanges]: AttributeChanges[K] } = {};
  if (valid & fuse.FATTR_MODE) changes.mode = args.mode & S_IALLUGO;
  if (valid & fuse.FATTR_UID) changes.uid = args.uid;
  if (valid & fuse.FATTR_GID) changes.gid = args.gid;
  if (valid & fuse.FATTR_SIZE) changes.size = fileEnd(args.size, 0);
  if (valid & fuse.FATTR_ATIME) changes.atime = time(args.atime, args.atimensec, valid & fuse.FATTR_ATIME_NOW);
  if (valid & fuse.FATTR_MTIME) changes.mtime = time(args.mtime, args.mtimensec, valid & fuse.FATTR_MTIME_NOW);
  if (valid & fuse.FATTR_CTIME) changes.ctime = time(args.ctime, args.ctimensec, 0);
  if (valid & fuse.FATTR_FH) changes.fh = args.fh;
  if (valid & fuse.FATTR_KILL_SUIDGID) changes.killSuidgid = true;
  return fs.setattr(request.nodeid, changes, request.caller);
}

export function symlink(fs: FileSystem, request: Request): Awaitable<Entry> {
  const name = request.name();
  const target = request.textBytes();
  if (target.length === 0) throw new FsError(Errno.EINVAL, "an empty symlink");
  if (target.length > SYMLINK_MAX) throw new FsError(Errno.ENAMETOOLONG);
  return fs.symlink(request.nodeid, name, target, request.caller);
}

export function mknod(fs: FileSystem, request: Request, args: Of<typeof fuse.fuse_mknod_in>): Awaitable<Entry> {
  const type = fileType(args.mode) || S_IFREG; // as mknod(2) has it
  if (!NODE_TYPES.has(type)) throw new FsError(Errno.EINVAL, "type of a node");
  const mode = type | (args.mode & S_IALLUGO);
  return fs.mknod!(request.nodeid, request.name(), mode, args.rdev, request.caller);
}

export function mkdir(fs: FileSystem, request: Request, args: Of<typeof fuse.fuse_mkdir_in>): Awaitable<Entry> {
  return fs.mkdir(request.nodeid, request.name(), S_IFDIR | (args.mode & S_IALLUGO), request.caller);
}

/** The rules of renameat2(2) for `flags`. */
export function rename2(
  fs: FileSystem,
  request: Request,
  { newdir, flags }: Of<typeof fuse.fuse_rename2_in>,
): Awaitable<void> {
  const others = RENAME_NOREPLACE | RENAME_WHITEOUT;
  if ((flags & ~(RENAME_EXCHANGE | others)) !== 0) throw new FsError(Errno.EINVAL, "flags of rename");
  if ((flags & RENAME_EXCHANGE) !== 0 && (flags & others) !== 0) throw new FsError(Errno.EINVAL, "flags of rename");
  return fs.rename(request.nodeid, request.name(), newdir, request.name(), flags, request.caller);
}

export function create(fs: FileSystem, request: Request, args: Of<typeof fuse.fuse_create_in>): Awaitable<CreatedFile> {
  const mode = S_IFREG | (args.mode & S_IALLUGO);
  const kill = (args.open_flags & fuse.FUSE_OPEN_KILL_SUIDGID) !== 0;
  const created = fs.create(request.nodeid, request.name(), mode, args.flags, request.caller, kill);
  return chain(created, (file) => withoutHandle(fs, file));
}

/** The name that TMPFILE carries is the kernel's own and means nothing. */
export function tmpfile(
  fs: FileSystem,
  request: Request,
  args: Of<typeof fuse.fuse_create_in>,
): Awaitable<CreatedFile> {
  const mode = S_IFREG | (args.mode & S_IALLUGO);
  return chain(fs.tmpfile!(request.nodeid, mode, args.flags, request.caller), (file) => withoutHandle(fs, file));
}

export function read(
  fs: FileSystem,
  request: Request,
  { fh, offset, size }: Of<typeof fuse.fuse_read_in>,
): Awaitable<Uint8Array | number> {
  const length = Math.min(size, request.room, IO_SIZE_MAX);
  if (length === 0 || offset > Number.MAX_SAFE_INTEGER - length) return 0;
  const into = request.message.writableViews(fuse.fuse_out_header.size, length);
  const bytes: Awaitable<Uint8Array | number> = fs.read(request.nodeid, fh, offset, into);
  return chain(bytes, (got) => {
    const count = typeof got === "number" ? got : got.length;
    if (!(count >= 0 && count <= length)) throw new Error(`${count} bytes read where ${length} were asked for`);
    return got;
  });
}

export function write(
  fs: FileSystem,
  request: Request,
  { fh, offset, size, write_flags, flags }: Of<typeof fuse.fuse_write_in>,
): Awaitable<number> {
  if (size > IO_SIZE_MAX) throw new FsError(Errno.EINVAL, "above max_write");
  fileEnd(offset, size);
  const written = fs.write(request.nodeid, fh, offset, request.payload(size), write_flags, flags);
  return chain(written, (count) => {
    if (!(count >= 0 && count <= size)) throw new Error(`${count} bytes written where ${size} were given`);
    return count;
  });
}

export function readdir(
  fs: FileSystem,
  request: Request,
  { fh, offset, size }: Of<typeof fuse.fuse_read_in>,
  plus: boolean,
): Awaitable<DirectoryListing> {
  const listing = new DirectoryListing(Math.min(size, request.room, LISTING_MAX), plus, fs.profile);
  return recover(
    () => chain(fs.readdir(request.nodeid, fh, offset, plus, listing), () => listing),
    (error) => {
      listing.discard(fs);
      throw error;
    },
  );
}

/** The rules of fallocate(2); without PUNCH_HOLE and ZERO_RANGE space is reserved. */
export function fallocate(
  fs: FileSystem,
  request: Request,
  { fh, offset, length, mode }: Of<typeof fuse.fuse_fallocate_in>,
): Awaitable<void> {
  const ranges = mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE);
  const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | ranges)) !== 0) throw new FsError(Errno.EOPNOTSUPP, "mode of fallocate");
  if (ranges === (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE) || (ranges === FALLOC_FL_PUNCH_HOLE && !keepsSize)) {
    throw new FsError(Errno.EOPNOTSUPP, "mode of fallocate");
  }
  if (length === 0) throw new FsError(Errno.EINVAL, "nothing to allocate");
  fileEnd(offset, length);
  return fs.fallocate!(request.nodeid, fh, mode, offset, length, request.caller);
}

/** SEEK_SET, SEEK_CUR and SEEK_END are the kernel's own work. */
export function lseek(
  fs: FileSystem,
  request: Request,
  { fh, offset, whence }: Of<typeof fuse.fuse_lseek_in>,
): Awaitable<number> {
  if (whence !== SEEK_DATA && whence !== SEEK_HOLE) throw new FsError(Errno.EINVAL, "whence");
  // Negative ones among them: as u64 they are beyond 2^63.
  if (offset > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.ENXIO);
  return fs.lseek!(request.nodeid, fh, offset, whence);
}

export function copyFileRange(
  fs: FileSystem,
  request: Request,
  args: Of<typeof fuse.fuse_copy_file_range_in>,
): Awaitable<number> {
  if (args.flags !== 0) throw new FsError(Errno.EINVAL, "flags of copy_file_range");
  const { off_in, off_out } = args;
  const length = Math.min(args.len, COPY_MAX);
  fileEnd(off_out, length);
  if (length === 0 || off_in > Number.MAX_SAFE_INTEGER - length) return 0; // no file is that long
  if (request.nodeid === args.nodeid_out && Math.abs(off_in - off_out) < length) {
    throw new FsError(Errno.EINVAL, "ranges that meet");
  }
  return fs.copyFileRange!(
    { node: request.nodeid, fh: args.fh_in, offset: off_in },
    { node: args.nodeid_out, fh: args.fh_out, offset: off_out },
    length,
    request.caller,
  );
}

const NODE_TYPES: ReadonlySet<number> = new Set([S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK]);

/** Where a write of `length` bytes ends. EFBIG past 2^53, where a number is no longer exact. */
function fileEnd(offset: number, length: number): number {
  const end = offset + length;
  if (end > Number.MAX_SAFE_INTEGER) throw new FsError(Errno.EFBIG);
  return end;
}

function time(seconds: number, nanoseconds: number, now: number): TimeChange {
  if (now !== 0) return "now";
  if (nanoseconds >= NANOSECONDS) throw new FsError(Errno.EINVAL, "nanoseconds of a time");
  // What a number holds exactly is 285 million years; beyond it the sign would be lost on the way back.
  const limit = Number.MAX_SAFE_INTEGER;
  return { seconds: Math.min(Math.max(seconds, -limit), limit), nanoseconds };
}

/** Linux keeps no handle where `open` is missing, and may never send a RELEASE. */
function withoutHandle(fs: FileSystem, file: CreatedFile): CreatedFile {
  return fs.open === undefined ? { ...file, fh: 0, flags: file.flags | fuse.FOPEN_KEEP_CACHE } : file;
}
