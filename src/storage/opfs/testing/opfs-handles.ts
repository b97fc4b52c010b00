import type { TabDouble } from "./opfs-double.js";

interface FileOnDisk {
  readonly kind: "file";
  bytes: Uint8Array;
  lastModified: number;
  /** The tab that has a sync access handle of it. */
  openIn: TabDouble | undefined;
}

export interface DirectoryOnDisk {
  readonly kind: "directory";
  readonly entries: Map<string, FileOnDisk | DirectoryOnDisk>;
}

export function newDirectory(): DirectoryOnDisk {
  return { kind: "directory", entries: new Map() };
}

/** A handle is a path: what is there now, if anything, is what it leads to. */
abstract class HandleDouble {
  constructor(
    protected readonly tab: TabDouble,
    readonly path: readonly string[],
    protected readonly root: DirectoryOnDisk,
  ) {}

  get name(): string {
    return this.path.at(-1) ?? "";
  }

  isSameEntry(other: HandleDouble): Promise<boolean> {
    return this.tab.call(() => other.path.join("/") === this.path.join("/"));
  }

  protected directory(path = this.path): DirectoryOnDisk {
    let at: FileOnDisk | DirectoryOnDisk | undefined = this.root;
    for (const name of path) at = at?.kind === "directory" ? at.entries.get(name) : undefined;
    if (at === undefined) throw notFound();
    if (at.kind === "file") throw new DOMException("It is a file.", "TypeMismatchError");
    return at;
  }
}

export class OpfsDirectoryDouble extends HandleDouble {
  readonly kind = "directory";

  asDirectory(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle;
  }

  getFileHandle(name: string, { create = false } = {}): Promise<OpfsFileDouble> {
    return this.tab.call(() => {
      const { entries } = this.directory();
      const there = entries.get(checked(name));
      if (there?.kind === "directory") throw new DOMException("It is a directory.", "TypeMismatchError");
      if (there === undefined) {
        if (!create) throw notFound();
        this.tab.change();
        entries.set(name, newFile(this.tab));
      }
      return new OpfsFileDouble(this.tab, [...this.path, name], this.root);
    });
  }

  getDirectoryHandle(name: string, { create = false } = {}): Promise<OpfsDirectoryDouble> {
    return this.tab.call(() => {
      const { entries } = this.directory();
      const there = entries.get(checked(name));
      if (there?.kind === "file") throw new DOMException("It is a file.", "TypeMismatchError");
      if (there === undefined) {
        if (!create) throw notFound();
        this.tab.change();
        entries.set(name, newDirectory());
      }
      return new OpfsDirectoryDouble(this.tab, [...this.path, name], this.root);
    });
  }

  removeEntry(name: string, { recursive = false } = {}): Promise<void> {
    return this.tab.call(() => {
      const { entries } = this.directory();
      const there = entries.get(checked(name));
      if (there === undefined) throw notFound();
      if (there.kind === "file") refuseOpen(there);
      else if (there.entries.size > 0 && !recursive) {
        throw new DOMException("The directory is not empty.", "InvalidModificationError");
      }
      this.tab.change();
      entries.delete(name);
    });
  }

  async *entries(): AsyncGenerator<[string, OpfsFileDouble | OpfsDirectoryDouble]> {
    const entries = await this.tab.call(() => [...this.directory().entries]);
    for (const [name, { kind }] of entries) {
      const Handle = kind === "file" ? OpfsFileDouble : OpfsDirectoryDouble;
      yield [name, new Handle(this.tab, [...this.path, name], this.root)];
    }
  }

  async *keys(): AsyncGenerator<string> {
    for await (const [name] of this.entries()) yield name;
  }
}

class OpfsFileDouble extends HandleDouble {
  readonly kind = "file";

  /** What is read of the file while it is as it is now. */
  getFile(): Promise<File> {
    return this.tab.call(() => {
      const { bytes, lastModified } = this.#file();
      const copy = bytes.slice();
      return Object.assign(new File([copy], this.name, { lastModified }), {
        text: () => this.tab.call(() => new TextDecoder().decode(copy)),
        arrayBuffer: () => this.tab.call(() => copy.slice().buffer),
      });
    });
  }

  /** Over a file that may be there. */
  move(target: OpfsDirectoryDouble, name: string): Promise<void> {
    return this.tab.call(() => {
      const file = this.#file();
      const { entries } = this.directory(target.path);
      const there = entries.get(checked(name));
      if (there?.kind === "directory") throw new DOMException("It is a directory.", "InvalidModificationError");
      refuseOpen(file);
      if (there !== undefined) refuseOpen(there);
      this.tab.change();
      this.directory(this.path.slice(0, -1)).entries.delete(this.name);
      entries.set(name, file);
      file.lastModified = this.tab.opfs.now();
    });
  }

  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle> {
    return this.tab.call(() => {
      const file = this.#file();
      refuseOpen(file);
      file.openIn = this.tab;
      return new AccessHandleDouble(this.tab, file);
    });
  }

  #file(): FileOnDisk {
    const there = this.directory(this.path.slice(0, -1)).entries.get(this.name);
    if (there === undefined) throw notFound();
    if (there.kind === "directory") throw new DOMException("It is a directory.", "TypeMismatchError");
    return there;
  }
}

class AccessHandleDouble implements FileSystemSyncAccessHandle {
  #isClosed = false;

  constructor(
    private readonly tab: TabDouble,
    private readonly file: FileOnDisk,
  ) {}

  getSize(): number {
    return this.#open().bytes.length;
  }

  read(into: Uint8Array, { at = 0 } = {}): number {
    const part = this.#open().bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }

  write(from: Uint8Array, { at = 0 } = {}): number {
    const file = this.#open();
    this.tab.change();
    const end = at + from.length;
    if (end > file.bytes.length) file.bytes = resized(file.bytes, end);
    file.bytes.set(from, at);
    file.lastModified = this.tab.opfs.now();
    return from.length;
  }

  truncate(size: number): void {
    const file = this.#open();
    this.tab.change();
    file.bytes = resized(file.bytes, size);
    file.lastModified = this.tab.opfs.now();
  }

  flush(): void {
    this.#open();
  }

  close(): void {
    if (!this.#isClosed && !this.tab.isDead) this.file.openIn = undefined;
    this.#isClosed = true;
  }

  #open(): FileOnDisk {
    if (this.#isClosed) throw new DOMException("The access handle is closed.", "InvalidStateError");
    return this.file;
  }
}

function newFile({ opfs }: TabDouble): FileOnDisk {
  return { kind: "file", bytes: new Uint8Array(), lastModified: opfs.now(), openIn: undefined };
}

function refuseOpen({ openIn }: FileOnDisk): void {
  if (openIn?.isDead === false) {
    throw new DOMException("There is an access handle of it.", "NoModificationAllowedError");
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const next = new Uint8Array(size);
  next.set(bytes.subarray(0, size));
  return next;
}

function checked(name: string): string {
  if (name === "" || name === "." || name === ".." || /[/\\]/.test(name)) throw new TypeError("Name is not allowed.");
  return name;
}

function notFound(): DOMException {
  return new DOMException("There is no such entry.", "NotFoundError");
}
