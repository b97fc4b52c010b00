import { decodeName, encodeName } from "../posix/name.js";
import { S_IALLUGO, S_IFMT } from "../posix/mode.js";
import type { Children } from "./children.js";
import { type DirectoryNode, type FsNode, type NodeSeed, type Place, SpecialNode } from "./node.js";
import { type NodeRecord, type Records, ROOT_RECORD } from "./records.js";

export interface KeeperOptions {
  readonly now: () => number;
  /** Attributes of what has no record. */
  readonly uid: number;
  readonly gid: number;
  readonly fileMode: number;
  readonly directoryMode: number;
}

/** Brings the attributes of nodes to the records and back. Without records, they last as long as the nodes do. */
export class Keeper {
  constructor(
    private readonly records: Records | undefined,
    private readonly options: KeeperOptions,
  ) {}

  /** True when attributes outlive their node. */
  get lasts(): boolean {
    return this.records !== undefined;
  }

  /** The root of the share, which has no name. */
  restoreRoot(root: DirectoryNode): void {
    root.recordId = ROOT_RECORD;
    if (this.records?.root !== undefined) restoreNode(root, this.records.root);
  }

  /** The directory was listed for the first time: its nodes get what was kept. */
  restore(directory: DirectoryNode, children: Children, seed: (name: string, mode: number) => NodeSeed): void {
    if (this.records === undefined || directory.recordId === undefined) return;
    for (const [name, record] of this.records.in(directory.recordId)) {
      const node = children.get(name);
      const kind = record.id !== undefined ? "directory" : isSpecial(record) ? "special" : node?.kind;
      if (kind === "special" && node === undefined) {
        children.add(specialNode(seed(name, record.mode ?? 0), directory, record));
      } else if (node === undefined || node.kind !== kind) {
        this.records.delete(directory.recordId, name); // it was removed outside, or replaced
      } else {
        restoreNode(node, record);
      }
    }
  }

  /** Keeps the attributes of a node that the store has. */
  save(node: FsNode): void {
    if (this.records === undefined) return;
    const record = this.#recordOf(node);
    if (node.stored === undefined) {
      if (node.parent === undefined && node.kind === "directory" && node.recordId === ROOT_RECORD)
        this.records.root = record;
      return;
    }
    const { parent, name } = node.stored;
    if (Object.keys(record).length > 0) this.records.set(this.#idOf(parent), name, record);
    else if (parent.recordId !== undefined) this.records.delete(parent.recordId, name);
  }

  moved(from: Place, to: Place): void {
    if (this.records === undefined) return;
    if (from.parent.recordId !== undefined && this.records.get(from.parent.recordId, from.name) !== undefined) {
      this.records.move(from.parent.recordId, from.name, this.#idOf(to.parent), to.name);
    } else {
      this.removed(to);
    }
  }

  removed({ parent, name }: Place): void {
    if (parent.recordId !== undefined) this.records?.delete(parent.recordId, name);
  }

  flush() {
    return this.records?.flush();
  }

  #idOf(directory: DirectoryNode): number {
    if (directory.recordId === undefined) {
      directory.recordId = this.records!.newId();
      this.save(directory);
    }
    return directory.recordId;
  }

  #recordOf(node: FsNode): NodeRecord {
    const { fileMode, directoryMode, uid, gid, now } = this.options;
    const record: { -readonly [K in keyof NodeRecord]: NodeRecord[K] } = {};
    const mode = node.kind === "file" ? fileMode : node.kind === "directory" ? directoryMode : 0;
    if (node.mode !== mode) record.mode = node.mode;
    if (node.uid !== uid) record.uid = node.uid;
    if (node.gid !== gid) record.gid = node.gid;
    const { atime, mtime } = node;
    if (node.kind === "directory" && node.recordId !== undefined && node.parent !== undefined)
      record.id = node.recordId;
    if (node.kind === "file" && node.hasOwnTimes) record.times = { atime, mtime, size: node.size ?? 0, at: now() };
    if (node.kind === "special") {
      record.times = { atime, mtime, size: 0, at: 0 };
      record.rdev = node.rdev;
      if (node.target !== undefined) record.target = decodeName(node.target);
    }
    return record;
  }
}

function isSpecial({ rdev }: NodeRecord): boolean {
  return rdev !== undefined;
}

function specialNode(seed: NodeSeed, parent: DirectoryNode, record: NodeRecord): SpecialNode {
  const target = record.target === undefined ? undefined : encodeName(record.target);
  const node = new SpecialNode(seed, target, record.rdev ?? 0);
  node.stored = { parent, name: seed.name };
  restoreNode(node, record);
  return node;
}

function restoreNode(node: FsNode, { id, mode, uid, gid, times }: NodeRecord): void {
  if (mode !== undefined) node.mode = (node.mode & S_IFMT) | (mode & S_IALLUGO);
  if (uid !== undefined) node.uid = uid;
  if (gid !== undefined) node.gid = gid;
  if (node.kind === "directory" && id !== undefined) node.recordId = id;
  if (node.kind === "file") node.keptTimes = times;
  if (node.kind !== "special" || times === undefined) return;
  node.atime = times.atime;
  node.mtime = times.mtime;
  node.ctime = times.mtime;
}
