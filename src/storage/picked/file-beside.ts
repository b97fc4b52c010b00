import { spell } from "../spelling.js";
import { chromiumRefuses } from "./chromium-name.js";
import { type Beside, nameBeside } from "./conflict-name.js";
import type { FolderPlace } from "./folder-file.js";
import { type FileVersion, type PickedFiles, versionOf } from "./picked-files.js";

/** Makes an empty file beside `name`, which is as the guest has it, under a name that is free. */
export async function newFileBeside(
  files: PickedFiles,
  directory: Pick<FolderPlace, "parent" | "parentPath">,
  name: string,
  why: Beside,
): Promise<{ readonly place: FolderPlace; readonly version: FileVersion }> {
  const when = new Date();
  const { parent } = directory;
  for (let count = 1; ; count++) {
    const beside = spell(nameBeside(name, why, when, count), chromiumRefuses);
    if ((await files.entryIfThere(parent, beside)) !== undefined) continue;
    const handle = await files.attempt("save", () => parent.getFileHandle(beside, { create: true }));
    const version = versionOf(await files.attempt("stat", () => handle.getFile()));
    return { place: { ...directory, name: beside, handle }, version };
  }
}
