import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { childPath } from "../web/by-path.js";
import { REMOVING, ifThere } from "../web/dom-errors.js";
import type { MoveFile } from "../web/move-tree.js";
import { moveTree } from "../web/move-tree.js";
import { checkWritablePath } from "./chromium-name.js";
import type { FolderPlace } from "./folder-file.js";
import type { PickedContent } from "./picked-content.js";
import type { PickedFiles } from "./picked-files.js";

const FILES_AT_ONCE = 8;
type Place = Omit<FolderPlace, "handle">;

/** Moves a file, over one that may be there. What was not saved is saved first: a name never stands for half of a file. */
export async function moveFile(
  files: PickedFiles,
  from: Place,
  source: FileSystemFileHandle,
  to: Place,
  replaced: FileSystemFileHandle | undefined,
): Promise<void> {
  const fromPath = childPath(from.parentPath, from.name);
  const toPath = childPath(to.parentPath, to.name);
  const moving = files.contents.get(fromPath);
  const losing = replaced && files.contents.get(toPath);
  await moving?.flush();
  await losing?.setAside();
  await whileStill([moving, losing], async () => {
    await moveOne(files, from.parent, source, to.parent, toPath);
    await losing?.forsake();
    await follow(files, fromPath, toPath, to);
  });
}

/** Moves a directory, over an empty one that may be there. Files below it may be open. */
export async function moveDirectory(
  files: PickedFiles,
  from: Place,
  source: FileSystemDirectoryHandle,
  to: Place,
  replaced: FileSystemDirectoryHandle | undefined,
): Promise<void> {
  const fromPath = childPath(from.parentPath, from.name);
  const toPath = childPath(to.parentPath, to.name);
  if (toPath.startsWith(`${fromPath}/`)) throw new FsError(Errno.EINVAL, "a directory into itself");
  if (replaced !== undefined) {
    const first = await files.attempt("rename", () => replaced.keys().next());
    if (first.done !== true) throw new FsError(Errno.ENOTEMPTY);
  }
  const below = files.contents.under(fromPath).map(([, content]) => content);
  for (const content of below) await content.flush();
  await whileStill(below, async () => {
    const target = await files.attempt("rename", () => to.parent.getDirectoryHandle(to.name, { create: true }));
    const moveBelow: MoveFile = async (fromDirectory, toDirectory, name, path) => {
      const file = await files.attempt("rename", () => fromDirectory.getFileHandle(name));
      await moveOne(files, fromDirectory, file, toDirectory, childPath(toPath, path));
    };
    try {
      await moveTree(source, target, FILES_AT_ONCE, moveBelow, () => from.parent.removeEntry(from.name));
    } catch (error) {
      if (replaced === undefined) await ifThere("remove", () => to.parent.removeEntry(to.name), REMOVING);
      throw error;
    }
    files.names.moved(fromPath, toPath);
    await follow(files, fromPath, toPath, to);
  });
}

async function moveOne(
  files: PickedFiles,
  from: FileSystemDirectoryHandle,
  source: FileSystemFileHandle,
  target: FileSystemDirectoryHandle,
  path: string,
): Promise<void> {
  checkWritablePath(files.root.name, path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (source.move !== undefined) return files.attempt("rename", () => source.move!(target, name));
  await files.attempt("rename", async () => {
    const copy = await target.getFileHandle(name, { create: true });
    const writable = await copy.createWritable();
    await writable.write(await source.getFile());
    await writable.close();
    await from.removeEntry(source.name);
  });
}

/** What is known by path follows the rename. */
async function follow(files: PickedFiles, fromPath: string, toPath: string, to: Place): Promise<void> {
  files.contents.rename(fromPath, toPath);
  files.committed.rename(fromPath, toPath);
  for (const [path, content] of files.contents.under(toPath)) {
    const names = path.slice(to.parentPath.length).split("/").filter(Boolean);
    const name = names.pop()!;
    await files.attempt("rename", async () => {
      let parent = to.parent;
      for (const directory of names) parent = await parent.getDirectoryHandle(directory);
      const parentPath = path.slice(0, Math.max(0, path.length - name.length - 1));
      content.moved({ parent, parentPath, name, handle: await parent.getFileHandle(name) });
    });
  }
}

/** Does `work` while none of the contents is changed or brought to the folder. */
function whileStill(contents: readonly (PickedContent | undefined)[], work: () => Promise<void>): Promise<void> {
  const [first, ...rest] = contents.filter((content) => content !== undefined);
  return first === undefined ? work() : first.whileStill(() => whileStill(rest, work));
}
