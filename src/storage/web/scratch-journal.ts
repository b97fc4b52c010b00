import type { AccessHandle } from "./access-handle.js";
import type { CopyLabel } from "./scratch.js";

/** A line of the journal: what the copy `id` is of, or that nobody needs it. The last line of an id counts. */
type Line = ({ readonly id: number } & CopyLabel) | { readonly id: number; readonly free: true };

const COMPACT_BYTES = 64 << 10;

/** Names every scratch copy, so that a tab that was closed or crashed loses nothing: lines of JSON in a file of OPFS. */
export class ScratchJournal {
  readonly #file: AccessHandle;
  readonly #lines = new Map<number, Line>();

  constructor(file: AccessHandle) {
    this.#file = file;
  }

  label(id: number, label: CopyLabel): void {
    this.#append({ id, ...label });
  }

  unlabel(id: number): void {
    this.#append({ id, free: true });
  }

  anyLabelled(): boolean {
    return [...this.#lines.values()].some((line) => !("free" in line));
  }

  close(): void {
    this.#file.close();
  }

  #append(line: Line): void {
    this.#lines.set(line.id, line);
    if (this.#file.size > COMPACT_BYTES + 256 * this.#lines.size) this.#compact();
    else this.#file.write(this.#file.size, [encode([line])]);
  }

  /** A tab that dies between the two leaves copies without a name: they are kept all the same. */
  #compact(): void {
    const bytes = encode(this.#lines.values());
    this.#file.truncate(0);
    this.#file.write(0, [bytes]);
  }
}

/** What the journal's text says of each copy. Lines that are torn are passed over. */
export function readJournal(text: string): Map<number, CopyLabel | "free"> {
  const labels = new Map<number, CopyLabel | "free">();
  for (const part of text.split("\n")) {
    const line = parse(part);
    if (line !== undefined) labels.set(line.id, "free" in line ? "free" : line);
  }
  return labels;
}

/** A journal's text without the lines about those copies. */
export function withoutCopies(text: string, ids: readonly number[]): string {
  const isKept = (part: string): boolean => {
    const line = parse(part);
    return line !== undefined && !ids.includes(line.id);
  };
  const parts = text.split("\n").filter(isKept);
  return parts.map((part) => `${part}\n`).join("");
}

function encode(lines: Iterable<Line>): Uint8Array {
  return new TextEncoder().encode([...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
}

function parse(part: string): Line | undefined {
  try {
    return part === "" ? undefined : (JSON.parse(part) as Line);
  } catch {
    return undefined;
  }
}
