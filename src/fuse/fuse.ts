import { i32, i64, padding, struct, u16, u32, u64 } from "../wire/struct.js";

// Linux's include/uapi/linux/fuse.h, protocol 7.41 (Linux 6.12): in its order and spelling, so that the two can be read side by
// side. Left out: CUSE, notifications (virtio-fs has no queue for them in Linux), DAX mappings, and the structs of requests
// that have no handler in operations.ts.

export const FUSE_KERNEL_VERSION = 7;

export const FUSE_KERNEL_MINOR_VERSION = 41;

export const FUSE_ROOT_ID = 1;

/** A node's attributes. Times are time64_t in the kernel, hence signed here. */
export const fuse_attr = struct({
  ino: u64,
  size: u64,
  blocks: u64,
  atime: i64,
  mtime: i64,
  ctime: i64,
  atimensec: u32,
  mtimensec: u32,
  ctimensec: u32,
  mode: u32,
  nlink: u32,
  uid: u32,
  gid: u32,
  rdev: u32,
  blksize: u32,
  flags: u32,
});

/** A time of fuse_statx. */
export const fuse_sx_time = struct({
  tv_sec: i64,
  tv_nsec: u32,
  __reserved: padding(4),
});

/** As statx(2) has it: `mask` says which members hold something (STATX_… of `linux/stat.h`). */
export const fuse_statx = struct({
  mask: u32,
  blksize: u32,
  attributes: u64,
  nlink: u32,
  uid: u32,
  gid: u32,
  mode: u16,
  __spare0: padding(2),
  ino: u64,
  size: u64,
  blocks: u64,
  attributes_mask: u64,
  atime: fuse_sx_time,
  btime: fuse_sx_time,
  ctime: fuse_sx_time,
  mtime: fuse_sx_time,
  rdev_major: u32,
  rdev_minor: u32,
  dev_major: u32,
  dev_minor: u32,
  __spare2: padding(112),
});

export const fuse_kstatfs = struct({
  blocks: u64,
  bfree: u64,
  bavail: u64,
  files: u64,
  ffree: u64,
  bsize: u32,
  namelen: u32,
  frsize: u32,
  padding: padding(4),
  spare: padding(24),
});

// fuse_setattr_in.valid
export const FATTR_MODE = 1 << 0;
export const FATTR_UID = 1 << 1;
export const FATTR_GID = 1 << 2;
export const FATTR_SIZE = 1 << 3;
export const FATTR_ATIME = 1 << 4;
export const FATTR_MTIME = 1 << 5;
export const FATTR_FH = 1 << 6;
export const FATTR_ATIME_NOW = 1 << 7;
export const FATTR_MTIME_NOW = 1 << 8;
export const FATTR_LOCKOWNER = 1 << 9;
export const FATTR_CTIME = 1 << 10;
export const FATTR_KILL_SUIDGID = 1 << 11;

// fuse_open_out.open_flags
export const FOPEN_DIRECT_IO = 1 << 0;
export const FOPEN_KEEP_CACHE = 1 << 1;
export const FOPEN_NONSEEKABLE = 1 << 2;
export const FOPEN_CACHE_DIR = 1 << 3;
export const FOPEN_STREAM = 1 << 4;
export const FOPEN_NOFLUSH = 1 << 5;
export const FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;
export const FOPEN_PASSTHROUGH = 1 << 7;

