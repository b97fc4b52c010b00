// open(2) flags on i386, `asm-generic/fcntl.h`. Other architectures differ, x86-64 does not.

export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
/** The mask of the three above. */
export const O_ACCMODE = 0o3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const O_DIRECT = 0o40000;
export const O_LARGEFILE = 0o100000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
/** Linux's `__O_SYNC` and O_DSYNC. */
export const O_SYNC = 0o4010000;
export const O_PATH = 0o10000000;
/** Linux's `__O_TMPFILE` and O_DIRECTORY. */
export const O_TMPFILE = 0o20200000;

/** Linux's own mark on the flags of an open for execve(2) (`__FMODE_EXEC` of `linux/fs.h`); FUSE passes it on. */
export const FMODE_EXEC = 0x20;

/** True for flags that open for writing, or truncate. */
export function opensForWriting(flags: number): boolean {
  return (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0;
}
