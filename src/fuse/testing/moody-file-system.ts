import type { Random } from "../../fs/testing/random.js";
import {
  type Attributes,
  type DirectorySink,
  type Entry,
  type FileSystem,
  ROOT_NODE_ID,
} from "../../fs/file-system.js";
import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import { fileType, S_IFDIR, S_IFREG } from "../../posix/mode.js";
import { checkName } from "../../posix/name.js";

/** What a moody file system throws on purpose though no file system should. */
export class ScriptedBug extends Error {
  override readonly name = "ScriptedBug";
}

/** The server broke the contract of `FileSystem`. */
class ContractError extends Error {
  override readonly name = "ContractError";
}

const ATTRIBUTES: Attributes = {
  ino: 1,
  size: 10,
  blocks: 1,
  atime: -5,
  atimeNanoseconds: 1,
  mtime: 2,
  mtimeNanoseconds: 2,
  ctime: 3,
  ctimeNanoseconds: 3,
  mode: S_IFREG | 0o644,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: 0x12345678,
  blockSize: 4096,
  btime: 4,
  btimeNanoseconds: 4,
};
const ROOT_ATTRIBUTES: Attributes = { ...ATTRIBUTES, mode: S_IFDIR | 0o755 };
const ENTRY: Entry = { node: 2, generation: 0, attributes: ATTRIBUTES };
const ERRNOS = Object.values(Errno);

/**
 * A file system with nothing in it that checks what it is asked for, and answers as it likes: at once, soon, late, never, with an
 * errno or with a bug. Without a source of moods it always answers at once.
 */
export class MoodyFileSystem implements FileSystem {
  profile = {
    entrySeconds: 1,
    attributeSeconds: 1.5,
    negativeSeconds: 1,
    keepCache: true,
    invalidateOnChange: true,
    readsTakeTime: true,
    timeGranularity: 1,
  };
  /** Answers that were put off. */
  readonly #late: (() => void)[] = [];

  constructor(private random?: Random) {}