// INIT: fuse_init_in.flags and fuse_init_out.flags
export const FUSE_ASYNC_READ = 1 << 0;
export const FUSE_POSIX_LOCKS = 1 << 1;
export const FUSE_FILE_OPS = 1 << 2;
export const FUSE_ATOMIC_O_TRUNC = 1 << 3;
export const FUSE_EXPORT_SUPPORT = 1 << 4;
export const FUSE_BIG_WRITES = 1 << 5;
export const FUSE_DONT_MASK = 1 << 6;
export const FUSE_SPLICE_WRITE = 1 << 7;
export const FUSE_SPLICE_MOVE = 1 << 8;
export const FUSE_SPLICE_READ = 1 << 9;
export const FUSE_FLOCK_LOCKS = 1 << 10;
export const FUSE_HAS_IOCTL_DIR = 1 << 11;
export const FUSE_AUTO_INVAL_DATA = 1 << 12;
export const FUSE_DO_READDIRPLUS = 1 << 13;
export const FUSE_READDIRPLUS_AUTO = 1 << 14;
export const FUSE_ASYNC_DIO = 1 << 15;
export const FUSE_WRITEBACK_CACHE = 1 << 16;
export const FUSE_NO_OPEN_SUPPORT = 1 << 17;
export const FUSE_PARALLEL_DIROPS = 1 << 18;
export const FUSE_HANDLE_KILLPRIV = 1 << 19;
export const FUSE_POSIX_ACL = 1 << 20;
export const FUSE_ABORT_ERROR = 1 << 21;
export const FUSE_MAX_PAGES = 1 << 22;
export const FUSE_CACHE_SYMLINKS = 1 << 23;
export const FUSE_NO_OPENDIR_SUPPORT = 1 << 24;
export const FUSE_EXPLICIT_INVAL_DATA = 1 << 25;
export const FUSE_MAP_ALIGNMENT = 1 << 26;
export const FUSE_SUBMOUNTS = 1 << 27;
export const FUSE_HANDLE_KILLPRIV_V2 = 1 << 28;
export const FUSE_SETXATTR_EXT = 1 << 29;
export const FUSE_INIT_EXT = 1 << 30;
export const FUSE_INIT_RESERVED = 2 ** 31;

// INIT: flags2. fuse.h counts these bits from 32 on; here they stand as they are sent.
export const FUSE_SECURITY_CTX = 1 << 0;
export const FUSE_HAS_INODE_DAX = 1 << 1;
export const FUSE_CREATE_SUPP_GROUP = 1 << 2;
export const FUSE_HAS_EXPIRE_ONLY = 1 << 3;
export const FUSE_DIRECT_IO_ALLOW_MMAP = 1 << 4;
export const FUSE_PASSTHROUGH = 1 << 5;
export const FUSE_NO_EXPORT_SUPPORT = 1 << 6;
export const FUSE_HAS_RESEND = 1 << 7;

export const FUSE_ALLOW_IDMAP = 1 << 8;

// fuse_release_in.release_flags
export const FUSE_RELEASE_FLUSH = 1 << 0;
export const FUSE_RELEASE_FLOCK_UNLOCK = 1 << 1;

// fuse_getattr_in.getattr_flags
export const FUSE_GETATTR_FH = 1 << 0;

// fuse_write_in.write_flags
export const FUSE_WRITE_CACHE = 1 << 0;
export const FUSE_WRITE_LOCKOWNER = 1 << 1;
export const FUSE_WRITE_KILL_SUIDGID = 1 << 2;

// fuse_ioctl_in.flags
export const FUSE_IOCTL_COMPAT = 1 << 0;
export const FUSE_IOCTL_UNRESTRICTED = 1 << 1;
export const FUSE_IOCTL_RETRY = 1 << 2;
export const FUSE_IOCTL_32BIT = 1 << 3;
export const FUSE_IOCTL_DIR = 1 << 4;
export const FUSE_IOCTL_COMPAT_X32 = 1 << 5;

// fuse_fsync_in.fsync_flags
export const FUSE_FSYNC_FDATASYNC = 1 << 0;

// fuse_open_in.open_flags, fuse_create_in.open_flags
export const FUSE_OPEN_KILL_SUIDGID = 1 << 0;

