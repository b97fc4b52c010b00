import { type Inode, type NameStep, ROOT, type Step, Tree, afterData } from "./tree.js";

/** What is found at a path of a share. */
export interface Found {
  readonly kind: Inode["kind"];
  readonly mode: number;
  readonly nlink: number;
  readonly ino: number;
  readonly text?: string;
  readonly target?: string;
  readonly entries?: Readonly<Record<string, Found>>;
}

/**
 * The tree that was found, where `before` and some of the steps after it make it: else what speaks against that, in words. The
 * first `durable` steps were synced.
 *
 * The other steps may have reached the store out of order, and none of them need have; but those on the same name or the same file,
 * and those on a directory and in it, did so in order, and a directory's move came after all that was asked for before. A name
 * does not move before the bytes and the mode that the file had by then are there; bytes and modes may come before a name. Of
 * the bytes that came last, any number may be there.
 */
export function explain(before: Tree, all: readonly Step[], durable: number, found: Found): Tree | string {
  const base = before.clone();
  for (const step of all.slice(0, durable)) base.apply(step);
  const steps = all.slice(durable);
  const barriers = steps.flatMap((step, index) => (step.does === "names" && step.isBarrier ? [index] : []));
  const failures: string[] = [];
  // How many directories' moves are in it decides which directory each path leads to.
  for (let count = 0; count <= barriers.length; count++) {
    const first = count === 0 ? 0 : barriers[count - 1]! + 1;
    const end = barriers[count] ?? steps.length;
    const attempts = [new Attempt(base, steps, first, end, [])];
    for (let attempt = attempts.pop(); attempt !== undefined; attempt = attempts.pop()) {
      const problem = attempt.run(found);
      if (problem === undefined) return attempt.tree(found);
      attempts.push(...attempt.others());
      failures.push(`with ${count} of ${barriers.length} moves of directories:\n${problem}`);
    }
  }
  return failures.join("\n");
}

/** The fewest steps that explain what was found, of those that have all before `first` and no names from `end` on. */
class Attempt {
  readonly #included = new Set<number>();
  /** Of an inode, the steps before this one are there. */
  readonly #bytesFrom = new Map<number, number>();
  readonly #modeFrom = new Map<number, number>();
  #names = new Tree();
  readonly #suspects: [directory: number, name: string][] = [];

  constructor(
    private readonly base: Tree,
    private readonly steps: readonly Step[],
    private readonly first: number,
    private readonly end: number,
    private readonly known: readonly number[],
  ) {
    for (let index = 0; index < first; index++) if (this.steps[index]!.does === "names") this.#included.add(index);
    for (const index of known) this.#include(index);
  }

  /** Undefined: it is explained. */
  run(found: Found): string | undefined {
    for (;;) {
      this.#names = this.base.clone();
      for (const [index, step] of this.steps.entries()) {
        if (step.does === "names" && this.#included.has(index)) this.#names.apply(step);
      }
      const wrong: string[] = [];
      const missing = new Set<number>();
      this.#compare(ROOT, found, "", (directory, name, problem) => {
        const next = this.#nextOn(directory, name);
        if (next === undefined) wrong.push(problem);
        else missing.add(next);
      });
      if (wrong.length > 0) return [...wrong, "steps:", ...this.#story()].join("\n  ");
      if (missing.size === 0) return this.#linkProblem(found);
      for (const index of missing) this.#include(index);
    }
  }

  /** Where files that look the same may have been taken for each other: with one step more. */
  others(): Attempt[] {
    const next = new Set(this.#suspects.map(([directory, name]) => this.#nextOn(directory, name)));
    return Array.from(next, (index) => (index === undefined ? [] : [index]))
      .flat()
      .map((index) => new Attempt(this.base, this.steps, this.first, this.end, [...this.known, index]));
  }

  /** What was found, by the inodes of the model. */
  tree(found: Found): Tree {
    const tree = this.#names.clone();
    const take = (directory: number, { entries = {} }: Found): void => {
      for (const [name, entry] of Object.entries(entries)) {
        const id = tree.entries(directory).get(name)!;
        tree.inodes.set(id, { ...tree.inode(id), mode: entry.mode, text: entry.text ?? "" });
        take(id, entry);
      }
    };
    take(ROOT, found);
    return tree;
  }

  #compare(
    directory: number,
    found: Found,
    above: string,
    differs: (directory: number, name: string, problem: string) => void,
  ): void {
    const there = found.entries ?? {};
    const entries = this.#names.entries(directory);
    for (const name of new Set([...entries.keys(), ...Object.keys(there)])) {
      const [id, entry] = [entries.get(name), there[name]];
      const path = above + name;
      if (id === undefined) differs(directory, name, `${path} is there: ${shown(entry!)}`);
      else if (entry === undefined) differs(directory, name, `${path} is not there`);
      else {
        const problem = this.#misfit(this.#names.inode(id), entry);
        if (problem !== undefined) differs(directory, name, `${path}: ${problem}`);
        else if (entry.kind === "directory") this.#compare(id, entry, `${path}/`, differs);
      }
    }
  }

