import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { RecordLog } from "../store.js";
import { AccessHandle } from "../web/access-handle.js";
import { inBrowser } from "../web/dom-errors.js";
import { OWN_DIRECTORY } from "../web/opfs-scratch.js";

/** The records of one share in a file of OPFS, outside every share. One owner at a time: the share's own lock says who. */
export class OpfsRecordLog implements RecordLog {
  readonly #directory: FileSystemDirectoryHandle;
  readonly #name: string;
  #access: AccessHandle;

  private constructor(directory: FileSystemDirectoryHandle, name: string, access: AccessHandle) {
    this.#directory = directory;
    this.#name = name;
    this.#access = access;
  }

  /** `share` names it: the same for the same directory at each visit. */
  static async open(share: string): Promise<OpfsRecordLog> {
    return inBrowser("open the attribute records", async () => {
      const root = await navigator.storage.getDirectory();
      const own = await root.getDirectoryHandle(OWN_DIRECTORY, { create: true });
      const directory = await own.getDirectoryHandle("records", { create: true });
      const name = `records-${encodeURIComponent(share)}`;
      const file = await directory.getFileHandle(name, { create: true });
      return new OpfsRecordLog(directory, name, await AccessHandle.open(file));
    });
  }

  read(): Uint8Array {
    const bytes = new Uint8Array(this.#access.size);
    if (this.#access.read(0, [bytes]) < bytes.length) throw new FsError(Errno.EIO, "the attribute records are cut off");
    return bytes;
  }

  append(bytes: Uint8Array): void {
    this.#access.write(this.#access.size, [bytes]);
  }

  flush(): void {
    this.#access.flush();
  }

  /** Writes another file and moves it over this one: the name always stands for a whole log. */
  async replace(bytes: Uint8Array): Promise<void> {
    await inBrowser("write the attribute records anew", async () => {
      const file = await this.#directory.getFileHandle(`${this.#name}.new`, { create: true });
      const access = await AccessHandle.open(file);
      access.truncate(0);
      access.write(0, [bytes]);
      access.flush();
      access.close();
      this.#access.close();
      try {
        await file.move!(this.#directory, this.#name);
      } finally {
        // Whichever has the name now: an append that fails is written anew at the next flush.
        this.#access = await AccessHandle.open(await this.#directory.getFileHandle(this.#name));
      }
    });
  }

  close(): void {
    this.#access.close();
  }
}
