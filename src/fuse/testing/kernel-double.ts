import { joined } from "../../fs/bytes.js";
import { encodeName } from "../../posix/name.js";
import { O_RDONLY, O_WRONLY } from "../../posix/open-flags.js";
import type { Of } from "../../wire/struct.js";
import * as fuse from "../fuse.js";
import { type Dirent, type DirentPlus, dirents, direntsPlus } from "./dirents.js";
import { exactly, KernelChannel } from "./kernel-channel.js";

export type { DirentPlus } from "./dirents.js";
export { ReplyError, type Server } from "./kernel-channel.js";

export type EntryOut = Of<typeof fuse.fuse_entry_out>;
export type AttrOut = Of<typeof fuse.fuse_attr_out>;
export type OpenOut = Of<typeof fuse.fuse_open_out>;
export type InitOut = Of<typeof fuse.fuse_init_out>;
export type StatxOut = Of<typeof fuse.fuse_statx_out>;
/** A `struct fuse_ioctl_out` and what came after it. */
export type IoctlOut = Of<typeof fuse.fuse_ioctl_out> & { readonly bytes: Uint8Array };
export type SetattrIn = Of<typeof fuse.fuse_setattr_in>;

/** A file name, or the bytes of one. */
export type Name = string | Uint8Array;

/** What Linux 6.12 offers in INIT, with the kernel configuration of `guest/`. */
export const LINUX_6_12 = { major: 7, minor: 41, max_readahead: 131072, flags: 0x7bfffffb, flags2: 0x1dd };
/** What Linux 6.1 (Debian 12) offers. */
export const LINUX_6_1 = { major: 7, minor: 38, max_readahead: 131072, flags: 0x7bfffffb, flags2: 0x9 };

const PAGE_SIZE = 4096;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BTIME = 0x800;
const IOC_READ = 2;
const IOC_SIZE_MASK = 0x3fff;
const IOCTL_32BIT = fuse.FUSE_IOCTL_32BIT;

/** The guest's side of the protocol: each request of Linux as a method, with the reply decoded. */
export class KernelDouble extends KernelChannel {
  /** Lookups that the kernel holds, by nodeid. */
  readonly lookups = new Map<number, number>();

  /** Sends INIT. */
  async mount(offer: Partial<Of<typeof fuse.fuse_init_in>> = LINUX_6_12): Promise<InitOut> {
    const input = fuse.fuse_init_in.encode(offer);
    return this.struct(fuse.FUSE_INIT, 0, [input], fuse.fuse_init_out);
  }

  /** Sends DESTROY, as umount(2) does at its end. */
  async destroy(): Promise<void> {
    await this.empty(fuse.FUSE_DESTROY, 0, []);
    this.lookups.clear();
  }

  /** A reply with nodeid 0 is a negative entry; a name that is not there without one is an ENOENT. */
  async lookup(parent: number, name: Name): Promise<EntryOut> {
    return this.#entry(fuse.FUSE_LOOKUP, parent, [text(name)]);
  }

  /** Gives lookups back: all that the kernel holds of the node by default. No reply. */
  forget(nodeid: number, nlookup = this.lookups.get(nodeid) ?? 0): void {
    this.#hold(nodeid, -nlookup);
    this.post(fuse.FUSE_FORGET, nodeid, [fuse.fuse_forget_in.encode({ nlookup })]);
  }

  batchForget(nodes: readonly { readonly nodeid: number; readonly nlookup: number }[]): void {
    const head = fuse.fuse_batch_forget_in.encode({ count: nodes.length });
    for (const { nodeid, nlookup } of nodes) this.#hold(nodeid, -nlookup);
    this.post(fuse.FUSE_BATCH_FORGET, 0, [head, ...nodes.map((node) => fuse.fuse_forget_one.encode(node))]);
  }

  async getattr(nodeid: number, fh?: number): Promise<AttrOut> {
    const input = fuse.fuse_getattr_in.encode(fh === undefined ? {} : { getattr_flags: fuse.FUSE_GETATTR_FH, fh });
    return this.struct(fuse.FUSE_GETATTR, nodeid, [input], fuse.fuse_attr_out);
  }

