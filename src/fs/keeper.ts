import type { Awaitable } from "../posix/awaitable.js";
import { encodeName } from "../posix/name.js";
import { S_IFMT } from "../posix/mode.js";
import type { Children } from "./children.js";
import { InodeNumbers } from "./inode-numbers.js";
import { Identities } from "./identities.js";
import { addName, linksOf } from "./links.js";
import { KeptDirectories } from "./kept-directories.js";
import {
  DirectoryNode,
  FileNode,
  type FsNode,
  isSamePlace,
  type NodeSeed,
  type Place,
  placeOf,
  SpecialNode,
} from "./node.js";
import {
  DEFAULT_DIRECTORY_MODE,
  DEFAULT_FILE_MODE,
  type Defaults,
  isSpecial,
  recordOf,
  restoreNode,
} from "./node-records.js";
import {
  type Intent,
  type NodeRecord,
  PARKING_RECORD,
  type RecordPlace,
  type Records,
  ROOT_RECORD,
  type Step,
} from "./records.js";

/** What a new node in `parent` starts with. */
export type MakeSeed = (parent: DirectoryNode | undefined, name: string, mode: number, ino?: number) => NodeSeed;

/** A move in the store that is about to be made. */
export type Move = readonly [from: Place, to: Place];

/** Brings the attributes of nodes, and the names that no store has, to the records and back. */
export class Keeper {
  readonly inodes = new InodeNumbers();
  readonly #identities = new Identities();
  readonly #directories: KeptDirectories;
  #seed: MakeSeed | undefined;

