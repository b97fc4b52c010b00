import { S_IALLUGO, S_IFMT, S_ISGID, S_ISUID, S_IXGRP } from "../posix/mode.js";
import { type AttributeChanges, type Attributes, ROOT_NODE_ID, type TimeChange } from "./file-system.js";
import type { DirectoryNode, FsNode } from "./node.js";
import type { Timestamp } from "./timestamp.js";

const BLOCK = 512;
const PREFERRED_BLOCK = 4096;
const BLOCKS_PER_PREFERRED = PREFERRED_BLOCK / BLOCK;
const DIRECTORY_SIZE = 4096;

/** The node's attributes as FUSE has them. A file's size must be known. `keepsHoles`: the store does. */
export function attributesOf(node: FsNode, keepsHoles: boolean): Attributes {
  const size = sizeOf(node);
  return {
    ino: node.ino,
    size,
    blocks: blocksOf(node, size, keepsHoles),
    atime: node.atime.seconds,
    atimeNanoseconds: node.atime.nanoseconds,
    mtime: node.mtime.seconds,
    mtimeNanoseconds: node.mtime.nanoseconds,
    ctime: node.ctime.seconds,
    ctimeNanoseconds: node.ctime.nanoseconds,
    mode: node.mode,
    nlink: linkCount(node),
    uid: node.uid,
    gid: node.gid,
    rdev: node.kind === "special" ? node.rdev : 0,
    blockSize: PREFERRED_BLOCK,
    ...(node.btime && { btime: node.btime.seconds, btimeNanoseconds: node.btime.nanoseconds }),
  };
}

/** Applies everything of a SETATTR but the size. Returns true if that changed anything that is to be kept. */
export function changeAttributes(node: FsNode, changes: AttributeChanges, now: Timestamp): boolean {
  const { mode, uid, gid, atime, mtime, ctime } = changes;
  let changed = [mode, uid, gid, atime, mtime].some((value) => value !== undefined);
  if (uid !== undefined) node.uid = uid;
  if (gid !== undefined) node.gid = gid;
  // chown(2) clears the set-id bits of a file whoever asks.
  if (changes.killSuidgid === true || uid !== undefined || gid !== undefined) changed = killSuidgid(node) || changed;
  if (mode !== undefined) node.mode = (node.mode & S_IFMT) | (mode & S_IALLUGO);
  if (atime !== undefined) node.atime = changedTime(atime, now);
  if (mtime !== undefined) node.mtime = changedTime(mtime, now);
  if (ctime !== undefined) node.ctime = changedTime(ctime, now);
  else if (changed) node.ctime = now;
  return changed || ctime !== undefined;
}

/**
 * Clears set-user-ID, and set-group-ID where it means that (with the group's execute bit). Directories keep theirs. Returns
 * true if there was something to clear.
 */
export function killSuidgid(node: FsNode): boolean {
  if (node.kind === "directory") return dropCapability(node);
  const { mode } = node;
  node.mode &= ~S_ISUID;
  if ((node.mode & S_IXGRP) !== 0) node.mode &= ~S_ISGID;
  return dropCapability(node) || node.mode !== mode;
}

/** A change of content or owner takes away what the file may do (HANDLE_KILLPRIV_V2 of `fuse.h`). Returns true if it could. */
export function dropCapability(node: FsNode): boolean {
  return node.xattrs?.delete("security.capability") ?? false;
}

/** The content, or the list of entries, has changed. */
export function touch(node: FsNode, now: Timestamp): void {
  node.mtime = now;
  node.ctime = now;
}

function sizeOf(node: FsNode): number {
  if (node.kind === "directory") return DIRECTORY_SIZE;
  if (node.kind === "special") return node.target?.length ?? 0;
  return node.size ?? 0;
}

/**
 * What the content takes, as far as that is known: as Linux's own file systems do, in whole blocks of 4096 bytes. A file must not grow
 * by being saved: its holes count only where the store has them too.
 */
function blocksOf(node: FsNode, size: number, keepsHoles: boolean): number {
  const content = node.kind === "file" && keepsHoles ? (node.waiting ?? node.open) : undefined;
  return Math.ceil((content?.allocated?.() ?? size) / PREFERRED_BLOCK) * BLOCKS_PER_PREFERRED;
}

/** 1 for a directory that was never listed: Linux programs take it as "not counted". */
function linkCount(node: FsNode): number {
  if (node.parent === undefined && node.id !== ROOT_NODE_ID) return 0;
  if (node.kind !== "directory") return 1 + (node.links?.size ?? 0);
  const subdirectories = subdirectoriesOf(node);
  return subdirectories === undefined ? 1 : 2 + subdirectories;
}

/** How many directories the directory has, as far as we know. */
export function subdirectoriesOf({ children, subdirectories }: DirectoryNode): number | undefined {
  return children?.directories ?? subdirectories;
}

function changedTime(change: TimeChange, now: Timestamp): Timestamp {
  return change === "now" ? now : change;
}