  /** As Linux asks: for everything. */
  async statx(nodeid: number, input: Partial<Of<typeof fuse.fuse_statx_in>> = {}): Promise<StatxOut> {
    const request = fuse.fuse_statx_in.encode({ sx_mask: STATX_BASIC_STATS | STATX_BTIME, ...input });
    return this.struct(fuse.FUSE_STATX, nodeid, [request], fuse.fuse_statx_out);
  }

  /** `valid`: FATTR_… of the members given. */
  async setattr(nodeid: number, valid: number, changes: Partial<SetattrIn> = {}): Promise<AttrOut> {
    const input = fuse.fuse_setattr_in.encode({ ...changes, valid });
    return this.struct(fuse.FUSE_SETATTR, nodeid, [input], fuse.fuse_attr_out);
  }

  async readlink(nodeid: number): Promise<Uint8Array> {
    return this.bytes(fuse.FUSE_READLINK, nodeid, [], PAGE_SIZE - 1);
  }

  async symlink(parent: number, name: Name, target: Name): Promise<EntryOut> {
    return this.#entry(fuse.FUSE_SYMLINK, parent, [text(name), text(target)]);
  }

  async mknod(parent: number, name: Name, mode: number, rdev = 0): Promise<EntryOut> {
    return this.#entry(fuse.FUSE_MKNOD, parent, [fuse.fuse_mknod_in.encode({ mode, rdev, umask: 0o022 }), text(name)]);
  }

  async mkdir(parent: number, name: Name, mode = 0o755): Promise<EntryOut> {
    return this.#entry(fuse.FUSE_MKDIR, parent, [fuse.fuse_mkdir_in.encode({ mode, umask: 0o022 }), text(name)]);
  }

  async unlink(parent: number, name: Name): Promise<void> {
    await this.empty(fuse.FUSE_UNLINK, parent, [text(name)]);
  }

  async rmdir(parent: number, name: Name): Promise<void> {
    await this.empty(fuse.FUSE_RMDIR, parent, [text(name)]);
  }

  /** RENAME, or RENAME2 when there are flags, as Linux chooses. */
  async rename(parent: number, name: Name, newdir: number, newName: Name, flags = 0): Promise<void> {
    const names = [text(name), text(newName)];
    if (flags === 0) await this.empty(fuse.FUSE_RENAME, parent, [fuse.fuse_rename_in.encode({ newdir }), ...names]);
    else await this.empty(fuse.FUSE_RENAME2, parent, [fuse.fuse_rename2_in.encode({ newdir, flags }), ...names]);
  }

  async link(oldnodeid: number, newParent: number, newName: Name): Promise<EntryOut> {
    return this.#entry(fuse.FUSE_LINK, newParent, [fuse.fuse_link_in.encode({ oldnodeid }), text(newName)]);
  }

  async open(nodeid: number, flags = O_RDONLY, openFlags = 0): Promise<OpenOut> {
    const input = fuse.fuse_open_in.encode({ flags, open_flags: openFlags });
    return this.struct(fuse.FUSE_OPEN, nodeid, [input], fuse.fuse_open_out);
  }

  async create(
    parent: number,
    name: Name,
    flags: number,
    mode = 0o644,
    openFlags = 0,
  ): Promise<{ entry: EntryOut; open: OpenOut }> {
    return this.#created(fuse.FUSE_CREATE, parent, name, flags, mode, openFlags);
  }

  async tmpfile(parent: number, flags: number, mode = 0o600): Promise<{ entry: EntryOut; open: OpenOut }> {
    return this.#created(fuse.FUSE_TMPFILE, parent, "/", flags, mode);
  }

  /** `flags` here and below: those that the file was opened with. */
  async read(nodeid: number, fh: number, offset: number, size: number, flags = O_RDONLY): Promise<Uint8Array> {
    const input = fuse.fuse_read_in.encode({ fh, offset, size, flags });
    return this.bytes(fuse.FUSE_READ, nodeid, [input], size, true);
  }

  async write(
    nodeid: number,
    fh: number,
    offset: number,
    bytes: Uint8Array,
    writeFlags = 0,
    flags = O_WRONLY,
  ): Promise<number> {
    const input = fuse.fuse_write_in.encode({ fh, offset, size: bytes.length, write_flags: writeFlags, flags });
    return (await this.struct(fuse.FUSE_WRITE, nodeid, [input], fuse.fuse_write_out, bytes)).size;
  }