  constructor(
    private readonly records: Records,
    private readonly now: () => number,
    private readonly defaults: Defaults,
  ) {
    this.#directories = new KeptDirectories(now, {
      kept: (directory) => this.#kept(directory),
      save: (directory) => this.save(directory),
    });
  }

  /** Before anything else: the two directories that have no name, and how nodes are made. */
  begin(root: DirectoryNode, parking: DirectoryNode, seed: MakeSeed): void {
    this.#seed = seed;
    this.#identities.setDirectory(ROOT_RECORD, root);
    this.#identities.setDirectory(PARKING_RECORD, parking);
    if (this.records.root !== undefined) restoreNode(root, this.records.root);
  }

  /** The node of what the store has there: the one in memory that other names lead to, or a new one. */
  discover(directory: DirectoryNode, name: string, kind: "file" | "directory"): FileNode | DirectoryNode {
    const record = directory.recordId === undefined ? undefined : this.records.get(directory.recordId, name);
    const fits = record !== undefined && !isSpecial(record) && record.link === undefined;
    if (fits && kind === "directory") {
      const known = record.id === undefined ? undefined : this.#identities.directory(record.id);
      return known ?? this.#directory(directory, name, record);
    }
    if (fits && record.id === undefined) {
      const known = record.inode === undefined ? undefined : this.#identities.inode(record.inode);
      return known?.kind === "file" ? known : this.#file(directory, name, record);
    }
    // What had the name was removed outside, and something else made.
    if (record !== undefined && directory.recordId !== undefined) this.records.delete(directory.recordId, name);
    if (kind === "directory") return new DirectoryNode(this.#newSeed(directory, name, DEFAULT_DIRECTORY_MODE));
    return new FileNode(this.#newSeed(directory, name, DEFAULT_FILE_MODE));
  }

  /**
   * The directory was listed for the first time: what no store has is added. `isSettled`: what the store said of that name was not
   * changed meanwhile.
   */
  restore(directory: DirectoryNode, children: Children, isSettled: (name: string) => boolean): void {
    if (directory.recordId === undefined) return;
    for (const [name, record] of this.records.in(directory.recordId)) {
      if (children.get(name) !== undefined) continue;
      const arrived = isSettled(name) ? undefined : this.#arrived(directory, name, record);
      const node =
        record.link !== undefined ? this.#linked(record.link) : (this.#special(directory, name, record) ?? arrived);
      if (node !== undefined) children.add(name, node);
      else this.records.delete(directory.recordId, name); // it was removed outside
    }
  }

  /** Keeps the attributes of a node that the store has. */
  save(node: FsNode): void {
    const record = this.#recordOf(node);
    if (node.kind === "directory" && node.recordId === ROOT_RECORD) this.records.root = record ?? {};
    else if (node.stored !== undefined) this.#set(node.stored, record);
  }

  /** Keeps the attributes of a node that is about to be in the store: a file never has others, not even for a moment. */
  saveAs(node: FsNode, at: Place): void {
    if (node.kind === "directory") this.#directories.begun(node);
    const record = this.#recordOf(node);
    // Times alone are kept when it is there: a new file's hold from when its content has arrived.
    const isMore = record !== undefined && (node.kind !== "file" || Object.keys(record).some((key) => key !== "times"));
    this.#set(at, isMore ? record : undefined);
  }

  /** Keeps one more name of the node, if the node is kept. */
  link(node: FsNode, at: Place): void {
    if (node.stored === undefined) return;
    if (node.inode === undefined) {
      this.#identities.setInode(this.records.newId(), node);
      this.save(node);
    }
    this.#set(at, { link: node.inode! });
  }

  /** One of the node's other names is gone. */
  unlink(node: FsNode, at: Place): void {
    if (this.#isLink(node, at)) this.removed(at);
  }

  /** One of the node's other names has moved, over whatever had the new one. */
  linkMoved(node: FsNode, from: Place, to: Place, intent?: Intent): void {
    if (this.#isLink(node, from)) this.records.move(this.#recordPlace(from), this.#recordPlace(to), intent);
    else if (intent !== undefined) this.records.end(intent);
    this.link(node, to);
  }

  /** Forgets names that the node does not have any more. */
  pruneLinks(node: FsNode): void {
    if (node.inode === undefined) return;
    const kept = new Set(Array.from(linksOf(node), (place) => this.#recordPlace(place).join("/")));
    for (const place of this.records.linksOf(node.inode)) {
      if (!kept.has(place.join("/"))) this.records.delete(...place);
    }
  }

  /** True when a half done move of the name would leave attributes with the wrong one. */
  hasRecord({ parent, name }: Place): boolean {
    return parent.recordId !== undefined && this.records.get(parent.recordId, name) !== undefined;
  }

  /** Throws when there is no room to say what is about to be done. `leaves`: a node of the records alone that comes with it. */
  intend(moves: readonly Move[], leaves?: { readonly node: FsNode; readonly at: Place }): Intent {
    const steps = moves.map(([from, to]): Step => [this.#recordPlace(from), this.#recordPlace(to)]);
    const record = leaves && recordOf(leaves.node, this.defaults, this.now());
    return this.records.begin(steps, leaves && record && [this.#recordPlace(leaves.at), record]);
  }

  abandon(intent: Intent): void {
    this.records.end(intent);
  }

  moved(from: Place, to: Place, intent?: Intent): void {
    if (intent === undefined && !this.hasRecord(from)) return this.removed(to);
    this.records.move(this.#recordPlace(from), this.#recordPlace(to), intent);
  }

  removed({ parent, name }: Place): void {
    if (parent.recordId !== undefined) this.records.delete(parent.recordId, name);
  }

  /** The times of the directory have moved, and perhaps how many directories it has. */
  touched(directory: DirectoryNode): void {
    this.#directories.touched(directory);
  }

  /** `isSettled`: the store has everything. */
  flush(isSettled: boolean): Awaitable<void> {
    this.#directories.flush(isSettled);
    return this.records.flush();
  }

  /** Nothing is under way with the node, and nobody will know it any more. */
  forgotten(node: FsNode): void {
    this.inodes.release(node.ino);
    if (node.kind === "directory") this.#directories.forgotten(node);
  }

  #kept({ recordId, stored }: DirectoryNode): NodeRecord | undefined {
    if (recordId === ROOT_RECORD) return this.records.root;
    return stored?.parent.recordId === undefined ? undefined : this.records.get(stored.parent.recordId, stored.name);
  }

  #recordOf(node: FsNode): NodeRecord | undefined {
    const record = recordOf(node, this.defaults, this.now());
    if (record === undefined || node.kind !== "directory" || this.#directories.isCounted(node)) return record;
    const { subdirectories: _, ...uncounted } = record;
    return uncounted;
  }

  #isLink(node: FsNode, { parent, name }: Place): boolean {
    const record = parent.recordId === undefined ? undefined : this.records.get(parent.recordId, name);
    return record?.link !== undefined && record.link === node.inode;
  }

  #set(place: Place, record: NodeRecord | undefined): void {
    if (record !== undefined) this.records.set(...this.#recordPlace(place), record);
    else this.removed(place);
  }

  #recordPlace({ parent, name }: Place): RecordPlace {
    if (parent.recordId === undefined) {
      this.#identities.setDirectory(this.records.newId(), parent);
      this.save(parent);
    }
    return [parent.recordId!, name];
  }

  #newSeed(parent: DirectoryNode | undefined, name: string, mode: number, ino?: number): NodeSeed {
    if (this.#seed === undefined) throw new Error("not begun");
    return this.#seed(parent, name, mode, ino);
  }

  /** The node of an inode, by whichever of its names it was found. */
  #linked(inode: number): FsNode | undefined {
    const known = this.#identities.inode(inode);
    if (known !== undefined) return known;
    const main = this.records.mainOf(inode);
    const record = main && this.records.get(...main);
    const parent = main && this.#directoryOf(main[0]);
    if (main === undefined || record === undefined || parent === undefined) return undefined;
    if (isSpecial(record)) return this.#special(parent, main[1], record);
    const node = this.#file(parent, main[1], record);
    node.stored = { parent, name: main[1] };
    return node;
  }

  /** The directory's node, though what is above it may not be listed. */
  #directoryOf(id: number): DirectoryNode | undefined {
    const known = this.#identities.directory(id);
    if (known !== undefined) return known;
    const place = this.records.placeOf(id);
    const parent = place && this.#directoryOf(place[0]);
    const record = place && this.records.get(...place);
    if (place === undefined || parent === undefined || record === undefined) return undefined;
    const node = this.#directory(parent, place[1], record);
    node.stored = { parent, name: place[1] };
    return node;
  }

  #directory(parent: DirectoryNode, name: string, record: NodeRecord): DirectoryNode {
    const node = new DirectoryNode(this.#newSeed(parent, name, DEFAULT_DIRECTORY_MODE, record.ino));
    if (record.id !== undefined) this.#identities.setDirectory(record.id, node);
    restoreNode(node, record);
    return node;
  }

  #file(parent: DirectoryNode, name: string, record: NodeRecord): FileNode {
    const node = new FileNode(this.#newSeed(parent, name, DEFAULT_FILE_MODE, record.ino));
    restoreNode(node, record);
    this.#restoreLinks(node, record);
    return node;
  }

  #special(parent: DirectoryNode, name: string, record: NodeRecord): FsNode | undefined {
    if (!isSpecial(record)) return undefined;
    const known = record.inode === undefined ? undefined : this.#identities.inode(record.inode);
    if (known !== undefined) return known;
    const target = record.target === undefined ? undefined : encodeName(record.target);
    const mode = record.mode ?? 0;
    const node = new SpecialNode(this.#newSeed(parent, name, mode & S_IFMT, record.ino), target, record.rdev ?? 0);
    node.stored = { parent, name };
    restoreNode(node, record);
    this.#restoreLinks(node, record);
    return node;
  }

  /** A file that lost its main name for this one while the directory was listed. */
  #arrived(parent: DirectoryNode, name: string, { inode }: NodeRecord): FsNode | undefined {
    const node = inode === undefined ? undefined : this.#identities.inode(inode);
    return node !== undefined && isSamePlace(placeOf(node), { parent, name }) ? node : undefined;
  }

  #restoreLinks(node: FsNode, { inode }: NodeRecord): void {
    if (inode === undefined) return;
    this.#identities.setInode(inode, node);
    for (const [directory, name] of this.records.linksOf(inode)) {
      const parent = this.#directoryOf(directory);
      if (parent !== undefined) addName(node, { parent, name });
    }
  }
}
