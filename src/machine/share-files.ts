import * as Comlink from "comlink";
import type { ShareEntry, ShareStatistics, UnsavedFile } from "../client/types.js";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { checkName } from "../posix/name.js";
import type { ActiveShare } from "./active-share.js";
import { HiddenShares } from "./hidden-shares.js";
import { commandOf, type RunOwnProgram } from "./guest-command.js";
import type { Machine } from "./machine.js";
import { MachineError, type MachineErrorCode } from "./machine-error.js";
import { runOverPort } from "./process-port.js";
import type { OpenedFile, ShareFilesApi, UploadAllRequest, UploadRequest } from "./share-files-api.js";
import { ShareReader } from "./share-reader.js";
import { uploadCommand } from "./share-upload.js";
import { statisticsOf } from "./statistics.js";
import { encodeUploadList } from "./upload-list.js";

/** The files of one machine's shares. Reads go to the file systems in this Worker, writes through the guest, which caches. */
export class ShareFiles implements ShareFilesApi {
  /** What uploads are copied from. */
  readonly hidden: HiddenShares;
  readonly #readers = new WeakMap<ActiveShare, ShareReader>();

  constructor(
    private readonly machine: Pick<Machine, "agent" | "bus" | "rootIsShared" | "shares">,
    private readonly run: RunOwnProgram,
  ) {
    this.hidden = new HiddenShares(machine.bus, run);
  }

  list(tag: string, path: string): Promise<readonly ShareEntry[]> {
    return this.#reading(tag, path, (reader) => reader.list(path));
  }

  async settle(tag: string): Promise<void> {
    const { mountPoint } = this.machine.shares.find(tag);
    // An agent that is started again takes commands later: what is in the share can be had without it.
    if (this.machine.agent.connected) await this.run("sync", "-f", mountPoint);
  }

  open(tag: string, path: string): Promise<OpenedFile> {
    return this.#reading(tag, path, (reader) => reader.open(path));
  }

  async read(tag: string, handle: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.#readerOf(tag).pathOf(handle);
    const bytes = await this.#reading(tag, path, (reader) => reader.read(handle, offset, length));
    return Comlink.transfer(bytes, [bytes.buffer]);
  }

  close(tag: string, handle: number): Promise<void> {
    this.#readerOf(tag).close(handle);
    return Promise.resolve();
  }

  async upload(request: UploadRequest, port: MessagePort): Promise<void> {
    const { agent, rootIsShared } = this.machine;
    const { mountPoint } = this.#writable(request.tag);
    checkNames(request.path);
    await runOverPort(agent, commandOf(uploadCommand(request, mountPoint, rootIsShared)), port);
  }

  async uploadAll({ tag, entries, contents }: UploadAllRequest, port: MessagePort): Promise<boolean> {
    const { agent } = this.machine;
    const { mountPoint } = this.#writable(tag);
    for (const { path } of entries) checkNames(path);
    const { DroppedStore } = await import("../storage/dropped/dropped-store.js");
    if (!agent.canUpload || !this.hidden.hasRoom) return false;
    const store = new DroppedStore([
      { path: "list", content: encodeUploadList(entries) },
      { path: "contents", content: contents },
    ]);
    await this.hidden.plugIn(store, (source) => {
      const command = commandOf({ argv: ["upload", mountPoint, source], cwd: "/", env: {} });
      return runOverPort(agent, { ...command, uploads: true }, port);
    });
    return true;
  }

  unsaved(tag: string): Promise<readonly UnsavedFile[]> {
    return Promise.resolve(this.machine.shares.find(tag).fileSystem.unsaved());
  }

  statistics(tag: string): Promise<ShareStatistics> {
    return Promise.resolve(statisticsOf(this.machine.shares.find(tag)));
  }

  #writable(tag: string): ActiveShare {
    const share = this.machine.shares.find(tag);
    const { access, name } = share.source;
    if (access !== "read-only") return share;
    throw new MachineError("read-only", `“${name}” is shared read-only: nothing can be put into it.`);
  }

  async #reading<T>(tag: string, path: string, action: (reader: ShareReader) => Promise<T>): Promise<T> {
    try {
      return await action(this.#readerOf(tag));
    } catch (error) {
      throw inWords(error, path === "" ? tag : path);
    }
  }

  #readerOf(tag: string): ShareReader {
    const share = this.machine.shares.find(tag);
    const reader = this.#readers.get(share) ?? new ShareReader(share.fileSystem);
    this.#readers.set(share, reader);
    return reader;
  }
}

/** What a visitor reads for an error number; the rest is said as "could not be read" with its number. */
const WORDS: Partial<Record<Errno, [MachineErrorCode, string]>> = {
  [Errno.ENOENT]: ["not-found", "is not there. Was it moved, renamed or removed?"],
  [Errno.ESTALE]: ["not-found", "was unmounted, or removed, meanwhile."],
  [Errno.EBADF]: ["not-found", "was unmounted, or removed, meanwhile."],
  [Errno.ENOTDIR]: ["not-directory", "is not a folder, or something on the way to it is not."],
  [Errno.EISDIR]: ["is-directory", "is a folder, not a file."],
  [Errno.EINVAL]: ["not-readable", "is not a file with content."],
  [Errno.EBUSY]: ["not-readable", "was changed while it was read. Try again."],
  [Errno.EACCES]: ["not-readable", "cannot be read: the browser, or the disk, does not allow it."],
};

function inWords(error: unknown, path: string): unknown {
  if (!(error instanceof FsError)) return error;
  const [code, words] = WORDS[error.errno] ?? ["not-readable", `could not be read: ${error.message}.`];
  return new MachineError(code, `“${path}” ${words}`, { cause: error });
}

function checkNames(path: string): void {
  try {
    for (const name of path.split("/")) if (name !== "") checkName(name);
  } catch (error) {
    throw new MachineError("not-saved", `“${path}” cannot be a name in Linux.`, { cause: error });
  }
}