  async flush(nodeid: number, fh: number): Promise<void> {
    await this.empty(fuse.FUSE_FLUSH, nodeid, [fuse.fuse_flush_in.encode({ fh })]);
  }

  async release(nodeid: number, fh: number, flags = O_RDONLY): Promise<void> {
    await this.empty(fuse.FUSE_RELEASE, nodeid, [fuse.fuse_release_in.encode({ fh, flags })]);
  }

  async fsync(nodeid: number, fh: number, dataOnly = false): Promise<void> {
    await this.empty(fuse.FUSE_FSYNC, nodeid, [fuse.fuse_fsync_in.encode({ fh, fsync_flags: Number(dataOnly) })]);
  }

  async opendir(nodeid: number, flags = O_RDONLY): Promise<OpenOut> {
    const input = fuse.fuse_open_in.encode({ flags });
    return this.struct(fuse.FUSE_OPENDIR, nodeid, [input], fuse.fuse_open_out);
  }

  async readdir(nodeid: number, fh: number, offset: number, size = PAGE_SIZE, flags = O_RDONLY): Promise<Dirent[]> {
    const input = fuse.fuse_read_in.encode({ fh, offset, size, flags });
    return dirents(await this.bytes(fuse.FUSE_READDIR, nodeid, [input], size, true));
  }

  async readdirplus(
    nodeid: number,
    fh: number,
    offset: number,
    size = PAGE_SIZE,
    flags = O_RDONLY,
  ): Promise<DirentPlus[]> {
    const input = fuse.fuse_read_in.encode({ fh, offset, size, flags });
    const entries = direntsPlus(await this.bytes(fuse.FUSE_READDIRPLUS, nodeid, [input], size, true));
    for (const { name, entry } of entries) if (name !== "." && name !== "..") this.#hold(entry.nodeid, 1);
    return entries;
  }

  async releasedir(nodeid: number, fh: number, flags = O_RDONLY): Promise<void> {
    await this.empty(fuse.FUSE_RELEASEDIR, nodeid, [fuse.fuse_release_in.encode({ fh, flags })]);
  }

  async fsyncdir(nodeid: number, fh: number, dataOnly = false): Promise<void> {
    await this.empty(fuse.FUSE_FSYNCDIR, nodeid, [fuse.fuse_fsync_in.encode({ fh, fsync_flags: Number(dataOnly) })]);
  }

  async statfs(nodeid: number): Promise<Of<typeof fuse.fuse_kstatfs>> {
    return (await this.struct(fuse.FUSE_STATFS, nodeid, [], fuse.fuse_statfs_out)).st;
  }

  async syncfs(nodeid: number): Promise<void> {
    await this.empty(fuse.FUSE_SYNCFS, nodeid, [fuse.fuse_syncfs_in.encode({})]);
  }

  /** `size` 0 asks for the size: it is the length of what comes back then. */
  async getxattr(nodeid: number, name: Name, size: number): Promise<Uint8Array> {
    return this.sized(fuse.FUSE_GETXATTR, nodeid, [fuse.fuse_getxattr_in.encode({ size }), text(name)], size);
  }

  async listxattr(nodeid: number, size: number): Promise<Uint8Array> {
    return this.sized(fuse.FUSE_LISTXATTR, nodeid, [fuse.fuse_getxattr_in.encode({ size })], size);
  }

  async setxattr(nodeid: number, name: Name, value: Uint8Array, flags = 0): Promise<void> {
    const input = fuse.fuse_setxattr_in_compat.encode({ size: value.length, flags });
    await this.empty(fuse.FUSE_SETXATTR, nodeid, [input, text(name), value]);
  }

  async removexattr(nodeid: number, name: Name): Promise<void> {
    await this.empty(fuse.FUSE_REMOVEXATTR, nodeid, [text(name)]);
  }

  async fallocate(nodeid: number, fh: number, mode: number, offset: number, length: number): Promise<void> {
    await this.empty(fuse.FUSE_FALLOCATE, nodeid, [fuse.fuse_fallocate_in.encode({ fh, mode, offset, length })]);
  }

