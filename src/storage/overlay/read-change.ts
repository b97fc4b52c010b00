import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile } from "../store.js";
import { readBytes } from "./copy-bytes.js";
import type { Overlay } from "./overlay.js";
import { lowerPathOf } from "./overlay-file.js";

/** Bytes of a changed file: the folder's before, or the guest's after. Fewer than `length` at its end. */
export async function readChange(
  overlay: Overlay,
  path: string,
  side: "before" | "after",
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const entry = overlay.entry(path);
  if (side === "after" && entry?.kind === "gone") throw new FsError(Errno.ENOENT, path);
  if (side === "after" && entry !== undefined && "content" in entry) {
    const open = await overlay.contents.acquire(entry.content);
    try {
      return await readBytes(open, offset, length);
    } finally {
      await overlay.contents.release(entry.content);
    }
  }
  const file = await overlay.lowerFile(side === "before" ? path : lowerPathOf(overlay, path));
  const open: OpenStoreFile = await file.open(false);
  try {
    return await readBytes(open, offset, length);
  } finally {
    await open.close();
  }
}
