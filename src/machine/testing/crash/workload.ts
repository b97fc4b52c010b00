import type { Random } from "../../../fs/testing/random.js";
import { type Content, type Inode, type Request, type Step, Tree, contentText, isDirectory } from "./tree.js";

/** A command of the guest's shell: what it asks the share for, or what it syncs. */
export type Command =
  | { readonly line: string; readonly requests: readonly Request[] }
  /** `path`: of the file that is fsynced; missing: all. `step`: how many steps came before. */
  | { readonly line: string; readonly syncs: { readonly path?: string; readonly step: number } };

const FILE_MODES = [0o600, 0o640, 0o644, 0o755, 0o777];
const DIRECTORY_MODES = [0o700, 0o711, 0o755];
/** Bytes that the shell writes by itself; more comes through a pipe. */
const PRINTED = 2000;
/** Shorter than that, a file would not say which one it is. */
const SHORTEST = 12;

interface Manner {
  /** Some are spelled otherwise in OPFS. */
  readonly names: readonly string[];
  readonly deepest: number;
  /** With more names than that, a directory is removed. */
  readonly most: number;
  /** How often, where a chmod is done twice. */
  readonly times: Readonly<Record<"rename" | "link" | "unlink" | "fill" | "exchange", number>>;
}

const MANNERS = {
  wide: {
    names: ["a", "b", "c", "d", "e", "f", "g", "h", "ü", String.raw`back\slash`, "x.crswap", "two words"],
    deepest: 3,
    most: 120,
    times: { rename: 2, link: 2, unlink: 2, fill: 1, exchange: 1 },
  },
  /** Few names, so that each is soon another file's. */
  dense: {
    names: ["a", "b", "c", "d"],
    deepest: 2,
    most: 30,
    times: { rename: 5, link: 4, unlink: 3, fill: 0, exchange: 2 },
  },
} satisfies Record<string, Manner>;

/** A seeded sequence of commands, each of which succeeds. */
export class Workload {
  /** What the commands do, since the last restart. */
  readonly steps: Step[] = [];
  readonly #manner: Manner;
  #tree = new Tree();
  #tags = 0;
  #commands: Command[] = [];
  /** Of directories that were removed since the last sync: nothing would tell another one from them. */
  readonly #freed = new Set<string>();

  constructor(
    private readonly random: Random,
    manner: keyof typeof MANNERS,
  ) {
    this.#manner = MANNERS[manner];
  }

  /** The share is so. */
  restart(tree: Tree): void {
    this.#tree = tree.clone();
    this.steps.length = 0;
    this.#freed.clear();
  }

  /** Some commands, and a sync. `byRequests`: with what the guest's shell has no command for. */
  next(byRequests: boolean): Command[] {
    this.#commands = [];
    for (let count = 3 + this.random.below(10); count > 0; count--) this.#one(byRequests);
    this.#sync(this.#chance(0.4) ? this.#file() : undefined);
    return this.#commands;
  }

