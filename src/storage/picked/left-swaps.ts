import { REMOVING, ifThere } from "../web/dom-errors.js";
import { SWAP_SUFFIX } from "../web/swap-files.js";

/**
 * Removes the swap file that a dead Worker left beside a file that it was saving: Chromium 156 leaves it on the disk, for good,
 * where the Worker was terminated in the middle. `path`: as the folder spells it, of a leftover's label; nobody else saves it now.
 */
export async function removeLeftSwap(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
  const names = path.split("/");
  const name = names.pop()!;
  await ifThere(
    "remove a swap file",
    async () => {
      let parent = folder;
      for (const directory of names) parent = await parent.getDirectoryHandle(directory);
      await parent.removeEntry(name + SWAP_SUFFIX);
    },
    REMOVING,
  );
}
