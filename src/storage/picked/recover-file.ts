import { unspell, unspellPath } from "../spelling.js";
import { sameContent } from "../web/same-content.js";
import type { Beside } from "./conflict-name.js";
import { directoryAt, ifFound } from "./directory-at.js";
import { newFileBeside } from "./file-beside.js";
import { FolderFile, type FolderPlace } from "./folder-file.js";
import { type FileVersion, type PickedFiles, sameVersion, versionOf } from "./picked-files.js";

/** Content that a closed tab did not bring to the folder. */
export interface Unsaved {
  /** As the folder spells it: "a/b". */
  readonly path: string;
  /** The folder's version that the content was made from; missing for a new file. */
  readonly base?: FileVersion;
  readonly content: Blob;
}

/** What the folder has under the path now. */
export type FolderHas =
  /** The version that the content was made from. */
  | "base"
  /** The very content: it was saved, and only the note of it was lost. */
  | "content"
  /** Another version, or nothing. */
  | "other";

export async function folderHas(files: PickedFiles, unsaved: Unsaved): Promise<FolderHas> {
  const place = await placeOf(files, unsaved.path, false);
  return compare(place && (await files.fileIfThere(place.handle)), unsaved);
}

/**
 * Brings the content to the folder, whole: in the place of the version that it was made from. If there is another now, or if
 * a `copy` is asked for, it goes beside it. Gives the path of the file that has it, as the guest sees it.
 */
export async function recoverFile(files: PickedFiles, unsaved: Unsaved, copy: boolean): Promise<string> {
  const open = files.contents.get(unsaved.path);
  if (open === undefined) return bring(files, unsaved, copy);
  // The guest's newer version comes first; then what is here is beside it.
  await open.flush();
  return open.whileStill(() => bring(files, unsaved, copy));
}

async function bring(files: PickedFiles, unsaved: Unsaved, copy: boolean): Promise<string> {
  if (copy) return beside(files, unsaved, "recovered");
  const place = await placeOf(files, unsaved.path, unsaved.base === undefined);
  const file = place && (await files.fileIfThere(place.handle));
  const has = await compare(file, unsaved);
  if (has === "content") return unspellPath(unsaved.path);
  if (place === undefined || file === undefined || has === "other") return beside(files, unsaved, "conflict");
  return write(new FolderFile(files, place, versionOf(file)), unsaved.content);
}

async function beside(files: PickedFiles, { path, content }: Unsaved, why: Beside): Promise<string> {
  const { name, parentPath } = split(path);
  const { place, version } = await newFileBeside(files, parentPath, unspell(name), why);
  try {
    return await write(new FolderFile(files, place, version), content);
  } catch (error) {
    await place.parent.removeEntry(place.name).catch(() => {}); // an empty file at worst
    throw error;
  }
}

async function write(file: FolderFile, content: Blob): Promise<string> {
  await file.commit(async (writable) => {
    await writable.write(content);
    return content.size;
  });
  return unspellPath(file.path);
}

async function compare(file: File | undefined, { base, content }: Unsaved): Promise<FolderHas> {
  if (file === undefined) return "other";
  if (sameVersion(versionOf(file), base ?? { size: 0, lastModified: file.lastModified })) return "base";
  return (await sameContent(file, content)) ? "content" : "other";
}

/** The file in the folder. Undefined: there is none of the name, or something else. */
async function placeOf(files: PickedFiles, path: string, create: boolean): Promise<FolderPlace | undefined> {
  const { name, parentPath } = split(path);
  const parent = await directoryAt(files, parentPath, create);
  if (parent === undefined) return undefined;
  const handle = await ifFound(() => files.attempt("lookup", () => parent.getFileHandle(name, { create })));
  return handle && { parent, parentPath, name, handle };
}

function split(path: string): { name: string; parentPath: string } {
  const end = path.lastIndexOf("/");
  return { name: path.slice(end + 1), parentPath: path.slice(0, Math.max(0, end)) };
}
