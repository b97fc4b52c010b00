/**
 * One owner for a directory of the origin private file system, over all tabs of the origin (Web Locks).
 *
 * A directory is locked exclusively, and each directory above it shared: so neither a directory above nor one below can be
 * owned at the same time.
 */
export async function lockDirectory(path: readonly string[]): Promise<DirectoryLock | undefined> {
  const held: (() => void)[] = [];
  const release = (): void => held.forEach((letGo) => letGo());
  for (let depth = 0; depth <= path.length; depth++) {
    const name = `v86-virtiofs:opfs:/${path.slice(0, depth).join("/")}`;
    const lock = await hold(name, depth === path.length ? "exclusive" : "shared");
    if (!lock) {
      release();
      return undefined;
    }
    held.push(lock);
  }
  return { release };
}

export interface DirectoryLock {
  release(): void;
}

/** Takes a lock if it is free; returns what lets go of it. */
function hold(name: string, mode: LockMode): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { mode, ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
