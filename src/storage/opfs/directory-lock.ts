import { type HeldLock, holdLock } from "../web/locks.js";

/**
 * One owner for a directory of the origin private file system, over all tabs of the origin (Web Locks). Undefined: it has one.
 *
 * A directory is locked exclusively, and each directory above it shared: so neither a directory above nor one below can be
 * owned at the same time.
 */
export async function lockDirectory(path: readonly string[]): Promise<HeldLock | undefined> {
  const held: HeldLock[] = [];
  const release = (): void => held.forEach((lock) => lock.release());
  for (let depth = 0; depth <= path.length; depth++) {
    const name = `v86-virtiofs:opfs:/${path.slice(0, depth).join("/")}`;
    const lock = await holdLock(name, depth === path.length ? "exclusive" : "shared");
    if (!lock) {
      release();
      return undefined;
    }
    held.push(lock);
  }
  return { release };
}