  #one(byRequests: boolean): void {
    const { times, most } = this.#manner;
    const commands: readonly [times: number, command: () => void][] = [
      [3, () => this.#put()],
      [2, () => this.#append()],
      [1, () => this.#truncate()],
      [2, () => this.#replace()],
      [times.rename, () => this.#rename()],
      [1, () => this.#moveDirectory()],
      [times.link, () => this.#link()],
      [1, () => this.#symlink()],
      [2, () => this.#chmod()],
      [times.unlink, () => this.#unlink()],
      [1, () => this.#mkdir()],
      [times.fill, () => this.#fill()],
      [byRequests ? times.exchange : 0, () => this.#exchange()],
      [byRequests ? 1 : 0, () => this.#temporary()],
    ];
    if ([...this.#tree.paths()].length > most) this.#removeTree();
    else this.random.pick(commands.flatMap(([times, command]) => new Array<() => void>(times).fill(command)))();
  }

  #put(path = this.#chance(0.4) ? this.#file() : this.#free()): void {
    if (path === undefined) return;
    const content = this.#content();
    const begin: Request =
      this.#tree.find(path) === undefined ? { kind: "create", path } : { kind: "truncate", path, size: 0 };
    this.#do(`${writing(content)} > ${quoted(path)}`, [begin, { kind: "append", path, at: 0, content }]);
  }

  #append(): void {
    const path = this.#file();
    if (path === undefined) return;
    const content = this.#content();
    const at = this.#tree.find(path)!.text.length;
    this.#do(`${writing(content)} >> ${quoted(path)}`, [{ kind: "append", path, at, content }]);
  }

  #truncate(): void {
    const path = this.#file();
    if (path === undefined) return;
    const size = SHORTEST + this.random.below(2 * this.#tree.find(path)!.text.length);
    this.#do(`truncate -s ${size} ${quoted(path)}`, [{ kind: "truncate", path, size }]);
  }

  /** As editors save: a new file, an fsync perhaps, and a rename over the old one. */
  #replace(): void {
    const [path, temporary] = [this.#file(), this.#free()];
    if (path === undefined || temporary === undefined) return;
    this.#put(temporary);
    if (this.#chance(0.5)) this.#sync(temporary);
    this.#move(temporary, path);
  }

  #rename(): void {
    const from = this.#pick(isNoDirectory);
    const path = this.#chance(0.5) ? this.#free() : this.#pick(isNoDirectory);
    if (from === undefined || path === undefined) return;
    // Between two names of one file, rename(2) does nothing.
    if (this.#tree.find(from) !== this.#tree.find(path)) this.#move(from, path);
  }

  #moveDirectory(): void {
    const from = this.#directory();
    const isEmpty = (inode: Inode) => isDirectory(inode) && this.#tree.entries(inode.id).size === 0;
    const path = (this.#chance(0.3) ? this.#pick(isEmpty) : undefined) ?? this.#free();
    if (from === undefined || path === undefined) return;
    if (from !== path && !path.startsWith(`${from}/`) && !from.startsWith(`${path}/`)) this.#move(from, path);
  }

  #link(): void {
    const [from, path] = [this.#file(), this.#free()];
    if (from === undefined || path === undefined) return;
    this.#do(`ln ${quoted(from)} ${quoted(path)}`, [{ kind: "link", from, path }]);
  }

  #symlink(): void {
    const path = this.#free();
    const target = `../target ${++this.#tags}`;
    if (path !== undefined) this.#do(`ln -s ${quoted(target)} ${quoted(path)}`, [{ kind: "symlink", path, target }]);
  }

  #chmod(): void {
    const path = this.#pick(({ kind }) => kind !== "symlink");
    if (path === undefined) return;
    const mode = this.random.pick(isDirectory(this.#tree.find(path)) ? DIRECTORY_MODES : FILE_MODES);
    this.#do(`chmod ${mode.toString(8)} ${quoted(path)}`, [{ kind: "chmod", path, mode }]);
  }

  #unlink(): void {
    const paths = new Set([this.#pick(isNoDirectory), this.#pick(isNoDirectory)].filter((path) => path !== undefined));
    const requests = Array.from(paths, (path): Request => ({ kind: "unlink", path }));
    if (paths.size > 0) this.#do(`rm ${[...paths].map(quoted).join(" ")}`, requests);
  }

  #mkdir(): string | undefined {
    const path = this.#free();
    if (path === undefined || path.split("/").length > this.#manner.deepest || this.#freed.has(path)) return undefined;
    this.#do(`mkdir ${quoted(path)}`, [{ kind: "mkdir", path }]);
    return path;
  }

  /** A directory of tens of files. */
  #fill(): void {
    const path = this.#mkdir();
    if (path === undefined) return;
    const count = 10 + this.random.below(30);
    for (let i = 0; i < count; i++) {
      const file = `${path}/${i}`;
      const content = { tag: ++this.#tags, length: SHORTEST + this.random.below(50) };
      this.#do(`${writing(content)} > ${quoted(file)}`, [
        { kind: "create", path: file },
        { kind: "append", path: file, at: 0, content },
      ]);
    }
    const guarded = [`${path}/0`, `${path}/1`];
    const requests = guarded.map((path): Request => ({ kind: "chmod", path, mode: 0o600 }));
    this.#do(`chmod 600 ${guarded.map(quoted).join(" ")}`, requests);
    const [from, link] = [`${path}/2`, `${path}/link`];
    this.#do(`ln ${quoted(from)} ${quoted(link)}`, [{ kind: "link", from, path: link }]);
  }

  #removeTree(): void {
    const path = this.#directory();
    if (path === undefined) return;
    const below = [...this.#tree.paths(this.#tree.find(path)!.id, `${path}/`)].toReversed();
    const removed = below.map(([path, inode]): Request => ({ kind: isDirectory(inode) ? "rmdir" : "unlink", path }));
    removed.push({ kind: "rmdir", path });
    // By itself, rm -r would take them in an order of its own.
    const lines = removed.map(({ kind, path }) => `${kind === "rmdir" ? "rmdir" : "rm"} ${quoted(path)}`);
    this.#do(lines.join("; "), removed);
    for (const { kind, path } of removed) if (kind === "rmdir") this.#freed.add(path);
  }

  #exchange(): void {
    const [from, path] = [this.#pick(() => true), this.#pick(() => true)];
    if (from === undefined || path === undefined || this.#tree.find(from) === this.#tree.find(path)) return;
    if (!path.startsWith(`${from}/`) && !from.startsWith(`${path}/`)) this.#do("", [{ kind: "exchange", from, path }]);
  }

  #temporary(): void {
    const path = this.#free();
    if (path !== undefined) this.#do("", [{ kind: "temporary", path, content: this.#content() }]);
  }

  #move(from: string, path: string): void {
    this.#do(`mv -f -T ${quoted(from)} ${quoted(path)}`, [{ kind: "rename", from, path }]);
  }

  #do(line: string, requests: readonly Request[]): void {
    for (const request of requests) {
      const step = this.#tree.stepOf(request);
      this.#tree.apply(step);
      this.steps.push(step);
    }
    this.#commands.push({ line, requests });
  }

  #sync(path?: string): void {
    const step = this.steps.length;
    const line = `${path === undefined ? "sync -f ." : `sync ${quoted(path)}`}; echo ${step}`;
    this.#commands.push({ line, syncs: { ...(path !== undefined && { path }), step } });
    this.#freed.clear();
  }

  #content(): Content {
    const length = this.random.pick([100, 100, 1000, 1000, 1000, 6000, 40_000, 400_000]);
    return { tag: ++this.#tags, length: SHORTEST + this.random.below(length) };
  }

  #file(): string | undefined {
    return this.#pick(({ kind }) => kind === "file");
  }

  /** Rather one with much in it. */
  #directory(): string | undefined {
    const [a, b] = [this.#pick(isDirectory), this.#pick(isDirectory)];
    const size = (path: string) => this.#tree.entries(this.#tree.find(path)!.id).size;
    return a !== undefined && b !== undefined && size(a) < size(b) ? b : a;
  }

  #pick(fits: (inode: Inode) => boolean): string | undefined {
    const paths = [...this.#tree.paths()].filter(([, inode]) => fits(inode));
    return paths.length === 0 ? undefined : this.random.pick(paths)[0];
  }

  /** A path that is free. */
  #free(): string | undefined {
    const parents = ["", ...[...this.#tree.paths()].filter(([, inode]) => isDirectory(inode)).map(([path]) => path)];
    const parent = this.random.pick(parents);
    const path = `${parent}${parent && "/"}${this.random.pick(this.#manner.names)}`;
    return this.#tree.find(path) === undefined ? path : undefined;
  }

  #chance(of: number): boolean {
    return this.random.next() < of;
  }
}

function isNoDirectory(inode: Inode): boolean {
  return !isDirectory(inode);
}

/** A command that writes the content to standard output. */
function writing(content: Content): string {
  if (content.length > PRINTED) return `yes '#${content.tag}' | head -c ${content.length}`;
  return `printf %s ${quoted(contentText(content))}`;
}

function quoted(text: string): string {
  return `'${text}'`;
}
