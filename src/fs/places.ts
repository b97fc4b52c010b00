import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { StoreDirectory, StoreFile } from "../storage/store.js";
import { type DirectoryNode, type FileNode, type FsNode, isSamePlace, type Place } from "./node.js";

/** How names of files without a name begin, in the parking directory. */
export const TEMPORARY = "temporary-";

/**
 * Finds the store's objects for nodes. An object got from a directory's object goes stale when a directory above is renamed:
 * it counts only while its parent's node still has the object that it was got from, and is got again otherwise.
 */
export class Places {
  constructor(
    private readonly rootNode: DirectoryNode,
    private readonly root: StoreDirectory,
    readonly parkingNode: DirectoryNode,
    private readonly parking: StoreDirectory | undefined,
  ) {}

  /** The store has a place for what has no name. */
  get canPark(): boolean {
    return this.parking !== undefined;
  }

  directory(node: DirectoryNode): Awaitable<StoreDirectory> {
    if (node === this.rootNode) return this.root;
    if (node === this.parkingNode && this.parking !== undefined) return this.parking;
    const place = storedPlace(node);
    return chain(this.directory(place.parent), (parent) => {
      if (node.directory !== undefined && node.under === parent) return node.directory;
      return chain(parent.get(place.name), (entry) => {
        if (entry === undefined) throw new FsError(Errno.ENOENT, place.name);
        if (entry.kind !== "directory") throw new FsError(Errno.ENOTDIR, place.name);
        node.directory = entry.directory;
        node.under = parent;
        return entry.directory;
      });
    });
  }

  /** The store's file, where it is known without asking. */
  knownFile(node: FileNode): StoreFile | undefined {
    const parent = node.stored && this.#known(node.stored.parent);
    return parent !== undefined && node.under === parent ? node.file : undefined;
  }

  file(node: FileNode): Awaitable<StoreFile> {
    const place = storedPlace(node);
    return chain(this.directory(place.parent), (parent) => {
      if (node.file !== undefined && node.under === parent) return node.file;
      return chain(parent.get(place.name), (entry) => {
        if (entry === undefined) throw new FsError(Errno.ENOENT, place.name);
        if (entry.kind !== "file") throw new FsError(Errno.EISDIR, place.name);
        node.file = entry.file;
        node.under = parent;
        return entry.file;
      });
    });
  }

  #known(node: DirectoryNode): StoreDirectory | undefined {
    if (node === this.rootNode) return this.root;
    if (node === this.parkingNode) return this.parking;
    const parent = node.stored && this.#known(node.stored.parent);
    return parent !== undefined && node.under === parent ? node.directory : undefined;
  }
}

/** The store has the node somewhere else now, or no longer. */
export function moveStored(node: FsNode, place: Place | undefined): void {
  node.stored = place;
  if (node.kind === "file") node.file = undefined;
  if (node.kind === "directory") node.directory = undefined;
}

/** True when the store has the node somewhere below the directory. */
export function isStoredBelow(node: FsNode, directory: DirectoryNode): boolean {
  for (let at = node.stored; at !== undefined; at = at.parent.stored) if (at.parent === directory) return true;
  return false;
}

function storedPlace(node: FsNode): Place {
  if (node.stored !== undefined) return node.stored;
  throw node.failure ?? new FsError(node.parent === undefined ? Errno.ESTALE : Errno.EIO, node.name);
}

/** True when it is under that name that the store has the node: not a link's other names, nor what no store has. */
export function isStoredAt(node: FsNode, place: Place): boolean {
  return node.kind !== "special" && isSamePlace(node.stored, place);
}
