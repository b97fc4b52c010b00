import type {
  AttributeChanges,
  Attributes,
  CacheProfile,
  Caller,
  CreatedFile,
  DirectorySink,
  Entry,
  FileSystem,
  OpenFile,
  Statistics,
} from "../../fs/file-system.js";
import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { entryType, isDirectory, S_IFDIR, S_IFLNK } from "../../posix/mode.js";

interface TinyNode {
  attributes: Attributes;
  nlookup: number;
  bytes: Uint8Array;
  readonly children: Map<string, number>;
}

const ROOT = 1;

/** The smallest file system that answers the server: everything in maps, and nothing is checked that tests do not need. */
export class TinyFileSystem implements FileSystem {
  profile: CacheProfile = {
    entrySeconds: 1,
    attributeSeconds: 1.5,
    negativeSeconds: 0,
    keepCache: false,
    invalidateOnChange: true,
    readsTakeTime: true,
    timeGranularity: 1,
  };
  readonly calls: string[] = [];
  readonly handles = new Set<number>();
  nodes = new Map<number, TinyNode>();
  #next = ROOT;

  constructor() {
    this.init();
    this.calls.length = 0;
  }

  init(): void {
    this.calls.push("init");
    this.nodes.clear();
    this.handles.clear();
    this.#next = ROOT;
    this.#add(undefined, "", S_IFDIR | 0o755, { uid: 0, gid: 0, pid: 0 });
  }

  destroy(): Awaitable<void> {
    this.calls.push("destroy");
  }

  lookup(parent: number, name: string): Awaitable<Entry> {
    const number = this.#node(parent).children.get(name);
    if (number === undefined) throw new FsError(Errno.ENOENT);
    return this.#entry(number);
  }

  forget(node: number, nlookup: number): void {
    this.#node(node).nlookup -= nlookup;
  }

  getattr(node: number): Awaitable<Attributes> {
    return this.#node(node).attributes;
  }

  setattr(number: number, changes: AttributeChanges): Awaitable<Attributes> {
    const node = this.#node(number);
    const { mode, uid, gid, size } = changes;
    this.calls.push(`setattr ${JSON.stringify(changes)}`);
    const { attributes } = node;
    if (size !== undefined) {
      const bytes = new Uint8Array(size);
      bytes.set(node.bytes.subarray(0, size));
      node.bytes = bytes;
    }
    node.attributes = {
      ...attributes,
      mode: mode === undefined ? attributes.mode : (attributes.mode & ~0o7777) | mode,
      uid: uid ?? attributes.uid,
      gid: gid ?? attributes.gid,
      size: size ?? attributes.size,
    };
    return node.attributes;
  }

  readlink(node: number): Awaitable<Uint8Array> {
    return this.#node(node).bytes;
  }

  symlink(parent: number, name: string, target: Uint8Array, caller: Caller): Awaitable<Entry> {
    const entry = this.#add(parent, name, S_IFLNK | 0o777, caller);
    this.#node(entry.node).bytes = target;
    return entry;
  }

  mkdir(parent: number, name: string, mode: number, caller: Caller): Awaitable<Entry> {
    return this.#add(parent, name, mode, caller);
  }

