import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { childPath } from "../web/by-path.js";
import { REMOVING, ifThere, inBrowser } from "../web/dom-errors.js";
import { moveTree } from "../web/move-tree.js";
import type { OpenOpfsFile } from "./open-opfs-file.js";
import type { OpfsFiles } from "./opfs-files.js";

const FILES_AT_ONCE = 32;
interface Place {
  readonly parent: FileSystemDirectoryHandle;
  readonly name: string;
  readonly path: string;
}

/** Moves the content of an open file out of the tree: from now on it goes with the open file. Nothing is copied. */
export async function setAside(files: OpfsFiles, path: string, open: OpenOpfsFile): Promise<void> {
  await open.whileAway(async () => {
    const adopted = await files.scratch.adopt(open.handle);
    open.standAlone(adopted);
    return adopted.handle;
  });
  files.forget(path);
}

/** Moves a file, over one that may be there. Either may be open. */
export async function moveFile(
  files: OpfsFiles,
  source: FileSystemFileHandle,
  fromPath: string,
  target: FileSystemDirectoryHandle,
  to: string,
  toPath: string,
): Promise<void> {
  const replaced = files.open.get(toPath);
  await moveOpenOrNot(files.open.get(fromPath), target, to, async () => {
    if (replaced !== undefined) await setAside(files, toPath, replaced);
    try {
      await move(source, target, to);
    } catch (error) {
      if (replaced !== undefined) await putBack(files, replaced, target, to, toPath);
      throw error;
    }
  });
}

/** Moves a directory, over an empty one that may be there. Files below it may be open. */
export async function moveDirectory(
  files: OpfsFiles,
  source: FileSystemDirectoryHandle,
  from: Place,
  to: Place,
  replaced: FileSystemDirectoryHandle | undefined,
): Promise<void> {
  if (to.path.startsWith(`${from.path}/`)) throw new FsError(Errno.EINVAL, "a directory into itself");
  if (replaced !== undefined) {
    const first = await inBrowser("rename", () => replaced.keys().next());
    if (first.done !== true) throw new FsError(Errno.ENOTEMPTY);
  }
  if (source.move !== undefined) return moveWhole(files, source, from, to);
  const target = await inBrowser("rename", () => to.parent.getDirectoryHandle(to.name, { create: true }));
  try {
    await moveTree(
      source,
      target,
      FILES_AT_ONCE,
      async (fromDirectory, toDirectory, name, path) => {
        const file = await inBrowser("rename", () => fromDirectory.getFileHandle(name));
        const open = files.open.get(childPath(from.path, path));
        await moveOpenOrNot(open, toDirectory, name, () => move(file, toDirectory, name));
      },
      () => from.parent.removeEntry(from.name),
    );
  } catch (error) {
    if (replaced === undefined) await ifThere("remove", () => to.parent.removeEntry(to.name), REMOVING);
    throw error;
  }
}

/** As Firefox and WebKit can, with every open file below let go of meanwhile. */
async function moveWhole(files: OpfsFiles, source: FileSystemDirectoryHandle, from: Place, to: Place): Promise<void> {
  const open = files.open.under(from.path);
  const moveWithout = async (index: number): Promise<void> => {
    const [path, file] = open[index] ?? [];
    if (path === undefined || file === undefined) {
      return inBrowser("rename", () => source.move!(to.parent, to.name), REMOVING);
    }
    await file.whileAway(async () => {
      await moveWithout(index + 1);
      return fileAt(to.parent, to.name + path.slice(from.path.length));
    });
  };
  await moveWithout(0);
}

async function moveOpenOrNot(
  open: OpenOpfsFile | undefined,
  target: FileSystemDirectoryHandle,
  to: string,
  work: () => Promise<void>,
): Promise<void> {
  if (open === undefined) return work();
  await open.whileAway(async () => {
    await work();
    return inBrowser("rename", () => target.getFileHandle(to));
  });
}

async function putBack(
  files: OpfsFiles,
  open: OpenOpfsFile,
  target: FileSystemDirectoryHandle,
  to: string,
  toPath: string,
): Promise<void> {
  await moveOpenOrNot(open, target, to, () => move(open.handle, target, to));
  open.standAlone(undefined);
  files.open.set(toPath, open);
}

async function move(file: FileSystemFileHandle, target: FileSystemDirectoryHandle, to: string): Promise<void> {
  if (file.move === undefined) throw new FsError(Errno.EXDEV, "this browser cannot move files");
  await inBrowser("rename", () => file.move!(target, to));
}

async function fileAt(directory: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const names = path.split("/");
  const last = names.pop()!;
  return inBrowser("rename", async () => {
    let at = directory;
    for (const name of names) at = await at.getDirectoryHandle(name);
    return at.getFileHandle(last);
  });
}
