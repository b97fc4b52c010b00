import { FATTR_SIZE } from "../../fuse/fuse.js";
import { FuseServer } from "../../fuse/server.js";
import { type DirentPlus, type EntryOut, KernelDouble, ReplyError } from "../../fuse/testing/kernel-double.js";
import { Errno } from "../../posix/errno.js";
import { decodeName, encodeName } from "../../posix/name.js";
import { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } from "../../posix/open-flags.js";
import type { Timers } from "../../posix/timers.js";
import { type FileSystem, ROOT_NODE_ID } from "../file-system.js";

const PAGE = 4096;
const IO = 128 * 1024;

/** An open file of the guest. */
export interface GuestFile {
  readonly node: number;
  readonly fh: number;
}

/** A guest that has mounted a file system, and uses it by path as programs do: each step is a request that Linux would send. */
export class Guest {
  readonly kernel: KernelDouble;
  /** What the file system failed with that is no errno. */
  readonly bugs: unknown[] = [];

  private constructor(fileSystem: FileSystem, timers: Timers) {
    const onBug = (error: unknown) => this.bugs.push(error);
    this.kernel = new KernelDouble(new FuseServer(fileSystem, { timers, onBug }));
  }

  static async mount(fileSystem: FileSystem, timers: Timers): Promise<Guest> {
    const guest = new Guest(fileSystem, timers);
    await guest.kernel.mount();
    return guest;
  }

  /** Looks every part of the path up. Throws ENOENT as a ReplyError, also for a negative entry. */
  async entry(path: string): Promise<EntryOut> {
    const { parent, name } = await this.place(path);
    return this.lookup(parent, name);
  }

  async node(path: string): Promise<number> {
    return path === "" ? ROOT_NODE_ID : (await this.entry(path)).nodeid;
  }