  unlink(parent: number, name: string): Awaitable<void> {
    if (!this.#node(parent).children.delete(name)) throw new FsError(Errno.ENOENT);
  }

  rmdir(parent: number, name: string): Awaitable<void> {
    return this.unlink(parent, name);
  }

  rename(parent: number, name: string, newParent: number, newName: string, flags: number): Awaitable<void> {
    this.calls.push(`rename ${name} ${newName} ${flags}`);
    const { children } = this.#node(parent);
    const number = children.get(name);
    if (number === undefined) throw new FsError(Errno.ENOENT);
    children.delete(name);
    this.#node(newParent).children.set(newName, number);
  }

  open?(_node: number, flags: number, killSuidgid?: boolean): Awaitable<OpenFile> {
    this.calls.push(`open ${flags} ${killSuidgid}`);
    return this.#handle();
  }

  create(
    parent: number,
    name: string,
    mode: number,
    flags: number,
    caller: Caller,
    killSuidgid?: boolean,
  ): Awaitable<CreatedFile> {
    this.calls.push(`create ${flags} ${killSuidgid}`);
    return { entry: this.#add(parent, name, mode, caller), ...this.#handle() };
  }

  read(node: number, _fh: number, offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    let at = offset;
    for (const view of into) {
      const part = this.#node(node).bytes.subarray(at, at + view.length);
      view.set(part);
      at += part.length;
    }
    return at - offset;
  }

  write(node: number, fh: number, offset: number, from: readonly Uint8Array[], flags: number): Awaitable<number> {
    const size = from.reduce((sum, view) => sum + view.length, 0);
    this.calls.push(`write ${fh} ${offset} ${size} ${flags}`);
    const file = this.#node(node);
    if (offset + size > 2 ** 24) return size; // only its offset matters
    if (offset + size > file.attributes.size) void this.setattr(node, { size: offset + size });
    let at = offset;
    for (const view of from) {
      file.bytes.set(view, at);
      at += view.length;
    }
    return size;
  }

  flush?(): Awaitable<void> {
    this.calls.push("flush");
  }

  release(_node: number, fh: number): Awaitable<void> {
    this.calls.push(`release ${fh}`);
    this.handles.delete(fh);
  }

  fsync(_node: number, fh: number, dataOnly: boolean): Awaitable<void> {
    this.calls.push(`fsync ${fh} ${dataOnly}`);
  }

  opendir?(): Awaitable<OpenFile> {
    return this.#handle();
  }

  readdir(node: number, _fh: number, offset: number, plus: boolean, sink: DirectorySink): Awaitable<void> {
    const entries: [string, number][] = [[".", node], ["..", ROOT], ...this.#node(node).children];
    for (const [index, [name, number]] of entries.entries()) {
      if (index < offset) continue;
      const cookie = index + 1;
      const { attributes } = this.#node(number);
      if (!plus || index < 2) {
        if (!sink.entry(name, attributes.ino, entryType(attributes.mode), cookie)) return;
      } else {
        if (!sink.entryPlus(name, cookie, { node: number, generation: 0, attributes })) return;
        this.#node(number).nlookup++;
      }
    }
  }

  releasedir(_node: number, fh: number): Awaitable<void> {
    this.handles.delete(fh);
  }

  fsyncdir(_node: number, fh: number, dataOnly: boolean): Awaitable<void> {
    this.calls.push(`fsyncdir ${fh} ${dataOnly}`);
  }

  statfs(): Awaitable<Statistics> {
    return {
      blockSize: 4096,
      blocks: 100,
      blocksFree: 50,
      blocksAvailable: 40,
      files: 9,
      filesFree: 8,
      nameLength: 255,
    };
  }

  syncfs(): Awaitable<void> {
    this.calls.push("syncfs");
  }

  #node(number: number): TinyNode {
    const node = this.nodes.get(number);
    if (node === undefined) throw new FsError(Errno.ESTALE);
    return node;
  }

  #entry(number: number): Entry {
    const node = this.#node(number);
    node.nlookup++;
    return { node: number, generation: 0, attributes: node.attributes };
  }

  #handle(): OpenFile {
    const fh = 100 + this.handles.size;
    this.handles.add(fh);
    return { fh, flags: 0 };
  }

  #add(parent: number | undefined, name: string, mode: number, { uid, gid }: Caller): Entry {
    const number = this.#next++;
    const attributes: Attributes = {
      ino: number,
      size: 0,
      blocks: 0,
      atime: 1,
      atimeNanoseconds: 2,
      mtime: -3,
      mtimeNanoseconds: 4,
      ctime: 5,
      ctimeNanoseconds: 6,
      mode,
      nlink: isDirectory(mode) ? 2 : 1,
      uid,
      gid,
      rdev: 0,
      blockSize: 4096,
    };
    this.nodes.set(number, { attributes, nlookup: 0, bytes: new Uint8Array(0), children: new Map() });
    if (parent === undefined) return { node: number, generation: 0, attributes };
    const { children } = this.#node(parent);
    if (children.has(name)) throw new FsError(Errno.EEXIST);
    children.set(name, number);
    return this.#entry(number);
  }
}
