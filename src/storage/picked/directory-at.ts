import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { PickedFiles } from "./picked-files.js";

/** The directory of that path, as the folder spells it; "": the folder. `create`: made, with those above it, where it went. */
export async function directoryAt(
  files: PickedFiles,
  path: string,
  create: boolean,
): Promise<FileSystemDirectoryHandle | undefined> {
  let directory: FileSystemDirectoryHandle | undefined = files.root;
  for (const name of path.split("/").filter(Boolean)) {
    const parent: FileSystemDirectoryHandle = directory;
    const doing = create ? "mkdir" : "lookup";
    directory = await ifFound(() => files.attempt(doing, () => parent.getDirectoryHandle(name, { create })));
    if (directory === undefined) return undefined;
  }
  return directory;
}

/** Undefined: there is none of the name, or something else. */
export async function ifFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof FsError && (error.errno === Errno.ENOENT || error.errno === Errno.ENOTDIR)) return undefined;
    throw error;
  }
}
