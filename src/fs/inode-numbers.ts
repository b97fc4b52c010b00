import type { DirectoryNode, FsNode } from "./node.js";

/** 30 bits: V8 keeps them without a box, and programs without large-file support can stat what has them. */
const BITS = 30;
const MASK = 2 ** BITS - 1;
/** 0 means "no entry" to readdir(3) of old, 1 is the root's. */
const FIRST = 2;

/**
 * The inode numbers that the guest sees. What is forgotten and looked up again has the one it had, also at the next visit: it is made
 * from the directory's number and the name, and recorded where it is another. git reads every file again whose number is not that
 * in its index. No two nodes in memory have the same.
 */
export class InodeNumbers {
  readonly #taken = new Set<number>();

  /** How many are taken. */
  get size(): number {
    return this.#taken.size;
  }

  /** For what is found or made as `name` in `parent`. `recorded`: the one it had. */
  take(parent: DirectoryNode | undefined, name: string, recorded?: number): number {
    let number = recorded ?? numberOf(parent, name);
    while (number < FIRST || this.#taken.has(number)) number = (number + 1) & MASK;
    this.#taken.add(number);
    return number;
  }

  /** Its node is not in memory any more. */
  release(number: number): void {
    this.#taken.delete(number);
  }
}

/** The number to be recorded: none where it is what it would be without. */
export function recordedNumber({ ino, parent, name, stored }: FsNode): number | undefined {
  const place = stored ?? { parent, name };
  return place.parent === undefined || ino === numberOf(place.parent, place.name) ? undefined : ino;
}

function numberOf(parent: DirectoryNode | undefined, name: string): number {
  return hash(parent?.ino ?? 0, name);
}

/** FNV-1a, and the last step of MurmurHash3, by which each bit of the name moves each of the number. */
function hash(seed: number, name: string): number {
  let value = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) & MASK;
}
