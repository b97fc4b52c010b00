import { decodeName, encodeName } from "../posix/name.js";
import { S_IALLUGO, S_IFDIR, S_IFMT, S_IFREG } from "../posix/mode.js";
import { subdirectoriesOf } from "./attributes.js";
import { recordedNumber } from "./inode-numbers.js";
import type { FsNode } from "./node.js";
import { type KeptTimes, type NodeRecord, ROOT_RECORD } from "./records.js";
import type { Timestamp } from "./timestamp.js";

/** Attributes of what has no record. */
export interface Defaults {
  readonly uid: number;
  readonly gid: number;
}

export const DEFAULT_FILE_MODE = S_IFREG | 0o644;
export const DEFAULT_DIRECTORY_MODE = S_IFDIR | 0o755;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is to be kept of the node: nothing (undefined) if all is as it would be without. `at`: now, in milliseconds since 1970. */
export function recordOf(node: FsNode, { uid, gid }: Defaults, at: number): NodeRecord | undefined {
  const record: Mutable<NodeRecord> = {};
  const mode = node.kind === "file" ? DEFAULT_FILE_MODE : node.kind === "directory" ? DEFAULT_DIRECTORY_MODE : 0;
  if (node.kind === "directory" && node.recordId !== undefined && node.recordId > ROOT_RECORD)
    record.id = node.recordId;
  if (node.kind === "directory") {
    const subdirectories = subdirectoriesOf(node);
    if (subdirectories !== undefined) record.subdirectories = subdirectories;
  }
  if (node.inode !== undefined) record.inode = node.inode;
  const ino = recordedNumber(node);
  if (ino !== undefined) record.ino = ino;
  if (node.mode !== mode) record.mode = node.mode;
  if (node.uid !== uid) record.uid = node.uid;
  if (node.gid !== gid) record.gid = node.gid;
  if (node.kind !== "file") record.times = { stamps: stampsOf(node) };
  else if (node.size !== undefined) record.times = { stamps: stampsOf(node), size: node.size, at };
  else if (node.keptTimes !== undefined) record.times = node.keptTimes;
  if (node.kind === "special") {
    record.rdev = node.rdev;
    if (node.target !== undefined) record.target = decodeName(node.target);
  }
  if (node.xattrs !== undefined && node.xattrs.size > 0) {
    record.xattrs = Object.fromEntries(Array.from(node.xattrs, ([name, value]) => [name, decodeName(value)]));
  }
  return Object.keys(record).length > 0 ? record : undefined;
}

/** Gives the node what was kept of it. A file's times wait until the store has said whether they hold. */
export function restoreNode(node: FsNode, record: NodeRecord): void {
  const { mode, uid, gid, times, xattrs } = record;
  if (mode !== undefined) node.mode = (node.mode & S_IFMT) | (mode & S_IALLUGO);
  if (uid !== undefined) node.uid = uid;
  if (gid !== undefined) node.gid = gid;
  if (xattrs !== undefined) {
    node.xattrs = new Map(Object.entries(xattrs).map(([name, value]) => [name, encodeName(value)]));
  }
  if (node.kind === "directory") node.subdirectories = record.subdirectories;
  if (node.kind === "file") node.keptTimes = times;
  else if (times !== undefined) restoreTimes(node, times);
}

export function restoreTimes(node: FsNode, { stamps }: KeptTimes): void {
  // Of many files these are one moment or two, and each takes 50 bytes.
  node.ctime = stamp(stamps, 2) ?? node.ctime;
  node.mtime = stamp(stamps, 1, node.ctime) ?? node.mtime;
  node.atime = stamp(stamps, 0, node.mtime) ?? node.atime;
  node.btime = stamp(stamps, 3, node.atime);
}

/** The time of birth that was kept, which holds whatever became of the content. */
export function keptBirth({ stamps }: KeptTimes): Timestamp | undefined {
  return stamp(stamps, 3);
}

/** True for the record of a symbolic link, FIFO, socket or device, which no store has. */
export function isSpecial({ rdev }: NodeRecord): boolean {
  return rdev !== undefined;
}

function stampsOf({ atime, mtime, ctime, btime }: FsNode): number[] {
  const times = btime === undefined ? [atime, mtime, ctime] : [atime, mtime, ctime, btime];
  return times.flatMap(({ seconds, nanoseconds }) => [seconds, nanoseconds]);
}

/** `other`: is given where it is the same moment. */
function stamp(stamps: readonly number[], index: number, other?: Timestamp): Timestamp | undefined {
  const [seconds, nanoseconds] = stamps.slice(2 * index, 2 * index + 2);
  if (other?.seconds === seconds && other?.nanoseconds === nanoseconds) return other;
  return seconds === undefined || nanoseconds === undefined ? undefined : { seconds, nanoseconds };
}
