import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { childPath } from "../web/by-path.js";
import { note } from "./known.js";
import type { Overlay, View } from "./overlay.js";
import { OverlayFile } from "./overlay-file.js";
import type { Entry, Hidden, Put } from "./overlay-tree.js";

/** A directory as the guest has it: the folder's, with the guest's changes over it. */
export class OverlayDirectory implements StoreDirectory {
  constructor(
    private readonly overlay: Overlay,
    /** The guest's. */
    private readonly path: string,
  ) {}

  async list(): Promise<readonly StoreEntry[]> {
    const { id, lower } = this.#view();
    const shown = new Map<string, StoreEntry>();
    const theirs = await this.overlay.lowerEntries(lower);
    for (const [name, entry] of theirs) {
      if (id === undefined || this.overlay.tree.get(id, name) === undefined) shown.set(name, this.#lowers(entry));
    }
    if (id === undefined) return [...shown.values()];
    for (const [name, entry] of this.overlay.tree.entries(id)) {
      const own = await this.#own(name, entry, theirs);
      if (own !== undefined) shown.set(name, own);
    }
    return [...shown.values()];
  }

  async get(name: string): Promise<StoreEntry | undefined> {
    const entry = this.#entry(name);
    if (entry !== undefined) return this.#own(name, entry);
    const { lower } = this.#view();
    const found = lower === undefined ? undefined : await this.overlay.lowerEntry(childPath(lower, name));
    return found && this.#lowers(found);
  }

  async createFile(name: string): Promise<StoreFile> {
    const there = await this.get(name);
    if (there?.kind === "directory") throw new FsError(Errno.EISDIR, name);
    if (there !== undefined) return there.file;
    this.overlay.lower.checkName(name);
    const content = await this.overlay.contents.create();
    this.#put(name, (over) => ({ kind: "file", content, ...over }));
    return this.#file(name);
  }

  async createDirectory(name: string): Promise<OverlayDirectory> {
    const there = await this.get(name);
    if (there?.kind === "file") throw new FsError(Errno.ENOTDIR, name);
    if (there !== undefined) return there.directory as OverlayDirectory;
    this.overlay.lower.checkName(name);
    this.#put(name, ({ over }) => {
      // The folder's own that the guest had emptied: each of its names is still known to be gone.
      if (over?.kind === "directory" && over.id !== undefined) return { kind: "directory", id: over.id, through: true };
      return { kind: "directory", id: this.overlay.tree.newId(), ...(over && { over }) };
    });
    return new OverlayDirectory(this.overlay, childPath(this.path, name));
  }

  async remove(name: string): Promise<void> {
    const there = await this.#there(name);
    if (there.kind === "directory" && !(await isEmpty(there.directory))) throw new FsError(Errno.ENOTEMPTY, name);
    const over = await this.#hidden(name);
    const puts: Put[] = [];
    const id = this.overlay.idOf(this.path, puts);
    const lost = this.overlay.tree.get(id, name);
    this.overlay.tree.put(...puts, [id, name, over ? { kind: "gone", over } : null]);
    await this.#left(name, lost);
  }

  async rename(from: string, target: StoreDirectory, to: string): Promise<void> {
    if (!(target instanceof OverlayDirectory)) throw new FsError(Errno.EXDEV);
    const source = await this.#there(from);
    const [fromPath, toPath] = [childPath(this.path, from), childPath(target.path, to)];
    if (fromPath === toPath) return;
    this.overlay.lower.checkName(to);
    await target.#mayTake(to, source.kind, fromPath);
    const [hiding, over] = [await this.#hidden(from), await target.#hidden(to)];
    const puts: Put[] = [];
    const id = this.overlay.idOf(this.path, puts);
    const targetId = this.overlay.idOf(target.path, puts);
    const lost = this.overlay.tree.get(targetId, to);
    const moved = target.#home(to, this.#moved(from, source.kind, id), over);
    this.overlay.tree.put(
      ...puts,
      [id, from, hiding ? { kind: "gone", over: isMoved(hiding) } : null],
      [targetId, to, moved],
    );
    await target.#left(to, lost);
    for (const [path, open] of this.overlay.open.under(fromPath)) open.path = toPath + path.slice(fromPath.length);
    this.overlay.open.rename(fromPath, toPath);
  }

  /** The entry under its new name, without what is hidden there. */
  #moved(name: string, kind: StoreEntry["kind"], id: number): Entry {
    const entry = this.overlay.tree.get(id, name);
    const { lower } = this.#view();
    const from = lower === undefined ? undefined : childPath(lower, name);
    if (entry === undefined || "through" in entry) {
      if (kind === "file") return { kind, from: from! };
      return { kind, id: entry?.kind === "directory" ? entry.id : this.overlay.tree.newId(), from: from! };
    }
    const { over: _, ...rest } = entry;
    return rest;
  }

  /** The entry with what it hides under its new name; none where the folder's own came back. */
  #home(name: string, entry: Entry, over: Hidden | undefined): Entry | null {
    const { lower } = this.#view();
    if (!("from" in entry) || lower === undefined || entry.from !== childPath(lower, name)) {
      return { ...entry, ...(over && { over }) };
    }
    return entry.kind === "directory" ? { kind: entry.kind, id: entry.id, through: true } : null;
  }

  async #mayTake(name: string, kind: StoreEntry["kind"], fromPath: string): Promise<void> {
    if (`${childPath(this.path, name)}/`.startsWith(`${fromPath}/`)) throw new FsError(Errno.EINVAL, name);
    const replaced = await this.get(name);
    if (replaced === undefined) return;
    if (replaced.kind !== kind) throw new FsError(kind === "file" ? Errno.EISDIR : Errno.ENOTDIR, name);
    if (replaced.kind === "directory" && !(await isEmpty(replaced.directory))) throw new FsError(Errno.ENOTEMPTY, name);
  }

  /** Makes a name that nothing has. */
  #put(name: string, make: (over: { readonly over?: Hidden }) => Entry): void {
    const over = hiddenBy(this.#entry(name));
    const puts: Put[] = [];
    const id = this.overlay.idOf(this.path, puts);
    this.overlay.tree.put(...puts, [id, name, make(over ? { over } : {})]);
  }

  /** What the folder has under the name, as the guest first met it; undefined where what is there now is not its. */
  async #hidden(name: string): Promise<Hidden | undefined> {
    const entry = this.#entry(name);
    if (entry !== undefined) return hiddenBy(entry);
    const { lower } = this.#view();
    return lower === undefined ? undefined : this.overlay.hiddenAt(childPath(lower, name));
  }

  /** The name stands for something else now; `entry` was there. */
  async #left(name: string, entry: Entry | undefined): Promise<void> {
    this.overlay.open.get(childPath(this.path, name))?.standAlone();
    this.overlay.open.delete(childPath(this.path, name));
    if (entry?.kind === "directory" && "from" in entry && entry.from !== undefined) {
      note(this.overlay, entry.from, { kind: "directory", id: entry.id });
    }
    // Stays where it cannot be removed now: the next visit does.
    if (entry !== undefined && "content" in entry) await this.overlay.contents.remove(entry.content).catch(() => {});
  }

  async #there(name: string): Promise<StoreEntry> {
    const there = await this.get(name);
    if (there === undefined) throw new FsError(Errno.ENOENT, name);
    return there;
  }

  #entry(name: string): Entry | undefined {
    const { id } = this.#view();
    return id === undefined ? undefined : this.overlay.tree.get(id, name);
  }

  /** Throws ENOENT where the guest's changes leave no such directory. */
  #view(): View {
    const view = this.overlay.view(this.path);
    if (view === undefined) throw new FsError(Errno.ENOENT, this.path);
    return view;
  }

  #lowers(entry: StoreEntry): StoreEntry {
    const { name, kind } = entry;
    if (kind === "file") return { name, kind, file: this.#file(name, entry.file) };
    return { name, kind, directory: new OverlayDirectory(this.overlay, childPath(this.path, name)) };
  }

  /** `theirs`: what the folder has in the directory, where that is known. */
  async #own(name: string, entry: Entry, theirs?: ReadonlyMap<string, StoreEntry>): Promise<StoreEntry | undefined> {
    if (entry.kind === "gone") return undefined;
    if (entry.kind === "file") {
      if ("from" in entry && (await this.overlay.lowerEntry(entry.from))?.kind !== "file") return undefined;
      return { name, kind: "file", file: this.#file(name) };
    }
    const directory = new OverlayDirectory(this.overlay, childPath(this.path, name));
    // Removed outside: what the guest has in it stays.
    if (!("through" in entry)) return { name, kind: "directory", directory };
    const isInFolder = theirs ? theirs.get(name)?.kind === "directory" : await this.#isInFolder(name);
    if (!isInFolder && !(await directory.#hasOwn())) return undefined;
    return { name, kind: "directory", directory };
  }

  async #isInFolder(name: string): Promise<boolean> {
    const { lower } = this.#view();
    return lower !== undefined && (await this.overlay.lowerEntry(childPath(lower, name)))?.kind === "directory";
  }

  async #hasOwn(): Promise<boolean> {
    const { id } = this.#view();
    for (const [name, entry] of id === undefined ? [] : this.overlay.tree.entries(id)) {
      if ((await this.#own(name, entry)) !== undefined) return true;
    }
    return false;
  }

  #file(name: string, lower?: StoreFile): OverlayFile {
    return new OverlayFile(this.overlay, childPath(this.path, name), lower);
  }
}

/** What the folder had where the entry is. */
function hiddenBy(entry: Entry | undefined): Hidden | undefined {
  if (entry !== undefined && "through" in entry) return { kind: "directory", id: entry.id };
  return entry?.over;
}

/** Nobody deleted what a moved directory held: its names go where it is now. */
function isMoved(hidden: Hidden): Hidden {
  return hidden.kind === "directory" ? { kind: "directory" } : hidden;
}

async function isEmpty(directory: StoreDirectory): Promise<boolean> {
  return (await directory.list()).length === 0;
}
