import type { FileChange, Share } from "../../client/index.js";
import { bytesInWords } from "../amount.js";
import { shownName } from "../shown-name.js";
import { reason } from "../words.js";
import { diffOf } from "./text-diff.js";

const KINDS: Readonly<Record<FileChange["kind"], string>> = { added: "added", changed: "changed", deleted: "deleted" };

interface Row {
  readonly change: FileChange;
  readonly box: HTMLInputElement;
}

/** The changes, each with a box to choose it and, for a file, its text. */
export class ChangeList {
  readonly element = document.createElement("ul");
  #rows: Row[] = [];

  constructor(
    private readonly share: Share,
    /** Others are chosen now. */
    private readonly chosen: () => void,
  ) {
    this.element.className = "changes";
    this.element.addEventListener("change", ({ target }) => this.#toggled(target as HTMLInputElement));
  }

  show(changes: readonly FileChange[], kept: ReadonlyMap<string, string>): void {
    this.#rows = changes.map((change) => ({
      change,
      box: checkbox(`${KINDS[change.kind]} ${shownName(change.path)}`),
    }));
    this.element.replaceChildren(...this.#rows.map((row) => this.#item(row, kept.get(row.change.path))));
  }

  get size(): number {
    return this.#rows.length;
  }

  get selected(): readonly FileChange[] {
    return this.#rows.filter(({ box }) => box.checked).map(({ change }) => change);
  }

  selectAll(on: boolean): void {
    for (const { box } of this.#rows) {
      box.checked = on;
      box.indeterminate = false;
    }
    this.chosen();
  }

  /** A directory is chosen with all that is in it, and not while something in it is not. */
  #toggled(box: HTMLInputElement): void {
    const toggled = this.#rows.find((row) => row.box === box);
    if (toggled === undefined) return;
    const { path } = toggled.change;
    for (const row of this.#rows)
      if (row.change.path === path || isBelow(row.change, path)) row.box.checked = box.checked;
    for (const { change, box: above } of this.#rows.toReversed()) {
      if (!path.startsWith(`${change.path}/`)) continue;
      const below = this.#rows.filter((row) => isBelow(row.change, change.path));
      above.checked = below.every((row) => row.box.checked);
      above.indeterminate = !above.checked && below.some((row) => row.box.checked);
    }
    this.chosen();
  }

  #item({ change, box }: Row, kept: string | undefined): HTMLLIElement {
    const item = document.createElement("li");
    item.dataset["kind"] = change.kind;
    const kind = text("span", "change-kind", KINDS[change.kind]);
    item.append(box, kind, this.#name(change, item), text("span", "change-size", sizeInWords(change)));
    if (kept !== undefined) item.append(text("p", "problem", `Not applied: ${reason(kept)}`));
    return item;
  }

  #name(change: FileChange, item: HTMLElement): HTMLElement {
    const path = shownName(change.path);
    if (change.type === "directory") return text("span", "change-path", `${path}/`);
    const button = text("button", "plain change-path", path) as HTMLButtonElement;
    button.type = "button";
    button.ariaExpanded = "false";
    let shown: HTMLElement | undefined;
    button.addEventListener("click", () => {
      button.ariaExpanded = String(shown === undefined);
      if (shown === undefined) {
        shown = text("div", "change-text", "");
        item.append(shown);
        void this.#fill(shown, change);
      } else {
        shown.remove();
        shown = undefined;
      }
    });
    return button;
  }

  async #fill(place: HTMLElement, change: FileChange): Promise<void> {
    try {
      place.append(await diffOf(this.share, change));
    } catch (error) {
      place.append(text("p", "problem", reason(error)));
    }
  }
}

function isBelow({ path }: FileChange, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function sizeInWords({ type, size, oldSize }: FileChange): string {
  if (type === "directory") return "folder";
  if (oldSize === undefined || oldSize === size) return bytesInWords(size);
  return `${bytesInWords(oldSize)} → ${bytesInWords(size)}`;
}

function checkbox(label: string): HTMLInputElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.ariaLabel = label;
  return box;
}

function text(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}
