import type { FileSystem } from "../fs/file-system.js";
import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { encodedLength, encodeName } from "../posix/name.js";
import type { Of } from "../wire/struct.js";
import { type fuse_getxattr_in, fuse_getxattr_out, type fuse_setxattr_in_compat } from "./fuse.js";
import type { Request } from "./request.js";

// Handlers of extended attributes. Linux leaves the namespaces to the server, and checks the rest (fs/xattr.c) before it asks:
// what is checked there is refused here with the same error.

// `linux/limits.h`, in bytes
const XATTR_NAME_MAX = 255;
const XATTR_SIZE_MAX = 65536;
// `linux/xattr.h`
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const XATTR_TRUSTED_PREFIX = "trusted.";
/** "system." is none of them: INIT did not take POSIX_ACL, so nobody would enforce an ACL that was kept. */
const NAMESPACES = ["user.", XATTR_TRUSTED_PREFIX, "security."];

export function setxattr(
  fs: FileSystem,
  request: Request,
  { size, flags }: Of<typeof fuse_setxattr_in_compat>,
): Awaitable<void> {
  if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) throw new FsError(Errno.EINVAL, "flags of setxattr");
  const name = attributeName(request);
  if (size > XATTR_SIZE_MAX) throw new FsError(Errno.E2BIG);
  return fs.setxattr!(request.nodeid, name, request.value(size), flags);
}

export function getxattr(
  fs: FileSystem,
  request: Request,
  { size }: Of<typeof fuse_getxattr_in>,
): Awaitable<Uint8Array> {
  return chain(fs.getxattr!(request.nodeid, attributeName(request)), (value) => sized(value, size));
}

/**
 * The names one after the other, each with its NUL; "trusted." ones for root only. A list above XATTR_LIST_MAX (64 KiB) is
 * ERANGE for the most that Linux asks for, and E2BIG for the program.
 */
export function listxattr(
  fs: FileSystem,
  request: Request,
  { size }: Of<typeof fuse_getxattr_in>,
): Awaitable<Uint8Array> {
  // The closest to CAP_SYS_ADMIN that a request tells.
  const isRoot = request.caller.uid === 0;
  return chain(fs.listxattr!(request.nodeid), (names) => {
    const shown = isRoot ? names : names.filter((name) => !name.startsWith(XATTR_TRUSTED_PREFIX));
    return sized(encodeName(shown.map((name) => `${name}\0`).join("")), size);
  });
}

export function removexattr(fs: FileSystem, request: Request): Awaitable<void> {
  return fs.removexattr!(request.nodeid, attributeName(request));
}

/** The name of an extended attribute, in one of the {@link NAMESPACES}. */
function attributeName(request: Request): string {
  const name = request.text();
  if (name.length === 0 || encodedLength(name) > XATTR_NAME_MAX)
    throw new FsError(Errno.ERANGE, "name of an attribute");
  const namespace = NAMESPACES.find((prefix) => name.startsWith(prefix));
  if (namespace === undefined) throw new FsError(Errno.EOPNOTSUPP, name);
  if (name === namespace) throw new FsError(Errno.EINVAL, name);
  return name;
}

/** What GETXATTR and LISTXATTR answer: where no size was given, the size alone; otherwise the bytes, if they fit. */
function sized(value: Uint8Array, size: number): Uint8Array {
  if (size === 0) return fuse_getxattr_out.encode({ size: value.length });
  if (value.length > size) throw new FsError(Errno.ERANGE);
  return value;
}
