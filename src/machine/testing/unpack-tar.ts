import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract, type Headers } from "tar-stream";
import { S_IFBLK, S_IFCHR, S_IFIFO } from "../../posix/mode.js";
import type { TreeWriter } from "./tree-writer.js";

/** Unpacks a tar archive of the disk, with owners, modes, times, links and devices. */
export async function unpackTar(file: string, tree: TreeWriter): Promise<void> {
  const entries = extract();
  pipeline(createReadStream(file), entries, () => undefined); // Iterating over the entries throws what went wrong.
  for await (const entry of entries) {
    const content = await buffer(entry);
    await unpack(entry.header, content, tree);
  }
}

async function unpack(header: Headers, content: Uint8Array, tree: TreeWriter): Promise<void> {
  const { type, linkname, mtime, devmajor = 0, devminor = 0 } = header;
  const path = memberPath(header.name);
  const mode = header.mode ?? 0;
  const owner = { uid: header.uid ?? 0, gid: header.gid ?? 0, ...(mtime && { mtime: mtime.getTime() / 1000 }) };
  const special = (fileType: number): Promise<void> =>
    tree.device(path, devmajor, devminor, { ...owner, mode: fileType | mode });
  if (type === "directory") return tree.directory(path, { ...owner, mode });
  if (type === "file") return tree.file(path, content, { ...owner, mode });
  if (type === "symlink") return tree.symlink(path, linkname ?? "", owner);
  if (type === "link") return tree.link(path, memberPath(linkname ?? ""));
  if (type === "character-device") return special(S_IFCHR);
  if (type === "block-device") return special(S_IFBLK);
  if (type === "fifo") return special(S_IFIFO);
  throw new Error(`${path} is a ${type}, which is not known here.`);
}

function memberPath(name: string): string {
  return name.replace(/^\.?\/+|\/+$/g, "").replace(/^\.$/, "");
}
