import { opensForWriting } from "../posix/open-flags.js";
import * as fuse from "./fuse.js";
import * as handlers from "./handlers.js";
import { initialize } from "./init.js";
import * as ioctls from "./ioctl.js";
import { type Operation, row } from "./operation.js";
import * as replies from "./replies.js";
import * as statx from "./statx.js";
import * as xattrs from "./xattrs.js";

/**
 * Every opcode of Linux 6.12, by number. Those that virtio-fs never carries are there for their names: Linux sends ACCESS only
 * without default_permissions, BMAP only to block devices, locks and mappings only where INIT agreed on them.
 */
export const operations: Readonly<Record<number, Operation>> = {
  [fuse.FUSE_LOOKUP]: row({ name: "LOOKUP", reply: replies.entryReply, handle: handlers.lookup }),
  [fuse.FUSE_FORGET]: row({
    name: "FORGET",
    input: fuse.fuse_forget_in,
    reply: replies.noReply,
    handle: (fs, { nodeid }, { nlookup }) => fs.forget(nodeid, nlookup),
  }),
  [fuse.FUSE_GETATTR]: row({
    name: "GETATTR",
    input: fuse.fuse_getattr_in,
    reply: replies.attributesReply,
    handle: (fs, { nodeid }) => fs.getattr(nodeid),
  }),
  [fuse.FUSE_SETATTR]: row({
    name: "SETATTR",
    input: fuse.fuse_setattr_in,
    reply: replies.attributesReply,
    modifies: true,
    handle: handlers.setattr,
  }),
  [fuse.FUSE_READLINK]: row({
    name: "READLINK",
    reply: replies.bytesReply,
    handle: (fs, { nodeid }) => fs.readlink(nodeid),
  }),
  [fuse.FUSE_SYMLINK]: row({
    name: "SYMLINK",
    reply: replies.entryReply,
    modifies: true,
    handle: handlers.symlink,
  }),
  [fuse.FUSE_MKNOD]: row({
    name: "MKNOD",
    input: fuse.fuse_mknod_in,
    reply: replies.entryReply,
    modifies: true,
    needs: "mknod",
    handle: handlers.mknod,
  }),
  [fuse.FUSE_MKDIR]: row({
    name: "MKDIR",
    input: fuse.fuse_mkdir_in,
    reply: replies.entryReply,
    modifies: true,
    handle: handlers.mkdir,
  }),
  [fuse.FUSE_UNLINK]: row({
    name: "UNLINK",
    reply: replies.emptyReply,
    modifies: true,
    handle: (fs, request) => fs.unlink(request.nodeid, request.name()),
  }),
  [fuse.FUSE_RMDIR]: row({
    name: "RMDIR",
    reply: replies.emptyReply,
    modifies: true,
    handle: (fs, request) => fs.rmdir(request.nodeid, request.name()),
  }),
  [fuse.FUSE_RENAME]: row({
    name: "RENAME",
    input: fuse.fuse_rename_in,
    reply: replies.emptyReply,
    modifies: true,
    handle: (fs, request, { newdir }) => fs.rename(request.nodeid, request.name(), newdir, request.name(), 0),
  }),
  [fuse.FUSE_LINK]: row({
    name: "LINK",
    input: fuse.fuse_link_in,
    reply: replies.entryReply,
    modifies: true,
    needs: "link",
    handle: (fs, request, { oldnodeid }) => fs.link!(oldnodeid, request.nodeid, request.name()),
  }),
  [fuse.FUSE_OPEN]: row({
    name: "OPEN",
    input: fuse.fuse_open_in,
    reply: replies.openReply,
    modifies: ({ flags }) => opensForWriting(flags),
    needs: "open",
    handle: (fs, { nodeid }, { flags, open_flags }) =>
      fs.open!(nodeid, flags, (open_flags & fuse.FUSE_OPEN_KILL_SUIDGID) !== 0),
  }),
  [fuse.FUSE_READ]: row({
    name: "READ",
    input: fuse.fuse_read_in,
    reply: replies.bytesReply,
    handle: handlers.read,
  }),
  [fuse.FUSE_WRITE]: row({
    name: "WRITE",
    input: fuse.fuse_write_in,
    reply: replies.countReply,
    modifies: true,
    handle: handlers.write,
  }),
  [fuse.FUSE_STATFS]: row({
    name: "STATFS",
    reply: replies.statisticsReply,
    handle: (fs, { nodeid }) => fs.statfs(nodeid),
  }),
  [fuse.FUSE_RELEASE]: row({
    name: "RELEASE",
    input: fuse.fuse_release_in,
    reply: replies.emptyReply,
    handle: (fs, { nodeid }, { fh }) => fs.release(nodeid, fh),
  }),
  [fuse.FUSE_FSYNC]: row({
    name: "FSYNC",
    input: fuse.fuse_fsync_in,
    reply: replies.emptyReply,
    handle: (fs, { nodeid }, { fh, fsync_flags }) =>
      fs.fsync(nodeid, fh, (fsync_flags & fuse.FUSE_FSYNC_FDATASYNC) !== 0),
  }),
  [fuse.FUSE_SETXATTR]: row({
    name: "SETXATTR",
    input: fuse.fuse_setxattr_in_compat,
    reply: replies.emptyReply,
    modifies: true,
    needs: "setxattr",
    handle: xattrs.setxattr,
  }),
  [fuse.FUSE_GETXATTR]: row({
    name: "GETXATTR",
    input: fuse.fuse_getxattr_in,
    reply: replies.bytesReply,
    needs: "getxattr",
    handle: xattrs.getxattr,
  }),
  [fuse.FUSE_LISTXATTR]: row({
    name: "LISTXATTR",
    input: fuse.fuse_getxattr_in,
    reply: replies.bytesReply,
    needs: "listxattr",
    handle: xattrs.listxattr,
  }),
  [fuse.FUSE_REMOVEXATTR]: row({
    name: "REMOVEXATTR",
    reply: replies.emptyReply,
    modifies: true,
    needs: "removexattr",
    handle: xattrs.removexattr,
  }),
  [fuse.FUSE_FLUSH]: row({
    name: "FLUSH",
    input: fuse.fuse_flush_in,
    reply: replies.emptyReply,
    needs: "flush",
    handle: (fs, { nodeid }, { fh }) => fs.flush!(nodeid, fh),
  }),
  [fuse.FUSE_INIT]: row({
    name: "INIT",
    input: fuse.fuse_init_in,
    inputSize: fuse.FUSE_COMPAT_INIT_IN_SIZE,
    reply: replies.initReply,
    handle: (fs, _request, offer) => initialize(offer, fs),
  }),
  [fuse.FUSE_OPENDIR]: row({
    name: "OPENDIR",
    input: fuse.fuse_open_in,
    reply: replies.opendirReply,
    needs: "opendir",
    handle: (fs, { nodeid }, { flags }) => fs.opendir!(nodeid, flags),
  }),
  [fuse.FUSE_READDIR]: row({
    name: "READDIR",
    input: fuse.fuse_read_in,
    reply: replies.listingReply,
    handle: (fs, request, args) => handlers.readdir(fs, request, args, false),
  }),
  [fuse.FUSE_RELEASEDIR]: row({
    name: "RELEASEDIR",
    input: fuse.fuse_release_in,
    reply: replies.emptyReply,
    handle: (fs, { nodeid }, { fh }) => fs.releasedir(nodeid, fh),
  }),
  [fuse.FUSE_FSYNCDIR]: row({
    name: "FSYNCDIR",
    input: fuse.fuse_fsync_in,
    reply: replies.emptyReply,
    handle: (fs, { nodeid }, { fh, fsync_flags }) =>
      fs.fsyncdir(nodeid, fh, (fsync_flags & fuse.FUSE_FSYNC_FDATASYNC) !== 0),
  }),
  [fuse.FUSE_GETLK]: row({ name: "GETLK", reply: replies.emptyReply }),
  [fuse.FUSE_SETLK]: row({ name: "SETLK", reply: replies.emptyReply }),
  [fuse.FUSE_SETLKW]: row({ name: "SETLKW", reply: replies.emptyReply }),
  [fuse.FUSE_ACCESS]: row({ name: "ACCESS", reply: replies.emptyReply }),
  [fuse.FUSE_CREATE]: row({
    name: "CREATE",
    input: fuse.fuse_create_in,
    reply: replies.createReply,
    modifies: true,
    handle: handlers.create,
  }),
  // Linux's virtio-fs driver cannot interrupt; a request is never ended early.
  [fuse.FUSE_INTERRUPT]: row({ name: "INTERRUPT", reply: replies.noReply, handle: () => {} }),
  [fuse.FUSE_BMAP]: row({ name: "BMAP", reply: replies.emptyReply }),
  [fuse.FUSE_DESTROY]: row({ name: "DESTROY", reply: replies.emptyReply, handle: (fs) => fs.destroy() }),
  [fuse.FUSE_IOCTL]: row({
    name: "IOCTL",
    input: fuse.fuse_ioctl_in,
    reply: ioctls.ioctlReply,
    modifies: ({ cmd }) => ioctls.changes(cmd),
    handle: ioctls.ioctl,
  }),
  [fuse.FUSE_POLL]: row({ name: "POLL", reply: replies.emptyReply }),
  [fuse.FUSE_NOTIFY_REPLY]: row({ name: "NOTIFY_REPLY", reply: replies.noReply, handle: () => {} }),
  [fuse.FUSE_BATCH_FORGET]: row({
    name: "BATCH_FORGET",
    input: fuse.fuse_batch_forget_in,
    reply: replies.noReply,
    handle: handlers.batchForget,
  }),
  [fuse.FUSE_FALLOCATE]: row({
    name: "FALLOCATE",
    input: fuse.fuse_fallocate_in,
    reply: replies.emptyReply,
    modifies: true,
    needs: "fallocate",
    handle: handlers.fallocate,
  }),
  [fuse.FUSE_READDIRPLUS]: row({
    name: "READDIRPLUS",
    input: fuse.fuse_read_in,
    reply: replies.listingReply,
    handle: (fs, request, args) => handlers.readdir(fs, request, args, true),
  }),
  [fuse.FUSE_RENAME2]: row({
    name: "RENAME2",
    input: fuse.fuse_rename2_in,
    reply: replies.emptyReply,
    modifies: true,
    handle: handlers.rename2,
  }),
  [fuse.FUSE_LSEEK]: row({
    name: "LSEEK",
    input: fuse.fuse_lseek_in,
    reply: replies.offsetReply,
    needs: "lseek",
    handle: handlers.lseek,
  }),
  [fuse.FUSE_COPY_FILE_RANGE]: row({
    name: "COPY_FILE_RANGE",
    input: fuse.fuse_copy_file_range_in,
    reply: replies.countReply,
    modifies: true,
    needs: "copyFileRange",
    handle: handlers.copyFileRange,
  }),
  [fuse.FUSE_SETUPMAPPING]: row({ name: "SETUPMAPPING", reply: replies.emptyReply }),
  [fuse.FUSE_REMOVEMAPPING]: row({ name: "REMOVEMAPPING", reply: replies.emptyReply }),
  [fuse.FUSE_SYNCFS]: row({
    name: "SYNCFS",
    input: fuse.fuse_syncfs_in,
    reply: replies.emptyReply,
    handle: (fs) => fs.syncfs(),
  }),
  [fuse.FUSE_TMPFILE]: row({
    name: "TMPFILE",
    input: fuse.fuse_create_in,
    reply: replies.createReply,
    modifies: true,
    needs: "tmpfile",
    handle: handlers.tmpfile,
  }),
  [fuse.FUSE_STATX]: row({
    name: "STATX",
    input: fuse.fuse_statx_in,
    reply: statx.statxReply,
    handle: statx.statx,
  }),
};
