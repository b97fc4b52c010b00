import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { spell, unspellPath } from "../spelling.js";
import { chromiumRefuses } from "./chromium-name.js";
import { type Beside, nameBeside } from "./conflict-name.js";
import { directoryAt } from "./directory-at.js";
import type { FolderPlace } from "./folder-file.js";
import { type FileVersion, type PickedFiles, versionOf } from "./picked-files.js";

/**
 * Makes an empty file beside `name`, which is as the guest has it, under a name that is free. A directory that went is made again: it
 * has that file then, and nothing of what it had before.
 */
export async function newFileBeside(
  files: PickedFiles,
  parentPath: string,
  name: string,
  why: Beside,
): Promise<{ readonly place: FolderPlace; readonly version: FileVersion }> {
  const when = new Date();
  const parent = await directoryAt(files, parentPath, true);
  if (parent === undefined) throw new FsError(Errno.ENOTDIR, `there is a file where ${unspellPath(parentPath)} was`);
  for (let count = 1; ; count++) {
    const beside = spell(nameBeside(name, why, when, count), chromiumRefuses);
    if ((await files.entryIfThere(parent, beside)) !== undefined) continue;
    const handle = await files.attempt("save", () => parent.getFileHandle(beside, { create: true }));
    const version = versionOf(await files.attempt("stat", () => handle.getFile()));
    return { place: { parent, parentPath, name: beside, handle }, version };
  }
}
