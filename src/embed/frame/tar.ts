import { MOST_FILES, safePath } from "./paths.js";

type Bytes = Uint8Array<ArrayBuffer>;

const BLOCK = 512;
/** Offsets in a header, and lengths: POSIX.1-2017, pax, "ustar Interchange Format". */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const TYPE = [156, 1] as const;
const PREFIX = [345, 155] as const;

/** The regular files of a tar archive (ustar, pax paths, GNU long names). Links and devices are left out. */
export function readTar(archive: Bytes, tooMuch: () => Error): Map<string, Bytes> {
  const found = new Map<string, Bytes>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = Number.parseInt(field(header, SIZE).trim() || "0", 8);
    const end = at + BLOCK + size;
    if (!Number.isSafeInteger(size) || size < 0 || end > archive.length) throw new Error("The tar archive is damaged.");
    const content = archive.slice(at + BLOCK, end);
    const type = field(header, TYPE);
    if (type === "L") {
      longName = new TextDecoder().decode(content).replace(/\0.*$/s, "");
    } else if (type === "x") {
      longName = paxPath(new TextDecoder().decode(content)) ?? longName;
    } else {
      const prefix = field(header, PREFIX);
      const name = longName ?? (prefix === "" ? "" : `${prefix}/`) + field(header, NAME);
      longName = undefined;
      if (type === "0" || type === "") found.set(safePath(name), content);
      if (found.size > MOST_FILES) throw tooMuch();
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return found;
}

function field(header: Bytes, [offset, length]: readonly [number, number]): string {
  const bytes = header.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Of lines "LENGTH KEY=VALUE\n". */
function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}
