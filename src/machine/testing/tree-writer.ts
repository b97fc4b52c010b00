import { type FileSystem, ROOT_NODE_ID } from "../../fs/file-system.js";
import { Records } from "../../fs/records.js";
import { ShareFileSystem } from "../../fs/share-file-system.js";
import { encodeName } from "../../posix/name.js";
import { O_CREAT, O_EXCL, O_WRONLY } from "../../posix/open-flags.js";
import { MemoryRecordLog } from "../../storage/memory/memory-record-log.js";
import { MemoryStore } from "../../storage/memory/memory-store.js";
import type { OpenedSource } from "../active-share.js";

export interface TreeEntry {
  /** Permission bits, for a device with the type in them. */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
}

/** Fills a memory store with files as Linux has them: owners, modes, links, devices. Paths are "a/b"; directories above are made. */
export class TreeWriter {
  readonly #store: MemoryStore;
  readonly #log = new MemoryRecordLog();
  readonly #fileSystem: Promise<ShareFileSystem>;
  readonly #directories = new Map<string, number>([["", ROOT_NODE_ID]]);
  /** Set last: what is made in a directory changes its time. */
  readonly #times: (() => unknown)[] = [];

  constructor(capacity?: number) {
    this.#store = new MemoryStore({}, { ...(capacity !== undefined && { capacity }) });
    this.#fileSystem = Promise.resolve(Records.open(this.#log)).then(
      (records) => new ShareFileSystem(this.#store, { records }),
    );
  }

  async directory(path: string, entry: TreeEntry): Promise<void> {
    const { fileSystem, parent, name } = await this.#place(path);
    const known = this.#directories.get(path);
    if (known === undefined) {
      const made = await fileSystem.mkdir(parent, name, entry.mode, callerOf(entry));
      this.#directories.set(path, made.node);
      this.#setTime(fileSystem, made.node, entry);
    } else {
      const { mode, uid = 0, gid = 0 } = entry;
      await fileSystem.setattr(known, { mode, uid, gid });
      this.#setTime(fileSystem, known, entry);
    }
  }

  async file(path: string, content: string | Uint8Array, entry: TreeEntry): Promise<void> {
    const { fileSystem, parent, name } = await this.#place(path);
    const flags = O_CREAT | O_EXCL | O_WRONLY;
    const made = await fileSystem.create(parent, name, entry.mode, flags, callerOf(entry));
    const { node } = made.entry;
    const bytes = typeof content === "string" ? encodeName(content) : content;
    if (bytes.length > 0) await fileSystem.write(node, made.fh, 0, [bytes], 0, flags);
    this.#setTime(fileSystem, node, entry);
    fileSystem.release(node, made.fh);
  }

  async symlink(path: string, target: string, entry: Omit<TreeEntry, "mode"> = {}): Promise<void> {
    const { fileSystem, parent, name } = await this.#place(path);
    const made = await fileSystem.symlink(parent, name, encodeName(target), callerOf(entry));
    this.#setTime(fileSystem, made.node, entry);
  }

  async device(path: string, major: number, minor: number, entry: TreeEntry): Promise<void> {
    const { fileSystem, parent, name } = await this.#place(path);
    // new_encode_dev of Linux's kdev_t.h
    const rdev = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
    const made = await fileSystem.mknod(parent, name, entry.mode, rdev, callerOf(entry));
    this.#setTime(fileSystem, made.node, entry);
  }

  /** A second name for the file at `target`. */
  async link(path: string, target: string): Promise<void> {
    const { fileSystem, parent, name } = await this.#place(path);
    const from = await this.#place(target);
    const there = await fileSystem.lookup(from.parent, from.name);
    const { link } = fileSystem as FileSystem;
    if (!link) throw new Error("The file system has no hard links.");
    await link.call(fileSystem, there.node, parent, name);
  }

  /** What a share of it is made from. Nothing can be written here afterwards; it may be asked for again once that share was closed. */
  async source(name: string, access: OpenedSource["access"] = "read-write"): Promise<OpenedSource> {
    const fileSystem = await this.#fileSystem;
    for (const setTime of this.#times.splice(0)) await setTime();
    await fileSystem[Symbol.asyncDispose]();
    return { store: this.#store, kind: "memory", name, access, records: await Records.open(this.#log) };
  }

  async #place(path: string): Promise<{ fileSystem: ShareFileSystem; parent: number; name: string }> {
    const end = path.lastIndexOf("/");
    const above = path.slice(0, Math.max(end, 0));
    if (!this.#directories.has(above)) await this.directory(above, { mode: 0o755 });
    return { fileSystem: await this.#fileSystem, parent: this.#directories.get(above)!, name: path.slice(end + 1) };
  }

  #setTime(fileSystem: ShareFileSystem, node: number, entry: Pick<TreeEntry, "mtime">): void {
    if (entry.mtime === undefined) return;
    const time = { seconds: entry.mtime, nanoseconds: 0 };
    this.#times.push(() => fileSystem.setattr(node, { mtime: time, atime: time }));
  }
}

function callerOf({ uid = 0, gid = 0 }: Pick<TreeEntry, "uid" | "gid">): { uid: number; gid: number; pid: number } {
  return { uid, gid, pid: 0 };
}
