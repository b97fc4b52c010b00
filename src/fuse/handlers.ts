import type { AttributeChanges, Attributes, CreatedFile, Entry, FileSystem, TimeChange } from "../fs/file-system.js";
import { type Awaitable, chain, recover } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { fileType, S_IALLUGO, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFREG, S_IFSOCK } from "../posix/mode.js";
import { encodeName, NAME_MAX } from "../posix/name.js";
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
/** Most that one COPY_FILE_RANGE may do: its result has 32 bits. */
const COPY_MAX = 2 ** 31;
const NANOSECONDS = 1e9;
// `linux/fs.h`
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

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

export function create(fs: FileSystem, request: Request, args: Of<typeof fuse.fuse_create_in>): Awaitable<CreatedFile> {
  const mode = S_IFREG | (args.mode & S_IALLUGO);
  const created = fs.create(request.nodeid, request.name(), mode, args.flags, request.caller);
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
  { fh, offset, size, write_flags }: Of<typeof fuse.fuse_write_in>,
): Awaitable<number> {
  if (size > IO_SIZE_MAX) throw new FsError(Errno.EINVAL, "above max_write");
  fileEnd(offset, size);
  const written = fs.write(request.nodeid, fh, offset, request.payload(size), write_flags);
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

export function setxattr(
  fs: FileSystem,
  request: Request,
  { size, flags }: Of<typeof fuse.fuse_setxattr_in_compat>,
): Awaitable<void> {
  return fs.setxattr!(request.nodeid, attributeName(request), request.value(size), flags);
}

export function getxattr(
  fs: FileSystem,
  request: Request,
  { size }: Of<typeof fuse.fuse_getxattr_in>,
): Awaitable<Uint8Array> {
  return chain(fs.getxattr!(request.nodeid, attributeName(request)), (value) => sized(value, size));
}

/** The names one after the other, each with its NUL. */
export function listxattr(
  fs: FileSystem,
  request: Request,
  { size }: Of<typeof fuse.fuse_getxattr_in>,
): Awaitable<Uint8Array> {
  return chain(fs.listxattr!(request.nodeid), (names) => sized(encodeName(names.map((n) => `${n}\0`).join("")), size));
}

export function removexattr(fs: FileSystem, request: Request): Awaitable<void> {
  return fs.removexattr!(request.nodeid, attributeName(request));
}

export function fallocate(
  fs: FileSystem,
  request: Request,
  { fh, offset, length, mode }: Of<typeof fuse.fuse_fallocate_in>,
): Awaitable<void> {
  fileEnd(offset, length);
  return fs.fallocate!(request.nodeid, fh, mode, offset, length);
}

/** SEEK_SET, SEEK_CUR and SEEK_END are the kernel's own work. */
export function lseek(
  fs: FileSystem,
  request: Request,
  { fh, offset, whence }: Of<typeof fuse.fuse_lseek_in>,
): Awaitable<number> {
  if (whence !== SEEK_DATA && whence !== SEEK_HOLE) throw new FsError(Errno.EINVAL, "whence");
  return fs.lseek!(request.nodeid, fh, offset, whence);
}

export function copyFileRange(
  fs: FileSystem,
  request: Request,
  args: Of<typeof fuse.fuse_copy_file_range_in>,
): Awaitable<number> {
  if (args.flags !== 0) throw new FsError(Errno.EINVAL, "flags of copy_file_range");
  const length = Math.min(args.len, COPY_MAX);
  fileEnd(args.off_out, length);
  return fs.copyFileRange!(
    { node: request.nodeid, fh: args.fh_in, offset: args.off_in },
    { node: args.nodeid_out, fh: args.fh_out, offset: args.off_out },
    length,
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
  return { seconds, nanoseconds };
}

/** Linux keeps no handle where `open` is missing, and may never send a RELEASE. */
function withoutHandle(fs: FileSystem, file: CreatedFile): CreatedFile {
  return fs.open === undefined ? { ...file, fh: 0, flags: file.flags | fuse.FOPEN_KEEP_CACHE } : file;
}

/** The name of an extended attribute. ACLs are refused: INIT did not take POSIX_ACL, so nobody would enforce them. */
function attributeName(request: Request): string {
  const name = request.text();
  if (name.length === 0) throw new FsError(Errno.EINVAL, "an empty attribute name");
  if (name.length > NAME_MAX) throw new FsError(Errno.ERANGE);
  if (name.startsWith("system.posix_acl_")) throw new FsError(Errno.EOPNOTSUPP);
  return name;
}

/** What GETXATTR and LISTXATTR answer: where no size was given, the size alone; otherwise the bytes, if they fit. */
function sized(value: Uint8Array, size: number): Uint8Array {
  if (size === 0) return fuse.fuse_getxattr_out.encode({ size: value.length });
  if (value.length > size) throw new FsError(Errno.ERANGE);
  return value;
}