  async stat(path: string): Promise<EntryOut["attr"]> {
    return (await this.kernel.getattr(await this.node(path))).attr;
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.entry(path);
      return true;
    } catch (error) {
      if (error instanceof ReplyError && error.errno === Errno.ENOENT) return false;
      throw error;
    }
  }

  async lookup(parent: number, name: string): Promise<EntryOut> {
    const entry = await this.kernel.lookup(parent, name);
    if (entry.nodeid === 0) throw new ReplyError(`lookup of ${name}`, Errno.ENOENT);
    return entry;
  }

  /** The node of the path's directory, and its last part. */
  async place(path: string): Promise<{ parent: number; name: string }> {
    const parts = path.split("/");
    const name = parts.pop()!;
    let parent = ROOT_NODE_ID;
    for (const part of parts) parent = (await this.lookup(parent, part)).nodeid;
    return { parent, name };
  }

  async create(path: string, flags = O_RDWR | O_EXCL, mode = 0o644): Promise<GuestFile> {
    const { parent, name } = await this.place(path);
    const { entry, open } = await this.kernel.create(parent, name, flags | O_CREAT, mode);
    return { node: entry.nodeid, fh: open.fh };
  }

  async open(path: string, flags = O_RDWR): Promise<GuestFile> {
    return this.openNode(await this.node(path), flags);
  }

  async openNode(node: number, flags = O_RDWR): Promise<GuestFile> {
    const open = await orMissing(this.kernel.open(node, flags));
    return { node, fh: open?.fh ?? 0 };
  }

  /** As close(2): the file is closed whatever its FLUSH says. */
  async close(file: GuestFile): Promise<void> {
    try {
      await orMissing(this.kernel.flush(file.node, file.fh));
    } finally {
      if (file.fh !== 0) await this.kernel.release(file.node, file.fh);
    }
  }

  async read(file: GuestFile, offset = 0, size = IO): Promise<Uint8Array> {
    return this.kernel.read(file.node, file.fh, offset, size);
  }

  async write(file: GuestFile, offset: number, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === "string" ? encodeName(content) : content;
    for (let at = 0; at < bytes.length; at += IO) {
      const part = bytes.subarray(at, at + IO);
      const written = await this.kernel.write(file.node, file.fh, offset + at, part);
      if (written !== part.length) throw new Error(`${written} bytes written, not ${part.length}`);
    }
  }

  async truncate(path: string, size: number): Promise<void> {
    await this.kernel.setattr(await this.node(path), FATTR_SIZE, { size });
  }

  /** A new file. */
  async put(path: string, content: string | Uint8Array): Promise<void> {
    const file = await this.create(path);
    await this.write(file, 0, content);
    await this.close(file);
  }

  /** The whole content. */
  async bytes(path: string): Promise<Uint8Array> {
    const file = await this.open(path, O_RDONLY);
    const { size } = (await this.kernel.getattr(file.node, file.fh)).attr;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let part = await this.read(file); part.length > 0; part = await this.read(file, at)) {
      bytes.set(part, at);
      at += part.length;
    }
    await this.close(file);
    return bytes.subarray(0, at);
  }

  async text(path: string): Promise<string> {
    return decodeName(await this.bytes(path));
  }

  async mkdir(path: string, mode = 0o755): Promise<number> {
    const { parent, name } = await this.place(path);
    return (await this.kernel.mkdir(parent, name, mode)).nodeid;
  }

  async unlink(path: string): Promise<void> {
    const { parent, name } = await this.place(path);
    await this.kernel.unlink(parent, name);
  }

  async rmdir(path: string): Promise<void> {
    const { parent, name } = await this.place(path);
    await this.kernel.rmdir(parent, name);
  }

  async rename(from: string, to: string, flags = 0): Promise<void> {
    const [a, b] = [await this.place(from), await this.place(to)];
    await this.kernel.rename(a.parent, a.name, b.parent, b.name, flags);
  }

  async link(from: string, to: string): Promise<void> {
    await this.linkNode(await this.node(from), to);
  }

  async linkNode(node: number, path: string): Promise<void> {
    const { parent, name } = await this.place(path);
    await this.kernel.link(node, parent, name);
  }

  /** A file without a name, as O_TMPFILE makes it. */
  async temporary(directory: string, mode = 0o644): Promise<GuestFile> {
    const { entry, open } = await this.kernel.tmpfile(await this.node(directory), O_RDWR, mode);
    return { node: entry.nodeid, fh: open.fh };
  }

  async symlink(path: string, target: string): Promise<void> {
    const { parent, name } = await this.place(path);
    await this.kernel.symlink(parent, name, target);
  }

  /** Names but "." and "..", in the order of the listing. */
  async list(path: string): Promise<string[]> {
    const node = await this.node(path);
    const directory = await this.opendir(node);
    const names: string[] = [];
    for (let offset = 0; ;) {
      const page = await this.kernel.readdir(node, directory.fh, offset, PAGE);
      if (page.length === 0) break;
      names.push(...page.map(({ name }) => name));
      offset = page.at(-1)!.off;
    }
    await this.closedir(directory);
    return names.filter((name) => name !== "." && name !== "..");
  }

  /** Every entry but "." and "..", with attributes. */
  async listPlus(path: string): Promise<DirentPlus[]> {
    const node = await this.node(path);
    const directory = await this.opendir(node);
    const entries: DirentPlus[] = [];
    for (let offset = 0; ;) {
      const page = await this.kernel.readdirplus(node, directory.fh, offset, PAGE);
      if (page.length === 0) break;
      entries.push(...page);
      offset = page.at(-1)!.off;
    }
    await this.closedir(directory);
    return entries.filter(({ name }) => name !== "." && name !== "..");
  }

  async opendir(node: number): Promise<GuestFile> {
    const open = await orMissing(this.kernel.opendir(node));
    return { node, fh: open?.fh ?? 0 };
  }

  async closedir(directory: GuestFile): Promise<void> {
    await orMissing(this.kernel.releasedir(directory.node, directory.fh));
  }

  /** The tree below the path: text of files, targets of links, directories. Without reading more than it must. */
  async tree(path = ""): Promise<Record<string, unknown>> {
    const tree: Record<string, unknown> = {};
    for (const name of (await this.list(path)).sort()) {
      const below = path === "" ? name : `${path}/${name}`;
      const { mode } = await this.stat(below);
      if ((mode & 0o170000) === 0o040000) tree[name] = await this.tree(below);
      else tree[name] = await this.text(below);
    }
    return tree;
  }
}

/** Undefined where the operation is answered ENOSYS: Linux goes on without it. */
async function orMissing<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof ReplyError && error.errno === Errno.ENOSYS) return undefined;
    throw error;
  }
}
