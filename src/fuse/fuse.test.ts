import { expect, test } from "vitest";
import type { Struct } from "../wire/struct.js";
import * as fuse from "./fuse.js";

// [size, offsets], printed by sizeof and offsetof of gcc over Linux 6.12.117's include/uapi/linux/fuse.h.
const layouts: Record<string, [number, Record<string, number>]> = {
  fuse_attr: [
    88,
    {
      ino: 0,
      size: 8,
      blocks: 16,
      atime: 24,
      mtime: 32,
      ctime: 40,
      atimensec: 48,
      mtimensec: 52,
      ctimensec: 56,
      mode: 60,
      nlink: 64,
      uid: 68,
      gid: 72,
      rdev: 76,
      blksize: 80,
      flags: 84,
    },
  ],
  fuse_kstatfs: [
    80,
    {
      blocks: 0,
      bfree: 8,
      bavail: 16,
      files: 24,
      ffree: 32,
      bsize: 40,
      namelen: 44,
      frsize: 48,
      padding: 52,
      spare: 56,
    },
  ],
  fuse_entry_out: [
    128,
    { nodeid: 0, generation: 8, entry_valid: 16, attr_valid: 24, entry_valid_nsec: 32, attr_valid_nsec: 36, attr: 40 },
  ],
  fuse_forget_in: [8, { nlookup: 0 }],
  fuse_forget_one: [16, { nodeid: 0, nlookup: 8 }],
  fuse_batch_forget_in: [8, { count: 0, dummy: 4 }],
  fuse_getattr_in: [16, { getattr_flags: 0, dummy: 4, fh: 8 }],
  fuse_attr_out: [104, { attr_valid: 0, attr_valid_nsec: 8, dummy: 12, attr: 16 }],
  fuse_mknod_in: [16, { mode: 0, rdev: 4, umask: 8, padding: 12 }],
  fuse_mkdir_in: [8, { mode: 0, umask: 4 }],
  fuse_rename_in: [8, { newdir: 0 }],
  fuse_rename2_in: [16, { newdir: 0, flags: 8, padding: 12 }],
  fuse_link_in: [8, { oldnodeid: 0 }],
  fuse_setattr_in: [
    88,
    {
      valid: 0,
      padding: 4,
      fh: 8,
      size: 16,
      lock_owner: 24,
      atime: 32,
      mtime: 40,
      ctime: 48,
      atimensec: 56,
      mtimensec: 60,
      ctimensec: 64,
      mode: 68,
      unused4: 72,
      uid: 76,
      gid: 80,
      unused5: 84,
    },
  ],
  fuse_open_in: [8, { flags: 0, open_flags: 4 }],
  fuse_create_in: [16, { flags: 0, mode: 4, umask: 8, open_flags: 12 }],
  fuse_open_out: [16, { fh: 0, open_flags: 8, backing_id: 12 }],
  fuse_release_in: [24, { fh: 0, flags: 8, release_flags: 12, lock_owner: 16 }],
  fuse_flush_in: [24, { fh: 0, unused: 8, padding: 12, lock_owner: 16 }],
  fuse_read_in: [40, { fh: 0, offset: 8, size: 16, read_flags: 20, lock_owner: 24, flags: 32, padding: 36 }],
  fuse_write_in: [40, { fh: 0, offset: 8, size: 16, write_flags: 20, lock_owner: 24, flags: 32, padding: 36 }],
  fuse_write_out: [8, { size: 0, padding: 4 }],
  fuse_statfs_out: [80, { st: 0 }],
  fuse_fsync_in: [16, { fh: 0, fsync_flags: 8, padding: 12 }],
  fuse_setxattr_in_compat: [8, { size: 0, flags: 4 }],
  fuse_getxattr_in: [8, { size: 0, padding: 4 }],
  fuse_getxattr_out: [8, { size: 0, padding: 4 }],
  fuse_init_in: [64, { major: 0, minor: 4, max_readahead: 8, flags: 12, flags2: 16, unused: 20 }],
  fuse_init_out: [
    64,
    {
      major: 0,
      minor: 4,
      max_readahead: 8,
      flags: 12,
      max_background: 16,
      congestion_threshold: 18,
      max_write: 20,
      time_gran: 24,
      max_pages: 28,
      map_alignment: 30,
      flags2: 32,
      max_stack_depth: 36,
      unused: 40,
    },
  ],
  fuse_fallocate_in: [32, { fh: 0, offset: 8, length: 16, mode: 24, padding: 28 }],
  fuse_in_header: [
    40,
    { len: 0, opcode: 4, unique: 8, nodeid: 16, uid: 24, gid: 28, pid: 32, total_extlen: 36, padding: 38 },
  ],
  fuse_out_header: [16, { len: 0, error: 4, unique: 8 }],
  fuse_dirent: [24, { ino: 0, off: 8, namelen: 16, type: 20 }],
  fuse_direntplus: [152, { entry_out: 0, dirent: 128 }],
  fuse_lseek_in: [24, { fh: 0, offset: 8, whence: 16, padding: 20 }],
  fuse_lseek_out: [8, { offset: 0 }],
  fuse_copy_file_range_in: [56, { fh_in: 0, off_in: 8, nodeid_out: 16, fh_out: 24, off_out: 32, len: 40, flags: 48 }],
  fuse_syncfs_in: [8, { padding: 0 }],
};

test.each(Object.keys(layouts))("%s is laid out as in fuse.h", (name) => {
  const struct = (fuse as Record<string, unknown>)[name] as Struct<Record<string, never>>;
  expect([struct.size, struct.offsets]).toEqual(layouts[name]);
});

test("every struct is compared", () => {
  const structs = Object.keys(fuse).filter((name) => name.startsWith("fuse_"));
  expect(structs.toSorted()).toEqual(Object.keys(layouts).toSorted());
});