  init(): void {}
  destroy = (): Awaitable<void> => this.#answer(() => undefined);
  forget(node: number, nlookup: number): void {
    counts(node, nlookup);
  }
  lookup = (parent: number, name: string) => (named(parent, name), this.#answer(() => ENTRY));
  getattr = (node: number) => (
    counts(node),
    this.#answer(() => (node === ROOT_NODE_ID ? ROOT_ATTRIBUTES : ATTRIBUTES))
  );
  setattr: FileSystem["setattr"] = (node, { mode, size, fh, atime, mtime, ctime }) => {
    counts(node, fh ?? 0);
    if (mode !== undefined && (mode & ~0o7777) !== 0) throw new ContractError(`mode ${mode}`);
    if (size !== undefined) exact(size);
    for (const time of [atime, mtime, ctime]) {
      if (time === undefined || time === "now") continue;
      if (!Number.isSafeInteger(time.seconds) || !(time.nanoseconds < 1e9)) throw new ContractError("a time");
    }
    return this.#answer(() => ATTRIBUTES);
  };
  readlink = (node: number) => (counts(node), this.#answer(() => this.#bytes(5000)));
  symlink: FileSystem["symlink"] = (parent, name, target) => {
    named(parent, name);
    if (target.length === 0 || target.length > 4095 || target.includes(0)) throw new ContractError("a target");
    return this.#answer(() => ENTRY);
  };
  mknod = (parent: number, name: string, mode: number) => (named(parent, name), typed(mode), this.#answer(() => ENTRY));
  mkdir = (parent: number, name: string, mode: number) => (
    named(parent, name),
    typed(mode, S_IFDIR),
    this.#answer(() => ENTRY)
  );
  unlink = (parent: number, name: string) => (named(parent, name), this.#answer(() => undefined));
  rmdir = (parent: number, name: string) => (named(parent, name), this.#answer(() => undefined));
  rename: FileSystem["rename"] = (parent, name, newParent, newName, flags) => {
    named(parent, name);
    named(newParent, newName);
    if (![0, 1, 2, 4, 5].includes(flags)) throw new ContractError(`rename flags ${flags}`);
    return this.#answer(() => undefined);
  };
  link = (node: number, parent: number, name: string) => (counts(node), named(parent, name), this.#answer(() => ENTRY));
  open = (node: number, flags: number) => (counts(node, flags), this.#answer(() => ({ fh: 3, flags: 0 })));
  create = (parent: number, name: string, mode: number, flags: number) => (
    named(parent, name),
    typed(mode, S_IFREG),
    counts(flags),
    this.#created()
  );
  read: FileSystem["read"] = (node, fh, offset, into) => {
    counts(node, fh);
    const length = lengthOf(into);
    exact(offset + length);
    // The late bytes are copied in by the server, so the views must not be used for them.
    const taken = this.random === undefined ? length : this.random.below(length + 1);
    if (this.random === undefined || this.random.below(2)) {
      for (const view of into) view.fill(0x77);
      return taken;
    }
    const late = this.#answer(() => new Uint8Array(taken));
    return late instanceof Promise ? late : Promise.resolve(late);
  };
  write: FileSystem["write"] = (node, fh, offset, from) => {
    counts(node, fh);
    const length = lengthOf(from);
    exact(offset + length);
    return this.#answer(() => length);
  };
  flush = (node: number, fh: number) => (counts(node, fh), this.#answer(() => undefined));
  release = (node: number, fh: number) => (counts(node, fh), this.#answer(() => undefined));
  fsync = (node: number, fh: number) => (counts(node, fh), this.#answer(() => undefined));
  opendir = (node: number) => (counts(node), this.#answer(() => ({ fh: 4, flags: 0 })));
  readdir = (node: number, fh: number, offset: number, plus: boolean, sink: DirectorySink) => {
    counts(node, fh, offset);
    const fill = () => {
      for (let i = 0; i < 40; i++) {
        const name = "n".repeat(1 + (i % 30));
        const took = plus ? sink.entryPlus(name, i, ENTRY) : sink.entry(name, i + 1, 8, i);
        if (!took) return;
      }
    };
    return this.#answer(fill);
  };
  releasedir = (node: number, fh: number) => (counts(node, fh), this.#answer(() => undefined));
  fsyncdir = (node: number, fh: number) => (counts(node, fh), this.#answer(() => undefined));
  statfs = (node: number) => {
    counts(node);
    const counters = { blocks: 9, blocksFree: 8, blocksAvailable: 7, files: 6, filesFree: 5 };
    return this.#answer(() => ({ blockSize: 4096, nameLength: 255, ...counters }));
  };
  syncfs = () => this.#answer(() => undefined);
  getxattr = (node: number, name: string) => (attribute(node, name), this.#answer(() => this.#bytes(2000)));
  setxattr: NonNullable<FileSystem["setxattr"]> = (node, name, value, flags) => {
    attribute(node, name);
    if (value.length > 65536 || flags > 3) throw new ContractError("an attribute's value");
    return this.#answer(() => undefined);
  };
  listxattr = (node: number) => (counts(node), this.#answer(() => ["user.a", "trusted.b", "security.c"]));
  removexattr = (node: number, name: string) => (attribute(node, name), this.#answer(() => undefined));
  fallocate: NonNullable<FileSystem["fallocate"]> = (node, fh, mode, offset, length) => {
    counts(node, fh);
    exact(offset + length);
    if (![0, 1, 3, 0x10, 0x11].includes(mode) || length === 0) throw new ContractError(`fallocate ${mode} ${length}`);
    return this.#answer(() => undefined);
  };
  lseek: NonNullable<FileSystem["lseek"]> = (node, fh, offset, whence) => {
    counts(node, fh);
    exact(offset);
    if (whence !== 3 && whence !== 4) throw new ContractError(`whence ${whence}`);
    return this.#answer(() => offset);
  };
  copyFileRange: NonNullable<FileSystem["copyFileRange"]> = (source, target, length) => {
    counts(source.node, source.fh, target.node, target.fh);
    exact(source.offset + length);
    exact(target.offset + length);
    const meet = source.node === target.node && Math.abs(source.offset - target.offset) < length;
    if (length <= 0 || length >= 2 ** 31 || meet) throw new ContractError("a range to copy");
    return this.#answer(() => length);
  };
  tmpfile = (parent: number, mode: number, flags: number) => (
    counts(parent, flags),
    typed(mode, S_IFREG),
    this.#created()
  );

  /** From here on it answers at once. */
  calm(): void {
    this.random = undefined;
  }

  /** Some of what was put off is answered. */
  settle(): void {
    for (const answer of this.#late.splice(0, this.random?.below(4) ?? this.#late.length)) answer();
  }

  #created() {
    return this.#answer(() => ({ entry: ENTRY, fh: 3, flags: 0 }));
  }

  #bytes(limit: number): Uint8Array {
    return new Uint8Array(this.random?.below(limit) ?? 10);
  }

  #answer<T>(value: () => T): Awaitable<T> {
    const { random } = this;
    if (random === undefined) return value();
    switch (random.below(12)) {
      case 0:
        throw new FsError(random.pick(ERRNOS));
      case 1:
        return Promise.reject(new FsError(random.pick(ERRNOS)));
      case 2:
        throw new ScriptedBug(`bug ${random.below(200)}`);
      case 3:
        return Promise.reject(new ScriptedBug(`late bug ${random.below(200)}`));
      case 4:
        return new Promise(() => {});
      case 5:
        return Promise.resolve().then(value);
      case 6:
        return new Promise((resolve, reject) =>
          this.#late.push(() => (random.below(4) ? resolve(value()) : reject(new FsError(Errno.EIO)))),
        );
      default:
        return value();
    }
  }
}

function counts(...numbers: number[]): void {
  for (const number of numbers) if (!Number.isInteger(number) || number < 0) throw new ContractError(`${number}`);
}

function exact(number: number): void {
  if (!Number.isSafeInteger(number) || number < 0) throw new ContractError(`offset ${number}`);
}

function named(parent: number, name: string): void {
  counts(parent);
  try {
    checkName(name);
  } catch (error) {
    throw new ContractError("a name", { cause: error });
  }
}

function attribute(node: number, name: string): void {
  counts(node);
  if (!/^(user|trusted|security)\../s.test(name)) throw new ContractError(`attribute ${name}`);
}

function typed(mode: number, type?: number): void {
  if (fileType(mode) === 0 || (type !== undefined && fileType(mode) !== type)) throw new ContractError(`mode ${mode}`);
}

function lengthOf(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.length, 0);
}