  /** Why this cannot be that inode. */
  #misfit(inode: Inode, found: Found): string | undefined {
    if (found.kind !== inode.kind) return `a ${found.kind}, not a ${inode.kind}`;
    if (found.kind === "symlink") {
      return found.target === inode.target ? undefined : `leads to ${found.target}, not to ${inode.target}`;
    }
    const modes = this.#modes(inode);
    if (!modes.includes(found.mode))
      return `mode ${found.mode.toString(8)}, not ${modes.map((mode) => mode.toString(8)).join(" or ")}`;
    if (found.kind === "file" && !this.#mayHold(inode, found.text ?? "")) {
      return `${shown(found)}, not as inode ${inode.id} from ${textShown(inode.text)} on`;
    }
  }

  #modes({ id, mode }: Inode): number[] {
    const modes = [mode];
    const from = Math.max(this.first, this.#modeFrom.get(id) ?? 0);
    for (const [index, step] of this.steps.entries()) {
      if (step.does !== "mode" || step.inode !== id) continue;
      if (index < from) modes.length = 0;
      modes.push(step.mode);
    }
    return modes;
  }

  #mayHold({ id, text }: Inode, found: string): boolean {
    let now = text;
    const from = Math.max(this.first, this.#bytesFrom.get(id) ?? 0);
    for (const [index, step] of this.steps.entries()) {
      if (step.does !== "data" || step.inode !== id) continue;
      const next = afterData(now, step);
      if (index >= from && (found === now || isBetween(found, now, next))) return true;
      now = next;
    }
    return found === now;
  }

  /** The first step on that name that is not there yet, and may be. */
  #nextOn(directory: number, name: string): number | undefined {
    for (let index = this.first; index < this.end; index++) {
      const step = this.steps[index]!;
      if (step.does !== "names" || this.#included.has(index)) continue;
      if (step.entries.some((entry) => entry.directory === directory && entry.name === name)) return index;
    }
    return undefined;
  }

  /** With all that comes before it. */
  #include(index: number): void {
    if (this.#included.has(index)) return;
    this.#included.add(index);
    const step = this.steps[index] as NameStep;
    for (const inode of step.changes) {
      raise(this.#bytesFrom, inode, index);
      raise(this.#modeFrom, inode, index);
    }
    for (const { directory } of step.entries) raise(this.#modeFrom, directory, index);
    for (let earlier = this.first; earlier < index; earlier++) {
      const before = this.steps[earlier]!;
      if (before.does === "names" && areOrdered(before, step)) this.#include(earlier);
    }
  }

  /** Names lead to the same file where they should, and nowhere else. */
  #linkProblem(found: Found): string | undefined {
    const [numbers, inodes, counts] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
    for (const [, { id }] of this.#names.paths()) counts.set(id, (counts.get(id) ?? 0) + 1);
    const problems: string[] = [];
    const walk = (directory: number, { entries = {} }: Found, above: string): void => {
      for (const [name, entry] of Object.entries(entries)) {
        const { id, kind } = this.#names.inode(this.#names.entries(directory).get(name)!);
        const [ino, links] = [
          numbers.get(id) ?? entry.ino,
          kind === "directory" ? directoryLinks(entry) : counts.get(id),
        ];
        numbers.set(id, ino);
        const isSame = ino === entry.ino && (inodes.get(ino) ?? id) === id;
        inodes.set(ino, id);
        // 1: the directory is not counted.
        if (!isSame || (entry.nlink !== links && (kind !== "directory" || entry.nlink !== 1))) {
          problems.push(`${above}${name}: inode ${entry.ino} with ${entry.nlink} links, not ${ino} with ${links}`);
          if (kind !== "directory") this.#suspects.push([directory, name]);
        }
        walk(id, entry, `${above}${name}/`);
      }
    };
    walk(ROOT, found, "");
    return problems.length === 0 ? undefined : [...problems, "steps:", ...this.#story()].join("\n  ");
  }

  #story(): string[] {
    return this.steps.map((step, index) => {
      const mark = step.does !== "names" ? "?" : this.#included.has(index) ? "+" : "-";
      return `${mark} ${JSON.stringify(step.request)}${step.does === "names" ? "" : ` (inode ${step.inode})`}`;
    });
  }
}

function areOrdered(a: NameStep, b: NameStep): boolean {
  const same = a.entries.some(({ directory, name }) =>
    b.entries.some((entry) => entry.directory === directory && entry.name === name),
  );
  return same || touches(a, b) || touches(b, a);
}

/** `a` changes a file of `b`, or a directory that `b` has a name in. */
function touches(a: NameStep, b: NameStep): boolean {
  return a.changes.some((inode) => b.changes.includes(inode) || b.entries.some((entry) => entry.directory === inode));
}

/** Some of what the step adds has come. */
function isBetween(found: string, before: string, after: string): boolean {
  return after.length > before.length && found.startsWith(before) && after.startsWith(found);
}

function raise(map: Map<number, number>, key: number, value: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, value));
}

function directoryLinks({ entries = {} }: Found): number {
  return 2 + Object.values(entries).filter(({ kind }) => kind === "directory").length;
}

function shown({ kind, mode, text, target }: Found): string {
  return `${kind} ${mode.toString(8)} ${target ?? textShown(text ?? "")}`;
}

function textShown(text: string): string {
  return `${JSON.stringify(text.slice(0, 12))} (${text.length} bytes, to ${JSON.stringify(text.slice(-12))})`;
}
