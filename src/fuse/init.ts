import type { FileSystem } from "../fs/file-system.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { Of } from "../wire/struct.js";
import {
  FUSE_ASYNC_DIO,
  FUSE_ASYNC_READ,
  FUSE_ATOMIC_O_TRUNC,
  FUSE_AUTO_INVAL_DATA,
  FUSE_BIG_WRITES,
  FUSE_CACHE_SYMLINKS,
  FUSE_DO_READDIRPLUS,
  FUSE_HANDLE_KILLPRIV_V2,
  FUSE_INIT_EXT,
  FUSE_KERNEL_MINOR_VERSION,
  FUSE_KERNEL_VERSION,
  FUSE_MAX_PAGES,
  FUSE_PARALLEL_DIROPS,
  FUSE_READDIRPLUS_AUTO,
  type fuse_init_in,
  type fuse_init_out,
} from "./fuse.js";

/** Largest READ and WRITE, in bytes: FUSE_MAX_MAX_PAGES pages, Linux's own limit. */
export const IO_SIZE_MAX = 2 ** 20;

// Linux 4.20. The layouts of everything that virtio-fs carries (Linux 5.4 and later) are the same from there on.
const MINOR_MIN = 27;
const PAGE_SIZE = 4096;
// What virtiofsd and its peers reply; Linux's default of 12 would skip read-ahead above 9 requests in flight.
const BACKGROUND_MAX = 65535;
const CONGESTION_THRESHOLD = 49149;

const ALWAYS =
  FUSE_BIG_WRITES |
  FUSE_DO_READDIRPLUS |
  FUSE_READDIRPLUS_AUTO |
  FUSE_ASYNC_DIO |
  FUSE_PARALLEL_DIROPS |
  FUSE_CACHE_SYMLINKS |
  FUSE_MAX_PAGES |
  FUSE_INIT_EXT;

/**
 * INIT: begins a mount, and says what it may use. Not taken, though offered: POSIX_LOCKS and FLOCK_LOCKS (one guest locks rightly by itself, and a SETLKW could
 * not be interrupted), WRITEBACK_CACHE, POSIX_ACL, EXPORT_SUPPORT, and all of flags2. NO_OPEN_SUPPORT and NO_OPENDIR_SUPPORT only
 * tell what the kernel makes of ENOSYS.
 */
export function initialize(offer: Of<typeof fuse_init_in>, fileSystem: FileSystem): Of<typeof fuse_init_out> {
  if (offer.major < FUSE_KERNEL_VERSION) throw new FsError(Errno.EPROTO, `FUSE ${offer.major}.${offer.minor}`);
  if (offer.major > FUSE_KERNEL_VERSION) return initOut({ minor: FUSE_KERNEL_MINOR_VERSION });
  if (offer.minor < MINOR_MIN) throw new FsError(Errno.EPROTO, `FUSE ${offer.major}.${offer.minor}`);
  fileSystem.init();
  return initOut({
    minor: Math.min(offer.minor, FUSE_KERNEL_MINOR_VERSION),
    max_readahead: offer.max_readahead,
    flags: offer.flags & wanted(fileSystem),
    max_background: BACKGROUND_MAX,
    congestion_threshold: CONGESTION_THRESHOLD,
    max_write: IO_SIZE_MAX,
    time_gran: fileSystem.profile.timeGranularity,
    max_pages: IO_SIZE_MAX / PAGE_SIZE,
  });
}

function wanted(fileSystem: FileSystem): number {
  const { profile } = fileSystem;
  let flags = ALWAYS;
  // A kernel that never sends OPEN could not send its O_TRUNC.
  if (fileSystem.open !== undefined) flags |= FUSE_ATOMIC_O_TRUNC;
  if (profile.readsTakeTime) flags |= FUSE_ASYNC_READ;
  if (profile.invalidateOnChange) flags |= FUSE_AUTO_INVAL_DATA;
  // With xattrs and without this, each write costs a GETXATTR of security.capability. Without xattrs the kernel clears the
  // set-id bits itself, by a SETATTR where it must, and the file system need not.
  if (fileSystem.getxattr !== undefined) flags |= FUSE_HANDLE_KILLPRIV_V2;
  return flags;
}

function initOut(out: Partial<Of<typeof fuse_init_out>>): Of<typeof fuse_init_out> {
  return {
    major: FUSE_KERNEL_VERSION,
    minor: 0,
    max_readahead: 0,
    flags: 0,
    max_background: 0,
    congestion_threshold: 0,
    max_write: 0,
    time_gran: 0,
    max_pages: 0,
    map_alignment: 0,
    flags2: 0,
    max_stack_depth: 0,
    ...out,
  };
}