// enum fuse_opcode
export const FUSE_LOOKUP = 1;
export const FUSE_FORGET = 2;
export const FUSE_GETATTR = 3;
export const FUSE_SETATTR = 4;
export const FUSE_READLINK = 5;
export const FUSE_SYMLINK = 6;
export const FUSE_MKNOD = 8;
export const FUSE_MKDIR = 9;
export const FUSE_UNLINK = 10;
export const FUSE_RMDIR = 11;
export const FUSE_RENAME = 12;
export const FUSE_LINK = 13;
export const FUSE_OPEN = 14;
export const FUSE_READ = 15;
export const FUSE_WRITE = 16;
export const FUSE_STATFS = 17;
export const FUSE_RELEASE = 18;
export const FUSE_FSYNC = 20;
export const FUSE_SETXATTR = 21;
export const FUSE_GETXATTR = 22;
export const FUSE_LISTXATTR = 23;
export const FUSE_REMOVEXATTR = 24;
export const FUSE_FLUSH = 25;
export const FUSE_INIT = 26;
export const FUSE_OPENDIR = 27;
export const FUSE_READDIR = 28;
export const FUSE_RELEASEDIR = 29;
export const FUSE_FSYNCDIR = 30;
export const FUSE_GETLK = 31;
export const FUSE_SETLK = 32;
export const FUSE_SETLKW = 33;
export const FUSE_ACCESS = 34;
export const FUSE_CREATE = 35;
export const FUSE_INTERRUPT = 36;
export const FUSE_BMAP = 37;
export const FUSE_DESTROY = 38;
export const FUSE_IOCTL = 39;
export const FUSE_POLL = 40;
export const FUSE_NOTIFY_REPLY = 41;
export const FUSE_BATCH_FORGET = 42;
export const FUSE_FALLOCATE = 43;
export const FUSE_READDIRPLUS = 44;
export const FUSE_RENAME2 = 45;
export const FUSE_LSEEK = 46;
export const FUSE_COPY_FILE_RANGE = 47;
export const FUSE_SETUPMAPPING = 48;
export const FUSE_REMOVEMAPPING = 49;
export const FUSE_SYNCFS = 50;
export const FUSE_TMPFILE = 51;
export const FUSE_STATX = 52;

/** A nodeid of 0 is a name that does not exist, and says how long that stays so. */
export const fuse_entry_out = struct({
  nodeid: u64,
  generation: u64,
  entry_valid: u64,
  attr_valid: u64,
  entry_valid_nsec: u32,
  attr_valid_nsec: u32,
  attr: fuse_attr,
});

export const fuse_forget_in = struct({
  nlookup: u64,
});

export const fuse_forget_one = struct({
  nodeid: u64,
  nlookup: u64,
});

export const fuse_batch_forget_in = struct({
  count: u32,
  dummy: padding(4),
});

export const fuse_getattr_in = struct({
  getattr_flags: u32,
  dummy: padding(4),
  fh: u64,
});

export const fuse_attr_out = struct({
  attr_valid: u64,
  attr_valid_nsec: u32,
  dummy: padding(4),
  attr: fuse_attr,
});

export const fuse_statx_in = struct({
  getattr_flags: u32,
  reserved: padding(4),
  fh: u64,
  sx_flags: u32,
  sx_mask: u32,
});

export const fuse_statx_out = struct({
  attr_valid: u64,
  attr_valid_nsec: u32,
  flags: u32,
  spare: padding(16),
  stat: fuse_statx,
});

export const fuse_mknod_in = struct({
  mode: u32,
  rdev: u32,
  umask: u32,
  padding: padding(4),
});

export const fuse_mkdir_in = struct({
  mode: u32,
  umask: u32,
});

/** Then the old name and the new one, each with its NUL. */
export const fuse_rename_in = struct({
  newdir: u64,
});

/** As fuse_rename_in; sent when there are flags. */
export const fuse_rename2_in = struct({
  newdir: u64,
  flags: u32,
  padding: padding(4),
});

export const fuse_link_in = struct({
  oldnodeid: u64,
});

export const fuse_setattr_in = struct({
  valid: u32,
  padding: padding(4),
  fh: u64,
  size: u64,
  lock_owner: u64,
  atime: i64,
  mtime: i64,
  ctime: i64,
  atimensec: u32,
  mtimensec: u32,
  ctimensec: u32,
  mode: u32,
  unused4: padding(4),
  uid: u32,
  gid: u32,
  unused5: padding(4),
});

export const fuse_open_in = struct({
  flags: u32,
  open_flags: u32,
});

export const fuse_create_in = struct({
  flags: u32,
  mode: u32,
  umask: u32,
  open_flags: u32,
});

export const fuse_open_out = struct({
  fh: u64,
  open_flags: u32,
  backing_id: i32,
});

export const fuse_release_in = struct({
  fh: u64,
  flags: u32,
  release_flags: u32,
  lock_owner: u64,
});

export const fuse_flush_in = struct({
  fh: u64,
  unused: padding(4),
  padding: padding(4),
  lock_owner: u64,
});

