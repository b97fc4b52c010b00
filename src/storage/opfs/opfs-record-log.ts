import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { RecordLog } from "../store.js";
import { AccessHandle } from "../web/access-handle.js";
import { ifThere, inBrowser } from "../web/dom-errors.js";
import { OWN_DIRECTORY } from "../web/opfs-scratch.js";

// Two files take turns. The one that counts has the higher generation in a header that is whole:
//
//   0       4            8            12
//   | magic | generation | ~generation | records          (little-endian)
const RECORDS = "records";
const HEADER = 12;
const MAGIC = 0x52363876; // "v86R"
/** Room is asked for in such pieces ahead, so that a full disk is noticed before anything is begun. */
const CHUNK = 64 * 1024;

/** The records of one share in two files of OPFS, outside every share. One owner at a time: the share's own lock says who. */
export class OpfsRecordLog implements RecordLog {
  /** The one that counts first. */
  #files: [AccessHandle, AccessHandle];
  #generation: number;

  private constructor(files: [AccessHandle, AccessHandle], generation: number) {
    this.#files = files;
    this.#generation = generation;
  }

  /** `share` names it: the same for the same directory at each visit. */
  static async open(share: string): Promise<OpfsRecordLog> {
    return inBrowser("open the attribute records", async () => {
      const root = await navigator.storage.getDirectory();
      const own = await root.getDirectoryHandle(OWN_DIRECTORY, { create: true });
      const directory = await own.getDirectoryHandle(RECORDS, { create: true });
      return OpfsRecordLog.openIn(directory, baseName(share));
    });
  }

  /** In the files `NAME.a` and `NAME.b`. */
  static openIn(directory: FileSystemDirectoryHandle, name: string): Promise<OpfsRecordLog> {
    return inBrowser("open the attribute records", async () => {
      const open = async (suffix: string): Promise<AccessHandle> =>
        AccessHandle.open(await directory.getFileHandle(`${name}.${suffix}`, { create: true }));
      const files: [AccessHandle, AccessHandle] = [await open("a"), await open("b")];
      const [a, b] = [generationOf(files[0]), generationOf(files[1])];
      if (b > a) files.reverse();
      const log = new OpfsRecordLog(files, Math.max(a, b));
      if (log.#generation === 0) log.replace(new Uint8Array());
      return log;
    });
  }

  /** Removes the records of a share that nobody has open, if there are any. */
  static async remove(own: FileSystemDirectoryHandle, share: string): Promise<void> {
    const directory = await ifThere("lookup", () => own.getDirectoryHandle(RECORDS));
    if (directory === undefined) return;
    for (const suffix of ["a", "b"]) {
      await ifThere("remove", () => directory.removeEntry(`${baseName(share)}.${suffix}`));
    }
  }

  read(): Uint8Array {
    const [file] = this.#files;
    const bytes = new Uint8Array(file.size - HEADER);
    if (file.read(HEADER, [bytes]) < bytes.length) throw new FsError(Errno.EIO, "the attribute records are cut off");
    return bytes;
  }

  write(offset: number, bytes: Uint8Array, spare: number): void {
    const [file] = this.#files;
    const end = HEADER + offset + bytes.length;
    if (end + spare > file.size) file.truncate(end + spare + CHUNK);
    file.write(HEADER + offset, [bytes]);
  }

  flush(): void {
    this.#files[0].flush();
  }

  replace(bytes: Uint8Array): void {
    const [old, file] = this.#files;
    file.truncate(0);
    file.truncate(HEADER + bytes.length + CHUNK);
    file.write(HEADER, [bytes]);
    file.flush();
    file.write(0, [header(this.#generation + 1)]);
    file.flush();
    this.#generation++;
    this.#files = [file, old];
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

function baseName(share: string): string {
  return `records-${encodeURIComponent(share)}`;
}

function header(generation: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER));
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, generation, true);
  view.setUint32(8, ~generation >>> 0, true);
  return new Uint8Array(view.buffer);
}

/** 0: it holds nothing that counts. */
function generationOf(file: AccessHandle): number {
  const bytes = new Uint8Array(HEADER);
  if (file.read(0, [bytes]) < HEADER) return 0;
  const view = new DataView(bytes.buffer);
  const generation = view.getUint32(4, true);
  const isWhole = view.getUint32(0, true) === MAGIC && view.getUint32(8, true) === ~generation >>> 0;
  return isWhole ? generation : 0;
}
