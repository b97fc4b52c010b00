import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { S_ISGID } from "../posix/mode.js";
import type { Store } from "../storage/store.js";
import { touch } from "./attributes.js";
import type { Caller } from "./file-system.js";
import { dropName, type Loss } from "./links.js";
import type { DirectoryNode, FsNode, NodeSeed, Place } from "./node.js";
import { type Timestamp, timestampOf } from "./timestamp.js";
import type { Tree } from "./tree.js";
import type { WriteBehind } from "./write-behind.js";

/** What the operations on names have in common: the rules, and names that come and go. */
export class Entries {
  constructor(
    readonly store: Store,
    readonly tree: Tree,
    readonly behind: WriteBehind,
    readonly now: () => number,
  ) {}

  /** Throws where the store has files whose names are not ours to change. */
  assertNamesMayChange(): void {
    if (this.store.fixedNames === true) throw new FsError(Errno.EACCES, "the names of this share are fixed");
  }

  /** `name` undefined: none for now. */
  seed(parent: DirectoryNode, name: string | undefined, mode: number, caller: Caller): NodeSeed {
    this.assertNamesMayChange();
    if (name !== undefined) this.store.checkName(name);
    // A directory with set-group-ID hands its group down.
    const gid = (parent.mode & S_ISGID) === 0 ? caller.gid : parent.gid;
    return this.tree.seed(parent, name ?? "", mode, caller.uid, gid, this.timestamp());
  }

  parked({ name }: FsNode): Place {
    return { parent: this.tree.parking, name };
  }

  enter(node: FsNode, parent: DirectoryNode): void {
    this.assertLive(parent);
    node.parent = parent;
    node.checkedAt = this.tree.freshness.asked();
    node.btime ??= node.ctime;
    parent.children?.add(node.name, node);
    this.changed(parent, node.name, this.timestamp());
  }

  /** Takes a name from the node. */
  leave(node: FsNode, place: Place): Loss {
    const now = this.timestamp();
    place.parent.children?.remove(place.name);
    const loss = dropName(node, place);
    node.ctime = now;
    this.changed(place.parent, place.name, now);
    if (loss.kind === "main") this.tree.changed(loss.main.parent, loss.main.name);
    return loss;
  }

  changed(directory: DirectoryNode, name: string, now: Timestamp): void {
    touch(directory, now);
    this.behind.touched(directory);
    this.tree.changed(directory, name);
  }

  timestamp(): Timestamp {
    return timestampOf(this.now());
  }

  assertFree(parent: DirectoryNode, name: string): void {
    if (parent.children?.get(name) !== undefined) throw new FsError(Errno.EEXIST, name);
  }

  /** Nothing is put into a directory that was removed. */
  assertNotRemoved(directory: DirectoryNode): void {
    if (directory.parent === undefined && directory !== this.tree.root) throw new FsError(Errno.ENOENT, directory.name);
  }

  /** As `assertNotRemoved`, and its entries are in memory. */
  assertLive(directory: DirectoryNode): void {
    this.assertNotRemoved(directory);
    if (directory.children === undefined) throw new FsError(Errno.ESTALE, directory.name);
  }
}
