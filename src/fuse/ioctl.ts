import type { FileSystem } from "../fs/file-system.js";
import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { type Of, padding, struct, u32 } from "../wire/struct.js";
import { FUSE_IOCTL_UNRESTRICTED, type fuse_ioctl_in, fuse_ioctl_out, fuse_out_header } from "./fuse.js";
import type { Reply } from "./replies.js";
import type { Request } from "./request.js";

// IOCTL: what lsattr, chattr and their like ask about a file. Files here have no flags (`linux/fs.h`: immutable, no atime and so
// on), no project and no version: each is 0, and stays so.

/** One ioctl. A command of Linux has its direction and the size of its argument in it. */
interface Command {
  /** Bytes that it reads at least, and answers. */
  readonly input: number;
  readonly output: number;
  /** Throws where `input` asks for what is not kept. */
  readonly check?: (input: Uint8Array) => void;
}

/** `struct fsxattr`. */
const fsxattr = struct({
  fsx_xflags: u32,
  fsx_extsize: u32,
  fsx_nextents: u32,
  fsx_projid: u32,
  fsx_cowextsize: u32,
  fsx_pad: padding(8),
});

// `asm-generic/ioctl.h`
const IOC_WRITE = 1;
const IOC_READ = 2;
const IOC_SIZE_SHIFT = 16;
const IOC_SIZE_MASK = 0x3fff;

const FLAGS_SIZE = 4;
/** These say that their argument is a `long`, of a 32-bit or a 64-bit guest, but take an `int`. */
const LONG_SIZES = [4, 8];

const commands = new Map<number, Command>([
  ...LONG_SIZES.flatMap((long): [number, Command][] => [
    // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_GETVERSION
    [command(IOC_READ, "f", 1, long), { input: 0, output: FLAGS_SIZE }],
    [command(IOC_WRITE, "f", 2, long), { input: FLAGS_SIZE, output: 0, check: noFlags }],
    [command(IOC_READ, "v", 1, long), { input: 0, output: FLAGS_SIZE }],
  ]),
  // FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR
  [command(IOC_READ, "X", 31, fsxattr.size), { input: 0, output: fsxattr.size }],
  [command(IOC_WRITE, "X", 32, fsxattr.size), { input: fsxattr.size, output: 0, check: noExtendedFlags }],
]);

/** True for a command that sets something. */
export function changes(cmd: number): boolean {
  return commands.get(cmd)?.check !== undefined;
}

/**
 * Returns the bytes for the program. ENOTTY, which the program gets as it is, for what is not in the table; ENOSYS would come
 * out the same.
 */
export function ioctl(
  fs: FileSystem,
  request: Request,
  { cmd, flags, in_size, out_size }: Of<typeof fuse_ioctl_in>,
): Awaitable<Uint8Array> {
  const found = commands.get(cmd);
  // Without bounds are those of character devices alone.
  const known = found !== undefined && (flags & FUSE_IOCTL_UNRESTRICTED) === 0 ? found : undefined;
  if (known !== undefined) {
    if (in_size < known.input || in_size > argumentSize(cmd) || out_size < known.output) {
      throw new FsError(Errno.EINVAL, "size of an ioctl's argument");
    }
    known.check?.(request.value(in_size));
  }
  return chain(fs.getattr(request.nodeid), () => {
    if (known === undefined) throw new FsError(Errno.ENOTTY, `ioctl 0x${cmd.toString(16)}`);
    return new Uint8Array(known.output);
  });
}

export const ioctlReply: Reply<Uint8Array> = {
  size: fuse_ioctl_out.size,
  put(body, bytes, _profile, message) {
    const at = fuse_out_header.size + fuse_ioctl_out.size;
    if (at + bytes.length > message.writableLength) throw new FsError(Errno.EIO, "no room for the reply");
    fuse_ioctl_out.write(body, fuse_out_header.size, { result: 0, flags: 0, in_iovs: 0, out_iovs: 0 });
    message.copyOut(at, bytes);
    return fuse_ioctl_out.size + bytes.length;
  },
};

function noFlags(input: Uint8Array): void {
  if (input.subarray(0, FLAGS_SIZE).some(Boolean)) throw new FsError(Errno.EOPNOTSUPP, "flags of a file");
}

function noExtendedFlags(input: Uint8Array): void {
  const { fsx_xflags, fsx_extsize, fsx_projid, fsx_cowextsize } = fsxattr.decode(input);
  if (fsx_xflags || fsx_extsize || fsx_projid || fsx_cowextsize) throw new FsError(Errno.EOPNOTSUPP, "flags of a file");
}

/** `_IOC` of `asm-generic/ioctl.h`. */
function command(direction: number, type: string, number: number, size: number): number {
  return ((direction << 30) | (size << IOC_SIZE_SHIFT) | (type.charCodeAt(0) << 8) | number) >>> 0;
}

function argumentSize(cmd: number): number {
  return (cmd >>> IOC_SIZE_SHIFT) & IOC_SIZE_MASK;
}