export const fuse_read_in = struct({
  fh: u64,
  offset: u64,
  size: u32,
  read_flags: u32,
  lock_owner: u64,
  flags: u32,
  padding: padding(4),
});

/** Then `size` bytes. */
export const fuse_write_in = struct({
  fh: u64,
  offset: u64,
  size: u32,
  write_flags: u32,
  lock_owner: u64,
  flags: u32,
  padding: padding(4),
});

export const fuse_write_out = struct({
  size: u32,
  padding: padding(4),
});

export const fuse_statfs_out = struct({
  st: fuse_kstatfs,
});

export const fuse_fsync_in = struct({
  fh: u64,
  fsync_flags: u32,
  padding: padding(4),
});

/** The first FUSE_COMPAT_SETXATTR_IN_SIZE (8) bytes of fuse_setxattr_in: the rest is sent if FUSE_SETXATTR_EXT was agreed on. */
export const fuse_setxattr_in_compat = struct({
  size: u32,
  flags: u32,
});

export const fuse_getxattr_in = struct({
  size: u32,
  padding: padding(4),
});

export const fuse_getxattr_out = struct({
  size: u32,
  padding: padding(4),
});

/** Size of fuse_init_in before protocol 7.36. fuse.h has no name for it. */
export const FUSE_COMPAT_INIT_IN_SIZE = 16;

/** Its first {@link FUSE_COMPAT_INIT_IN_SIZE} bytes only, from kernels before protocol 7.36. */
export const fuse_init_in = struct({
  major: u32,
  minor: u32,
  max_readahead: u32,
  flags: u32,
  flags2: u32,
  unused: padding(44),
});

export const fuse_init_out = struct({
  major: u32,
  minor: u32,
  max_readahead: u32,
  flags: u32,
  max_background: u16,
  congestion_threshold: u16,
  max_write: u32,
  time_gran: u32,
  max_pages: u16,
  map_alignment: u16,
  flags2: u32,
  max_stack_depth: u32,
  unused: padding(24),
});

/** Then `in_size` bytes. `cmd` is the number that a program gave to ioctl(2), or that the kernel made of it. */
export const fuse_ioctl_in = struct({
  fh: u64,
  flags: u32,
  cmd: u32,
  arg: u64,
  in_size: u32,
  out_size: u32,
});

/** Then at most `out_size` bytes. */
export const fuse_ioctl_out = struct({
  result: i32,
  flags: u32,
  in_iovs: u32,
  out_iovs: u32,
});

export const fuse_fallocate_in = struct({
  fh: u64,
  offset: u64,
  length: u64,
  mode: u32,
  padding: padding(4),
});

/** Before each request. `len` counts the header too, `total_extlen` the extensions at the end in units of 8 bytes. */
export const fuse_in_header = struct({
  len: u32,
  opcode: u32,
  unique: u64,
  nodeid: u64,
  uid: u32,
  gid: u32,
  pid: u32,
  total_extlen: u16,
  padding: padding(2),
});

/** Before each reply. `len` counts the header too; `error` is 0 or a negative error number. */
export const fuse_out_header = struct({
  len: u32,
  error: i32,
  unique: u64,
});

/** FUSE_REC_ALIGN. */
export const FUSE_DIRENT_ALIGNMENT = 8;

/** Then `namelen` bytes of name, and zeros up to a multiple of {@link FUSE_DIRENT_ALIGNMENT}. `off` is where to go on after it. */
export const fuse_dirent = struct({
  ino: u64,
  off: u64,
  namelen: u32,
  type: u32,
});

/** Then the name as after fuse_dirent. */
export const fuse_direntplus = struct({
  entry_out: fuse_entry_out,
  dirent: fuse_dirent,
});

export const fuse_lseek_in = struct({
  fh: u64,
  offset: u64,
  whence: u32,
  padding: padding(4),
});

export const fuse_lseek_out = struct({
  offset: u64,
});

export const fuse_copy_file_range_in = struct({
  fh_in: u64,
  off_in: u64,
  nodeid_out: u64,
  fh_out: u64,
  off_out: u64,
  len: u64,
  flags: u64,
});

export const fuse_syncfs_in = struct({
  padding: padding(8),
});
