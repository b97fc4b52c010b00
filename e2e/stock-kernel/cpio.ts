import { joined } from "../../src/fs/bytes.js";

/** One member of an archive; `mode` has the file type in it. */
export interface CpioFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** A "newc" cpio archive (Linux, Documentation/driver-api/early-userspace/buffer-format.rst), owned by root, dated 1970. */
export function cpio(files: readonly CpioFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const trailer: CpioFile = { path: "TRAILER!!!", mode: 0, content: new Uint8Array() };
  [...files, trailer].forEach((file, index) => {
    const name = new TextEncoder().encode(`${file.path}\0`);
    const fields = [index + 1, file.mode, 0, 0, 1, 0, file.content.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    parts.push(padded(joined([new TextEncoder().encode(header), name])), padded(file.content));
  });
  return joined(parts);
}

function padded(bytes: Uint8Array): Uint8Array {
  return joined([bytes, new Uint8Array(-bytes.length & 3)]);
}
