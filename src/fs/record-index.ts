import type { NodeRecord, RecordPlace } from "./records.js";

type Names = Map<string, NodeRecord>;

/** Records by directory and name, and the ways back: from a directory's id and an inode's number to their names. */
export class RecordIndex {
  readonly #directories = new Map<number, Names>();
  readonly #placeOf = new Map<number, RecordPlace>();
  readonly #mainOf = new Map<number, RecordPlace>();
  readonly #linksOf = new Map<number, Map<string, RecordPlace>>();
  #lastId = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  newId(): number {
    return ++this.#lastId;
  }

  in(directory: number): ReadonlyMap<string, NodeRecord> {
    return this.#directories.get(directory) ?? new Map<string, NodeRecord>();
  }

  get(directory: number, name: string): NodeRecord | undefined {
    return this.#directories.get(directory)?.get(name);
  }

  *all(): Generator<[place: RecordPlace, record: NodeRecord]> {
    for (const [directory, names] of this.#directories) {
      for (const [name, record] of names) yield [[directory, name], record];
    }
  }

  placeOf(directory: number): RecordPlace | undefined {
    return this.#placeOf.get(directory);
  }

  mainOf(inode: number): RecordPlace | undefined {
    return this.#mainOf.get(inode);
  }

  linksOf(inode: number): Iterable<RecordPlace> {
    return this.#linksOf.get(inode)?.values() ?? [];
  }

  /** Sets or removes a record; with a directory's go those below it. */
  put(directory: number, name: string, record: NodeRecord | undefined): void {
    const replaced = this.get(directory, name);
    if (replaced !== undefined && replaced.id !== record?.id) this.#forget(replaced.id);
    this.#replace(directory, name, record);
  }

  /** Moves a record over what is at `to`. What has none there afterwards had none before. */
  move(from: RecordPlace, to: RecordPlace): void {
    const moved = this.get(...from);
    this.#replace(...from, undefined);
    this.put(...to, moved);
  }

  #replace(directory: number, name: string, record: NodeRecord | undefined): void {
    const names: Names = this.#directories.get(directory) ?? new Map();
    const replaced = names.get(name);
    if (replaced !== undefined) this.#left([directory, name], replaced);
    names.delete(name);
    if (record !== undefined) {
      names.set(name, record);
      this.#entered([directory, name], record);
    }
    if (names.size > 0) this.#directories.set(directory, names);
    else this.#directories.delete(directory);
  }

  #entered(place: RecordPlace, { id, inode, link }: NodeRecord): void {
    this.#size++;
    this.#lastId = Math.max(this.#lastId, id ?? 0, inode ?? 0);
    if (id !== undefined) this.#placeOf.set(id, place);
    if (inode !== undefined) this.#mainOf.set(inode, place);
    if (link === undefined) return;
    const links = this.#linksOf.get(link) ?? new Map<string, RecordPlace>();
    this.#linksOf.set(link, links.set(keyOf(place), place));
  }

  #left(place: RecordPlace, { id, inode, link }: NodeRecord): void {
    this.#size--;
    if (id !== undefined && isSame(this.#placeOf.get(id), place)) this.#placeOf.delete(id);
    if (inode !== undefined && isSame(this.#mainOf.get(inode), place)) this.#mainOf.delete(inode);
    if (link === undefined) return;
    const links = this.#linksOf.get(link);
    links?.delete(keyOf(place));
    if (links?.size === 0) this.#linksOf.delete(link);
  }

  /** The directory is gone, and everything in it. */
  #forget(id: number | undefined): void {
    const below = id === undefined ? undefined : this.#directories.get(id);
    if (id === undefined || below === undefined) return;
    this.#directories.delete(id);
    for (const [name, record] of below) {
      this.#left([id, name], record);
      this.#forget(record.id);
    }
  }
}

function keyOf([directory, name]: RecordPlace): string {
  return `${directory}/${name}`;
}

function isSame(a: RecordPlace | undefined, [directory, name]: RecordPlace): boolean {
  return a?.[0] === directory && a[1] === name;
}
