import { type Awaitable, chain } from "../posix/awaitable.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import type { StoreDirectory } from "../storage/store.js";
import { inOrder } from "./awaitables.js";

/**
 * Ends the move of a directory, some of whose files are in the new place already: moves the rest there, and removes what is
 * left of the old one. Nothing to do where that is gone.
 */
export function mergeDirectory(
  source: StoreDirectory,
  name: string,
  target: StoreDirectory,
  newName: string,
): Awaitable<void> {
  return chain(source.get(name), (from) => {
    if (from === undefined) return;
    return chain(target.get(newName), (to) => {
      if (from.kind !== "directory" || to === undefined) return source.rename(name, target, newName);
      // A file is moved as a whole: one that is in both places was made again in the old one.
      if (to.kind !== "directory") throw new FsError(Errno.EEXIST, newName);
      return chain(from.directory.list(), (entries) =>
        chain(
          inOrder(entries[Symbol.iterator](), (entry) =>
            mergeDirectory(from.directory, entry.name, to.directory, entry.name),
          ),
          () => source.remove(name),
        ),
      );
    });
  });
}
