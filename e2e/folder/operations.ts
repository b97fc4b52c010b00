import type { Random } from "../../src/fs/testing/random.js";

/** What the guest does with a file of the folder. */
export type Operation =
  /** As a shell's `>` does: emptied, and written. */
  | { readonly do: "write"; readonly file: string; readonly text: string }
  | { readonly do: "append"; readonly file: string; readonly text: string }
  /** As editors save: a new file takes the old one's place. `sync`: it is fsynced before. */
  | { readonly do: "replace"; readonly file: string; readonly text: string; readonly sync: boolean }
  | { readonly do: "unlink"; readonly file: string }
  | { readonly do: "fsync"; readonly file: string }
  /** Ends when the store has what was written, in the folder or in the browser. */
  | { readonly do: "keep"; readonly file: string };

export const NAMES = ["a", "b", "c d", "ü"];
/** Bytes of one WRITE request. */
const REQUEST = 128 * 1024;

/** What a new file is called until it takes the place of `file`. */
export function temporaryOf(file: string): string {
  return `${file}.new`;
}

/** A seeded sequence of operations, each of which succeeds. */
export function operations(random: Random, count: number): Operation[] {
  const there = new Set<string>();
  return Array.from({ length: count }, (_, index): Operation => {
    const file = random.pick(NAMES);
    // Of another length than all others, as good as always.
    const text = `${index}:${NAMES.indexOf(file)} `.repeat(1 + random.below(random.pick([10, 1000, 40_000])));
    if (!there.has(file)) {
      there.add(file);
      return { do: "write", file, text };
    }
    switch (random.below(8)) {
      case 0:
      case 1:
        return { do: "write", file, text };
      case 2:
        return { do: "append", file, text };
      case 3:
        return { do: "replace", file, text, sync: random.below(2) === 0 };
      case 4:
        there.delete(file);
        return { do: "unlink", file };
      case 5:
        return { do: "fsync", file };
      default:
        return { do: "keep", file };
    }
  });
}

/** What a name stood for, one state after the other; undefined: for nothing. */
class History {
  readonly states: (string | undefined)[] = [undefined];
  /** From this state on, one is on the disk. */
  synced = 0;
  /** From this state on, one is on the disk or kept in the browser. */
  kept = 0;

  get now(): string | undefined {
    return this.states.at(-1);
  }

  get last(): number {
    return this.states.length - 1;
  }

  has(content: string | undefined, from: number): boolean {
    return this.states.includes(content, from);
  }
}

/** What may be found after some operations. */
export class Histories {
  readonly #histories = new Map(
    NAMES.flatMap((name) => [name, temporaryOf(name)]).map((name) => [name, new History()]),
  );

  /** `ended`: so many of the operations had, as good as is known; more may have begun. */
  constructor(operations: readonly Operation[], ended: number) {
    operations.forEach((operation, index) => {
      this.#begin(operation);
      if (index < ended) this.#promise(operation);
    });
  }

  /** What is wrong with what was found, in words. */
  problems(disk: ReadonlyMap<string, string>, leftovers: readonly { path: string; text: string }[]): string[] {
    const problems: string[] = [];
    for (const name of disk.keys()) if (!this.#histories.has(name)) problems.push(`${name} is on the disk`);
    for (const { path, text } of leftovers) {
      if (!this.#ever(path, text)) problems.push(`kept of ${path}: ${shown(text)}`);
    }
    for (const [name, history] of this.#histories) {
      const there = disk.get(name);
      if (!history.has(there, history.synced) && !this.#isMoving(name, there))
        problems.push(`${name} on the disk: ${shown(there)}`);
      const paths = [name, temporaryOf(name)];
      const left = leftovers.filter(({ path }) => paths.includes(path)).map(({ text }) => text);
      const texts = [there, disk.get(temporaryOf(name)), ...left];
      if (!texts.some((text) => history.has(text, history.kept))) {
        problems.push(
          `${name}, written: ${shown(history.states[history.kept])}; found: ${texts.map(shown).join(", ")}`,
        );
      }
    }
    return problems;
  }

  #ever(path: string, text: string): boolean {
    return this.#histories.get(path)?.has(text, 0) === true || this.#isMoving(path, text);
  }

  /** It is where it was made, and the guest has moved it already, and perhaps written it since. */
  #isMoving(path: string, text: string | undefined): boolean {
    const name = NAMES.find((name) => temporaryOf(name) === path);
    return name !== undefined && this.#histories.get(name)!.has(text, 0);
  }

  #begin(operation: Operation): void {
    const history = this.#histories.get(operation.file)!;
    switch (operation.do) {
      case "write":
        history.states.push("", ...partsOf("", operation.text));
        break;
      case "append":
        history.states.push(...partsOf(history.now ?? "", operation.text));
        break;
      case "replace":
        this.#histories.get(temporaryOf(operation.file))!.states.push("", ...partsOf("", operation.text), undefined);
        history.states.push(operation.text);
        break;
      case "unlink":
        history.states.push(undefined);
        break;
      case "fsync":
      case "keep":
        break; // changes nothing
    }
  }

  #promise({ do: what, file }: Operation): void {
    const history = this.#histories.get(file)!;
    if (what === "fsync") history.synced = history.kept = history.last;
    if (what === "keep") history.kept = history.last;
  }
}

/** After each WRITE request. */
function partsOf(before: string, text: string): string[] {
  const requests = Math.ceil(text.length / REQUEST);
  return Array.from({ length: requests }, (_, index) => before + text.slice(0, (index + 1) * REQUEST));
}

function shown(text: string | undefined): string {
  return text === undefined ? "nothing" : `${text.length} × “${text.slice(0, 20)}”`;
}
