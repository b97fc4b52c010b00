import { encodedLength } from "../../posix/name.js";
import { chromiumRefuses, isGuarded } from "../picked/chromium-name.js";
import { SWAP_SUFFIX } from "../web/swap-files.js";

/** How a disk tells names apart: names for which it gives the same string are one to it. */
export type Fold = (name: string) => string;

export const byCase: Fold = (name) => name.toUpperCase();
export const byCaseAndForm: Fold = (name) => name.normalize("NFD").toUpperCase().normalize("NFD");

interface FileOnDisk {
  kind: "file";
  content: Blob;
  lastModified: number;
}

interface DirectoryOnDisk {
  kind: "directory";
  /** By folded name. */
  readonly entries: Map<string, { readonly name: string; readonly entry: OnDisk }>;
}

type OnDisk = FileOnDisk | DirectoryOnDisk;

/** A directory on a disk in memory, as Chromium 156 shows it to a page: refused names, swap files, handles that are paths. */
export class FolderDouble {
  readonly kind = "directory";
  /** Names of files that are in a cloud only, and cannot be had now. */
  readonly unreadable = new Set<string>();
  /** Names of files whose permission bits forbid writing. */
  readonly readOnly = new Set<string>();

  constructor(
    readonly name = "folder",
    private readonly fold: Fold = (each) => each,
    private readonly at: () => DirectoryOnDisk = constant({ kind: "directory", entries: new Map() }),
  ) {}

  asDirectory(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle;
  }

  /** What a file manager shows. */
  namesOnDisk(): string[] {
    return Array.from(this.at().entries.values(), ({ name }) => name).sort();
  }

  /** Puts a file there behind the page's back, of whatever name. */
  putOnDisk(name: string, text: string, lastModified = Date.now()): void {
    this.put(name, { kind: "file", content: new Blob([text]), lastModified });
  }

  removeFromDisk(name: string): void {
    this.at().entries.delete(this.fold(name));
  }

  async *entries(): AsyncGenerator<[string, FileDouble | FolderDouble]> {
    for (const { name, entry } of Array.from(this.at().entries.values())) {
      if (!isRefused(name)) yield [name, this.#handle(name, entry)];
    }
  }

  async *keys(): AsyncGenerator<string> {
    for await (const [name] of this.entries()) yield name;
  }

  async getFileHandle(name: string, options: { create?: boolean } = {}): Promise<FileDouble> {
    const there = this.#asked(name);
    if (there?.kind === "directory") throw new DOMException("It is a directory.", "TypeMismatchError");
    if (there === undefined && options.create !== true) throw notFound();
    if (options.create === true) this.#mayMake(name);
    if (there === undefined) this.putOnDisk(name, "");
    return new FileDouble(name, this);
  }

  async getDirectoryHandle(name: string, options: { create?: boolean } = {}): Promise<FolderDouble> {
    const there = this.#asked(name);
    if (there?.kind === "file") throw new DOMException("It is a file.", "TypeMismatchError");
    if (there === undefined && options.create !== true) throw notFound();
    if (options.create === true) this.#mayMake(name);
    const entry = there ?? { kind: "directory", entries: new Map() };
    if (there === undefined) this.put(name, entry);
    return this.#handle(name, entry) as FolderDouble;
  }

  async removeEntry(name: string): Promise<void> {
    const there = this.#asked(name);
    if (there === undefined) throw notFound();
    if (there.kind === "directory" && there.entries.size > 0) {
      throw new DOMException("The directory is not empty.", "InvalidModificationError");
    }
    this.removeFromDisk(name);
  }

  /** The file of that name, refused or not. */
  file(name: string): FileOnDisk {
    const found = this.at().entries.get(this.fold(name))?.entry;
    if (found?.kind !== "file") throw notFound();
    return found;
  }

  /** An entry takes the name of the one that it replaces, as on a disk. */
  put(name: string, entry: OnDisk): void {
    if (encodedLength(name) > 255) throw new DOMException("The state had changed.", "InvalidStateError");
    const key = this.fold(name);
    this.at().entries.set(key, { name: this.at().entries.get(key)?.name ?? name, entry });
  }

  isDirectory(name: string): boolean {
    return this.at().entries.get(this.fold(name))?.entry.kind === "directory";
  }

  #mayMake(name: string): void {
    if (isGuarded(this.name, name)) throw new DOMException("An attempt was made to break through.", "SecurityError");
  }

  #asked(name: string): OnDisk | undefined {
    if (isRefused(name)) throw new TypeError("Name is not allowed.");
    return this.at().entries.get(this.fold(name))?.entry;
  }

  #handle(name: string, { kind }: OnDisk): FileDouble | FolderDouble {
    if (kind === "file") return new FileDouble(name, this);
    return new FolderDouble(name, this.fold, () => {
      const found = this.at().entries.get(this.fold(name))?.entry;
      if (found?.kind !== "directory") throw notFound();
      return found;
    });
  }
}

class FileDouble {
  readonly kind = "file";

  constructor(
    readonly name: string,
    private readonly parent: FolderDouble,
  ) {}

  async getFile(): Promise<File> {
    if (this.parent.unreadable.has(this.name)) throw new DOMException("It could not be read.", "NotReadableError");
    const { content, lastModified } = this.parent.file(this.name);
    return new File([content], this.name, { lastModified });
  }

  async createWritable(): Promise<{ write: unknown; close: unknown; abort: unknown }> {
    this.parent.file(this.name);
    if (isGuarded(this.parent.name, this.name)) throw new DOMException("It is guarded.", "SecurityError");
    if (this.parent.readOnly.has(this.name)) {
      throw new DOMException("Cannot write to a read-only file.", "NoModificationAllowedError");
    }
    const swap = this.name + SWAP_SUFFIX;
    this.parent.putOnDisk(swap, "");
    let content: Blob = new Blob([]);
    return {
      write: async (data: Blob) => void (content = data),
      abort: async () => this.parent.removeFromDisk(swap),
      close: async () => {
        this.parent.removeFromDisk(swap);
        this.parent.put(this.name, { kind: "file", content, lastModified: Date.now() });
      },
    };
  }

  async move(target: FolderDouble, name: string): Promise<void> {
    if (isRefused(name)) throw new TypeError("Name is not allowed.");
    if (isGuarded(target.name, name)) await new Promise(() => {});
    if (target.isDirectory(name)) throw new DOMException("It is a directory.", "InvalidModificationError");
    const file = this.parent.file(this.name);
    this.parent.removeFromDisk(this.name);
    target.put(name, file);
  }
}

function isRefused(name: string): boolean {
  return chromiumRefuses(name) >= 0 && !name.endsWith(SWAP_SUFFIX);
}

function notFound(): DOMException {
  return new DOMException("There is no such entry.", "NotFoundError");
}

function constant<T>(value: T): () => T {
  return () => value;
}
