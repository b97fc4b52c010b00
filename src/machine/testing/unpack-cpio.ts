import { fileType, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG } from "../../posix/mode.js";
import { decodeName } from "../../posix/name.js";
import type { TreeWriter } from "./tree-writer.js";

const HEADER = 110;
const TRAILER = "TRAILER!!!";

/** Unpacks a "newc" cpio archive, as an initramfs is one (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */
export async function unpackCpio(archive: Uint8Array, tree: TreeWriter): Promise<void> {
  for (let at = 0; at < archive.length;) {
    const header = decodeName(archive.subarray(at, at + HEADER));
    const field = (index: number): number => parseInt(header.slice(6 + 8 * index, 14 + 8 * index), 16);
    const [mode, uid, gid, mtime, size] = [field(1), field(2), field(3), field(5), field(6)];
    const nameEnd = at + HEADER + field(11);
    const path = decodeName(archive.subarray(at + HEADER, nameEnd - 1)).replace(/^\//, "");
    if (path === TRAILER) return;
    const start = padded(nameEnd);
    const content = archive.subarray(start, start + size);
    at = padded(start + size);

    const entry = { mode: mode & 0o7777, uid, gid, mtime };
    const type = fileType(mode);
    if (type === S_IFDIR) await tree.directory(path, entry);
    else if (type === S_IFREG) await tree.file(path, content, entry);
    else if (type === S_IFLNK) await tree.symlink(path, decodeName(content), entry);
    else if (type === S_IFCHR) await tree.device(path, field(9), field(10), { ...entry, mode });
    else throw new Error(`${path} has a type that is not known here: ${mode.toString(8)}.`);
  }
}

function padded(offset: number): number {
  return (offset + 3) & ~3;
}
