import { ifThere, inBrowser } from "../web/dom-errors.js";
import { sameContent } from "../web/same-content.js";
import type { Leftover } from "../web/scratch.js";
import { SWAP_SUFFIX } from "../web/swap-files.js";

/** A disk rounds its times: FAT to 2 s. */
const ROUNDING_MS = 2000;

/**
 * Removes the swap file that a dead Worker left beside a file that it was saving: Chromium 156 leaves it on the disk, for good,
 * where the Worker was terminated in the middle. A file of the visitor's may have that name: only what came after the save
 * began, and holds the beginning of what was saved, is removed. Nobody else saves the file now.
 */
export async function removeLeftSwap(folder: FileSystemDirectoryHandle, leftover: Leftover): Promise<void> {
  const { label } = leftover;
  if (label?.saving === undefined) return;
  const names = label.path.split("/");
  const name = names.pop()! + SWAP_SUFFIX;
  const parent = await ifThere("lookup", async () => {
    let directory = folder;
    for (const each of names) directory = await directory.getDirectoryHandle(each);
    return directory;
  });
  const swap = await ifThere("lookup", async () => (await parent?.getFileHandle(name))?.getFile());
  if (parent === undefined || swap === undefined || swap.lastModified < label.saving - ROUNDING_MS) return;
  if (!(await sameContent(swap, (await leftover.file()).slice(0, swap.size)))) return;
  await inBrowser("remove a swap file", () => parent.removeEntry(name));
}
