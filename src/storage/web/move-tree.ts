import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { childPath } from "./by-path.js";
import { REMOVING, inBrowser } from "./dom-errors.js";
import { forEach } from "./slots.js";

/** Moves one file, of the path `path` below the two trees, to the same name in the other directory. */
export type MoveFile = (
  from: FileSystemDirectoryHandle,
  to: FileSystemDirectoryHandle,
  name: string,
  path: string,
) => Promise<void>;

interface Pair {
  readonly from: FileSystemDirectoryHandle;
  readonly to: FileSystemDirectoryHandle;
  readonly name: string;
  readonly path: string;
}

/**
 * Moves what is in `source` into `target`, an empty directory, where the browser cannot move directories (Chromium 156). All
 * directories are made first, then the files are moved one by one, and last the emptied directories are removed, never one
 * that still holds something: at every moment each file is in exactly one of the trees. After a failure everything is moved
 * back. `removeSource` removes `source` itself.
 */
export async function moveTree(
  source: FileSystemDirectoryHandle,
  target: FileSystemDirectoryHandle,
  atOnce: number,
  moveFile: MoveFile,
  removeSource: () => Promise<void>,
): Promise<void> {
  const files: Pair[] = [];
  const directories: Pair[] = [];
  const moved: Pair[] = [];
  const removed: Pair[] = [];
  try {
    await inBrowser("make directories", () => copyDirectories(source, target, "", files, directories));
    await forEach(files, atOnce, async (file) => {
      await moveFile(file.from, file.to, file.name, file.path);
      moved.push(file);
    });
    for (const directory of directories.toReversed()) {
      await inBrowser("remove a moved directory", () => directory.from.removeEntry(directory.name), REMOVING);
      removed.push(directory);
    }
    await inBrowser("remove a moved directory", removeSource, REMOVING);
  } catch (error) {
    try {
      await moveBack(moved, directories, removed, atOnce, moveFile);
    } catch (failure) {
      const cause = new AggregateError([error, failure]);
      throw new FsError(Errno.EIO, "a directory is partly moved", { cause });
    }
    throw error;
  }
}

async function copyDirectories(
  from: FileSystemDirectoryHandle,
  to: FileSystemDirectoryHandle,
  path: string,
  files: Pair[],
  directories: Pair[],
): Promise<void> {
  for await (const [name, entry] of from.entries()) {
    if (name === "") continue; // a name that is not valid UTF-8, in Chromium: it cannot be moved, nor its directory removed
    const pair: Pair = { from, to, name, path: childPath(path, name) };
    if (entry.kind === "file") {
      files.push(pair);
    } else {
      const made = await to.getDirectoryHandle(name, { create: true });
      directories.push(pair);
      await copyDirectories(entry, made, pair.path, files, directories);
    }
  }
}

async function moveBack(
  moved: readonly Pair[],
  directories: readonly Pair[],
  removed: readonly Pair[],
  atOnce: number,
  moveFile: MoveFile,
): Promise<void> {
  for (const { from, name } of removed.toReversed()) await from.getDirectoryHandle(name, { create: true });
  await forEach(moved, atOnce, ({ from, to, name, path }) => moveFile(to, from, name, path));
  for (const { to, name } of directories.toReversed()) await to.removeEntry(name);
}
