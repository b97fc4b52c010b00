/** What a guest asks for by one system call. Paths are from the root of the share, `a/b`. */
export type Request =
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "mkdir"; readonly path: string }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | { readonly kind: "link"; readonly from: string; readonly path: string }
  | { readonly kind: "rename" | "exchange"; readonly from: string; readonly path: string }
  | { readonly kind: "unlink" | "rmdir"; readonly path: string }
  | { readonly kind: "append"; readonly path: string; readonly at: number; readonly content: Content }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "chmod"; readonly path: string; readonly mode: number }
  /** A file made without a name, written, and linked to its path. */
  | { readonly kind: "temporary"; readonly path: string; readonly content: Content };

/** So many bytes that say who wrote them: `#TAG` again and again, a line each. */
export interface Content {
  readonly tag: number;
  readonly length: number;
}

export interface Inode {
  readonly id: number;
  readonly kind: "file" | "directory" | "symlink";
  /** Permission bits. */
  readonly mode: number;
  readonly text: string;
  readonly target: string;
}

/** A name in a directory, and what it leads to from now on. */
export interface EntryChange {
  readonly directory: number;
  readonly name: string;
  readonly inode: number | undefined;
}

/** What a request does to names, to a file's bytes, or to its mode. */
export type Step = { readonly request: Request } & (
  | {
      readonly does: "names";
      readonly entries: readonly EntryChange[];
      readonly born?: Inode;
      /** Inodes that lose, get or change a name. */
      readonly changes: readonly number[];
      /** A directory is moved: everything asked for before comes before it. */
      readonly isBarrier: boolean;
    }
  | { readonly does: "data"; readonly inode: number; readonly size?: number; readonly text: string }
  | { readonly does: "mode"; readonly inode: number; readonly mode: number }
);
export type NameStep = Extract<Step, { does: "names" }>;

export const ROOT = 0;
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
const SYMLINK_MODE = 0o777;

export function contentText({ tag, length }: Content): string {
  const line = `#${tag}\n`;
  return line.repeat(Math.ceil(length / line.length)).slice(0, length);
}

/** What a file's bytes are after the step. */
export function afterData(text: string, step: { readonly size?: number; readonly text: string }): string {
  const cut = step.size === undefined ? text : text.slice(0, step.size).padEnd(step.size, "\0");
  return cut + step.text;
}

/** A share as its guest sees it: directories and their entries, by inode. */
export class Tree {
  readonly inodes = new Map<number, Inode>([[ROOT, inodeOf(ROOT, "directory")]]);
  readonly #entries = new Map<number, Map<string, number>>([[ROOT, new Map()]]);
  #lastId = ROOT;

  clone(): Tree {
    const tree = new Tree();
    for (const [id, inode] of this.inodes) tree.inodes.set(id, inode);
    for (const [id, entries] of this.#entries) tree.#entries.set(id, new Map(entries));
    tree.#lastId = this.#lastId;
    return tree;
  }

  entries(directory: number): ReadonlyMap<string, number> {
    return this.#entries.get(directory) ?? new Map<string, number>();
  }

  inode(id: number): Inode {
    return this.inodes.get(id)!;
  }

  find(path: string): Inode | undefined {
    let id: number | undefined = ROOT;
    for (const name of path.split("/").filter(Boolean)) id = id === undefined ? id : this.#entries.get(id)?.get(name);
    return id === undefined ? undefined : this.inodes.get(id);
  }

  /** Every path but the root's, directories before what is in them. */
  *paths(directory = ROOT, above = ""): Generator<[path: string, inode: Inode]> {
    for (const [name, id] of this.entries(directory)) {
      yield [above + name, this.inode(id)];
      yield* this.paths(id, `${above}${name}/`);
    }
  }

  /** What the request does here; it must be one that succeeds. */
  stepOf(request: Request): Step {
    const at = this.#place(request.path);
    const there = this.find(request.path);
    switch (request.kind) {
      case "create":
        return this.#birth(request, inodeOf(this.#lastId + 1, "file"));
      case "mkdir":
        return this.#birth(request, inodeOf(this.#lastId + 1, "directory"));
      case "symlink":
        return this.#birth(request, { ...inodeOf(this.#lastId + 1, "symlink"), target: request.target });
      case "temporary":
        return this.#birth(request, { ...inodeOf(this.#lastId + 1, "file"), text: contentText(request.content) });
      case "link": {
        const { id } = this.find(request.from)!;
        return namesOf(request, [{ ...at, inode: id }], [id], false);
      }
      case "unlink":
      case "rmdir":
        return namesOf(request, [{ ...at, inode: undefined }], [there!.id], false);
      case "rename":
      case "exchange": {
        const moved = this.find(request.from)!;
        const left = request.kind === "exchange" ? there!.id : undefined;
        const entries = [
          { ...this.#place(request.from), inode: left },
          { ...at, inode: moved.id },
        ];
        const changes = there === undefined ? [moved.id] : [moved.id, there.id];
        return namesOf(request, entries, changes, [moved, there].some(isDirectory));
      }
      case "append":
        return { request, does: "data", inode: there!.id, text: contentText(request.content) };
      case "truncate":
        return { request, does: "data", inode: there!.id, size: request.size, text: "" };
      case "chmod":
        return { request, does: "mode", inode: there!.id, mode: request.mode };
    }
  }

  apply(step: Step): void {
    if (step.does === "data") {
      const inode = this.inode(step.inode);
      this.inodes.set(inode.id, { ...inode, text: afterData(inode.text, step) });
    } else if (step.does === "mode") {
      this.inodes.set(step.inode, { ...this.inode(step.inode), mode: step.mode });
    } else {
      if (step.born !== undefined) {
        this.inodes.set(step.born.id, step.born);
        this.#lastId = Math.max(this.#lastId, step.born.id);
      }
      if (step.born?.kind === "directory") this.#entries.set(step.born.id, new Map());
      for (const { directory, name, inode } of step.entries) {
        if (inode === undefined) this.#entries.get(directory)!.delete(name);
        else this.#entries.get(directory)!.set(name, inode);
      }
    }
  }

  #birth(request: Request, born: Inode): NameStep {
    const entry = { ...this.#place(request.path), inode: born.id };
    return { ...namesOf(request, [entry], [born.id], false), born };
  }

  #place(path: string): { directory: number; name: string } {
    const slash = path.lastIndexOf("/");
    return { directory: this.find(path.slice(0, Math.max(0, slash)))!.id, name: path.slice(slash + 1) };
  }
}

export function isDirectory(inode: Inode | undefined): boolean {
  return inode?.kind === "directory";
}

function namesOf(
  request: Request,
  entries: readonly EntryChange[],
  changes: readonly number[],
  isBarrier: boolean,
): NameStep {
  return { request, does: "names", entries, changes, isBarrier };
}

function inodeOf(id: number, kind: Inode["kind"]): Inode {
  const mode = { file: FILE_MODE, directory: DIRECTORY_MODE, symlink: SYMLINK_MODE }[kind];
  return { id, kind, mode, text: "", target: "" };
}
