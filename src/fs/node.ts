import type { FsError } from "../posix/fs-error.js";
import type { OpenStoreFile, StoreDirectory, StoreFile, StoreStat } from "../storage/store.js";
import type { MemoryContent } from "../storage/memory/memory-content.js";
import type { Children } from "./children.js";
import type { Links } from "./links.js";
import type { KeptTimes } from "./records.js";
import type { Timestamp } from "./timestamp.js";

/** What the guest names with a nodeid. */
export type FsNode = FileNode | DirectoryNode | SpecialNode;

/** A name in a directory. */
export interface Place {
  readonly parent: DirectoryNode;
  readonly name: string;
}

/** What every node starts with. */
export interface NodeSeed {
  /** The nodeid, never used for another. */
  readonly id: number;
  /** The inode number. */
  readonly ino: number;
  readonly parent: DirectoryNode | undefined;
  readonly name: string;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly time: Timestamp;
}

abstract class BaseNode {
  /** Given anew only when the guest goes on from a snapshot. */
  id: number;
  readonly ino: number;
  /**
   * Where the guest sees it: of several names the main one, under which the store has the content, or will. Undefined: the
   * root, or it has no name (any more).
   */
  parent: DirectoryNode | undefined;
  name: string;
  /** Its other names (hard links), which only the records know. Undefined: it has none; never a directory's. */
  links: Links | undefined;
  /** By which the records of the other names find it. */
  inode: number | undefined;
  mode: number;
  uid: number;
  gid: number;
  atime: Timestamp;
  mtime: Timestamp;
  ctime: Timestamp;
  /** Of birth. Undefined: nobody knows. */
  btime: Timestamp | undefined;
  /** Extended attributes by name, "user." and its like included. */
  xattrs: Map<string, Uint8Array> | undefined;
  /** How many times the guest has looked it up. */
  nlookup = 0;
  /** Where the store has it; behind the guest's view while changes wait. Undefined: the store does not have it. */
  stored: Place | undefined;
  /** When a change of ours last reached the store, in milliseconds of the share's clock. Undefined where nobody else makes any. */
  savedAt: number | undefined;
  /** When the store was last asked about it, in milliseconds of the share's clock. 0 where that does not matter: a time takes 16 bytes. */
  checkedAt = 0;
  /** A change of its attributes is on its way to the records. */
  saving = false;
  /** Why the store does not have it as the guest does, until it has. */
  failure: FsError | undefined;
  /** An error that the next fsync or flush tells. */
  unreported: FsError | undefined;

  constructor(seed: NodeSeed) {
    this.id = seed.id;
    this.ino = seed.ino;
    this.parent = seed.parent;
    this.name = seed.name;
    this.mode = seed.mode;
    this.uid = seed.uid;
    this.gid = seed.gid;
    this.atime = seed.time;
    this.mtime = seed.time;
    this.ctime = seed.time;
  }
}

/**
 * A regular file. Its bytes are in one place at a time: in `waiting` (memory, until the store can take them), else behind
 * `open`, else in the store, closed.
 */
export class FileNode extends BaseNode {
  readonly kind = "file";
  /** Bytes. Undefined: the store was not asked yet. */
  size: number | undefined;
  waiting: MemoryContent | undefined;
  open: OpenStoreFile | undefined;
  /** Ends when the store has taken `waiting`, or has failed to. */
  landing: Promise<void> | undefined;
  /** `waiting` is on its way into the store and must not change. */
  transferring = false;
  /** Written since the last flush. */
  unflushed = false;
  /** Operations that use `open` or wait for it. */
  pins = 0;
  /** Operations that the store has not ended on what was or is `open`. */
  inFlight: Set<Promise<unknown>> | undefined;
  /** Handles of the guest, and those of them that write. Always 0 where the guest opens without asking. */
  opens = 0;
  writers = 0;
  /** It was changed outside since the guest opened it last: the next open drops the pages that the guest has cached. */
  outdated = false;
  /** How often the content was changed, by the guest or, as far as the store tells, outside: two changes may share an mtime. */
  version = 0;
  /** The store's file, and the directory object that it was got from. */
  file: StoreFile | undefined;
  under: StoreDirectory | undefined;
  /** It was made without a name (O_TMPFILE), and may be given one. */
  isTemporary = false;
  /** The store gets it even if it has no name by then: on its way it stands at names that others have before and after. */
  isNeeded = false;
  /** Its record, until the store has said whether the times in it still hold. */
  keptTimes: KeptTimes | undefined;
  /** What the store said last, to tell changes made outside from our own. Undefined where nobody makes such. */
  lastStat: StoreStat | undefined;
}

/** A directory. */
export class DirectoryNode extends BaseNode {
  readonly kind = "directory";
  /** Undefined until listed, and when the guest has forgotten it. */
  children: Children | undefined;
  /** How many directories it had when it was listed last. Undefined: it never was. */
  subdirectories: number | undefined;
  /** The listing that is under way. */
  listing: Promise<void> | undefined;
  /** When the store was last asked for the listing, in milliseconds of the share's clock. */
  listedAt: number | undefined;
  /** When others last changed something in it, as the store tells, in milliseconds of the share's clock. */
  disturbedAt: number | undefined;
  /** For each question about names that the store is answering: the names that changed since, about which it is out of date. */
  readonly questions = new Set<Set<string>>();
  /** By which records find the entries. Undefined: none of them has a record. */
  recordId: number | undefined;
  /** The store's directory, and the directory object that it was got from. */
  directory: StoreDirectory | undefined;
  under: StoreDirectory | undefined;
}

/**
 * A symbolic link, FIFO, socket or device. Stores have none: it is kept here and in the records alone, and what is said about
 * where the store has it means the records.
 */
export class SpecialNode extends BaseNode {
  readonly kind = "special";

  constructor(
    seed: NodeSeed,
    /** A symbolic link's. */
    readonly target: Uint8Array | undefined,
    readonly rdev: number,
  ) {
    super(seed);
  }
}

/** Where the guest sees the node, its main name; undefined when it has none. */
export function placeOf(node: FsNode): Place | undefined {
  return node.parent && { parent: node.parent, name: node.name };
}

/** The queue's key for a name in a directory. */
export function entryKey(place: Place): string {
  return `${place.parent.id}/${place.name}`;
}

export function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.parent === b?.parent && a?.name === b?.name;
}

/** The path from the root of the share, for messages. */
export function pathOf(place: Place): string {
  const up = placeOf(place.parent);
  return up === undefined ? place.name : `${pathOf(up)}/${place.name}`;
}