  async lseek(nodeid: number, fh: number, offset: number, whence: number): Promise<number> {
    const input = fuse.fuse_lseek_in.encode({ fh, offset, whence });
    return (await this.struct(fuse.FUSE_LSEEK, nodeid, [input], fuse.fuse_lseek_out)).offset;
  }

  async copyFileRange(nodeid: number, range: Partial<Of<typeof fuse.fuse_copy_file_range_in>>): Promise<number> {
    const input = fuse.fuse_copy_file_range_in.encode(range);
    return (await this.struct(fuse.FUSE_COPY_FILE_RANGE, nodeid, [input], fuse.fuse_write_out)).size;
  }

  /** ioctl(2) of a program (fuse_do_ioctl): `cmd` says how many bytes come back at most, `input` has those that it reads. */
  async ioctl(
    nodeid: number,
    cmd: number,
    input: Uint8Array = new Uint8Array(0),
    flags = IOCTL_32BIT,
  ): Promise<IoctlOut> {
    const out_size = (cmd >>> 30) & IOC_READ ? (cmd >>> 16) & IOC_SIZE_MASK : 0;
    const room = Math.max(out_size, PAGE_SIZE);
    return this.#ioctl(nodeid, { cmd, flags, in_size: input.length, out_size }, input, room);
  }

  /** FS_IOC_GETFLAGS and its kin, as the kernel asks for itself (fuse_priv_ioctl): with room for `out_size` bytes. */
  async fileattr(
    nodeid: number,
    cmd: number,
    input: Uint8Array,
    out_size: number,
    flags = IOCTL_32BIT,
  ): Promise<IoctlOut> {
    const reply = await this.#ioctl(nodeid, { cmd, flags, in_size: input.length, out_size }, input, out_size);
    if (reply.bytes.length !== out_size) throw new Error(`${reply.bytes.length} bytes of an ioctl, not ${out_size}`);
    return reply;
  }

  /** Any request, for what has no method here. Returns the bytes after the reply's header. */
  async request(opcode: number, nodeid: number, input: readonly Uint8Array[], room: number): Promise<Uint8Array> {
    return this.send(opcode, nodeid, input, [room]);
  }

  async #created(opcode: number, parent: number, name: Name, flags: number, mode: number, open_flags = 0) {
    const input = fuse.fuse_create_in.encode({ flags, mode: 0o100000 | mode, umask: 0o022, open_flags });
    const entrySize = fuse.fuse_entry_out.size;
    const size = entrySize + fuse.fuse_open_out.size;
    const reply = exactly(await this.send(opcode, parent, [input, text(name)], [size]), size);
    const entry = fuse.fuse_entry_out.decode(reply);
    this.#hold(entry.nodeid, 1);
    return { entry, open: fuse.fuse_open_out.decode(reply.subarray(entrySize)) };
  }

  async #ioctl(
    nodeid: number,
    args: Partial<Of<typeof fuse.fuse_ioctl_in>>,
    input: Uint8Array,
    room: number,
  ): Promise<IoctlOut> {
    const { size } = fuse.fuse_ioctl_out;
    const reply = await this.send(fuse.FUSE_IOCTL, nodeid, [fuse.fuse_ioctl_in.encode(args), input], [size, room]);
    return { ...fuse.fuse_ioctl_out.decode(reply), bytes: reply.subarray(size) };
  }

  async #entry(opcode: number, nodeid: number, input: readonly Uint8Array[]): Promise<EntryOut> {
    const entry = await this.struct(opcode, nodeid, input, fuse.fuse_entry_out);
    this.#hold(entry.nodeid, 1);
    return entry;
  }

  #hold(nodeid: number, count: number): void {
    if (nodeid === 0) return;
    const held = (this.lookups.get(nodeid) ?? 0) + count;
    if (held > 0) this.lookups.set(nodeid, held);
    else this.lookups.delete(nodeid);
  }
}

/** Bytes of a name as requests carry it: with its NUL. */
function text(name: Name): Uint8Array {
  return joined([typeof name === "string" ? encodeName(name) : name, Uint8Array.of(0)]);
}
