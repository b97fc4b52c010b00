import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { Store, StoreDirectory, StoreEntry, StoreFile } from "../store.js";
import { ByPath, childPath } from "../web/by-path.js";
import type { OpenOverlayFile } from "./open-overlay-file.js";
import type { OverlayContents } from "./overlay-contents.js";
import type { Entry, Hidden, OverlayTree, Put } from "./overlay-tree.js";
import { PARKING_ID, ROOT_ID } from "./overlay-tree.js";

/** No path in a share begins so. */
export const PARKING_PATH = "/parking";
/** Directories of the folder that are kept at hand. */
const MOST_AT_HAND = 10_000;

/** Where a directory that the guest sees comes from. */
export interface View {
  /** Of the tree's directory with its entries; undefined: nothing in it was changed. */
  readonly id: number | undefined;
  /** Path of the folder's directory that shows where there are no entries. */
  readonly lower: string | undefined;
}

/** What the directories and files of one overlay share: the folder below, and the guest's changes over it. */
export class Overlay {
  /** Open files by the guest's paths. */
  readonly open = new ByPath<OpenOverlayFile>();
  /** The folder's directories by the folder's paths, as they were last found. */
  readonly #atHand = new ByPath<StoreDirectory>();

  constructor(
    readonly lower: Store,
    readonly tree: OverlayTree,
    readonly contents: OverlayContents,
  ) {}

  /** Undefined where the guest has no such directory by its changes; the folder may lack it all the same. */
  view(path: string): View | undefined {
    const { view: first, names } = start(path);
    let view = first;
    for (const name of names) {
      const below = this.below(view, name);
      if (below === undefined) return undefined;
      view = below;
    }
    return view;
  }

  /** The view of a directory in a directory. */
  below({ id, lower }: View, name: string): View | undefined {
    const entry = id === undefined ? undefined : this.tree.get(id, name);
    const through = lower === undefined ? undefined : childPath(lower, name);
    if (entry === undefined) return through === undefined ? undefined : { id: undefined, lower: through };
    if (entry.kind !== "directory") return undefined;
    return { id: entry.id, lower: "through" in entry ? through : entry.from };
  }

  entry(path: string): Entry | undefined {
    const [parent, name] = split(path);
    const id = this.view(parent)?.id;
    return id === undefined ? undefined : this.tree.get(id, name);
  }

  /** The number of a directory, made up where nothing in it was changed yet; what is to be put for that comes in front of `puts`. */
  idOf(path: string, puts: Put[]): number {
    const { view: first, names } = start(path);
    let view = first;
    for (const name of names) {
      let below = this.below(view, name);
      if (below === undefined) throw new FsError(Errno.ENOENT, path);
      if (below.id === undefined) {
        below = { ...below, id: this.tree.newId() };
        if (view.id !== undefined) puts.push([view.id, name, { kind: "directory", id: below.id!, through: true }]);
      }
      view = below;
    }
    return view.id!;
  }

  /** The folder's entry at one of its paths. */
  async lowerEntry(path: string): Promise<StoreEntry | undefined> {
    const [parent, name] = split(path);
    const entry = await (await this.lowerDirectory(parent))?.get(name).then(undefined, absent);
    if (entry?.kind === "directory") this.found(path, entry.directory);
    else this.#forget(path);
    return entry;
  }

  async lowerFile(path: string): Promise<StoreFile> {
    const entry = await this.lowerEntry(path);
    if (entry?.kind !== "file") throw new FsError(Errno.ENOENT, path);
    return entry.file;
  }

  /** The folder's directory at one of its paths, if there is one. */
  async lowerDirectory(path: string): Promise<Asked | undefined> {
    if (path === "") return asked(this.lower.root);
    const known = this.#atHand.get(path);
    if (known !== undefined) return asked(known);
    const entry = await this.lowerEntry(path);
    return entry?.kind === "directory" ? asked(entry.directory) : undefined;
  }

  /** What the folder has in a directory, by name. Nothing where it has no such directory. */
  async lowerEntries(path: string | undefined): Promise<Map<string, StoreEntry>> {
    const directory = path === undefined ? undefined : await this.lowerDirectory(path);
    const entries = (await directory?.list().then(undefined, absent)) ?? [];
    for (const entry of entries)
      if (entry.kind === "directory") this.found(childPath(path!, entry.name), entry.directory);
    return new Map(entries.map((entry) => [entry.name, entry]));
  }

  found(path: string, directory: StoreDirectory): void {
    if (this.#atHand.size >= MOST_AT_HAND) this.#atHand.clear();
    this.#atHand.set(path, directory);
  }

  /** What the guest changes there for the first time. */
  async hiddenAt(path: string): Promise<Hidden | undefined> {
    return hiddenOf(await this.lowerEntry(path));
  }

  #forget(path: string): void {
    if (this.#atHand.has(path)) for (const [key] of this.#atHand.under(path)) this.#atHand.delete(key);
  }
}

/** A directory of the folder, asked so that it answers by a promise in any case. */
interface Asked {
  get(name: string): Promise<StoreEntry | undefined>;
  list(): Promise<readonly StoreEntry[]>;
}

function asked(directory: StoreDirectory): Asked {
  return { get: async (name) => directory.get(name), list: async () => directory.list() };
}

/** What stands in the folder's place of an entry, to tell later whether it was changed outside. */
export async function hiddenOf(entry: StoreEntry | undefined): Promise<Hidden | undefined> {
  if (entry?.kind !== "file") return entry && { kind: "directory" };
  const { size, lastModified } = await entry.file.stat();
  return { kind: "file", size, lastModified };
}

/** "a/b/c" is "c" in "a/b". */
export function split(path: string): [parent: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function start(path: string): { view: View; names: string[] } {
  const isParked = path.startsWith(PARKING_PATH);
  const names = (isParked ? path.slice(PARKING_PATH.length + 1) : path).split("/").filter((name) => name !== "");
  return { view: isParked ? { id: PARKING_ID, lower: undefined } : { id: ROOT_ID, lower: "" }, names };
}

/** A directory that was removed outside has nothing in it. */
function absent(error: unknown): undefined {
  if (error instanceof FsError && (error.errno === Errno.ENOENT || error.errno === Errno.ENOTDIR)) return undefined;
  throw error;
}
