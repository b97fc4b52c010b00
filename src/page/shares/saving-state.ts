import type { Share } from "../../client/index.js";
import { bytesInWords, savingInWords } from "../amount.js";
import { shownName } from "../shown-name.js";

/** Whether a share is saved, in words; what is not can be opened as a list of files. */
export class SavingState {
  readonly element = document.createElement("div");
  readonly #saved = document.createElement("p");
  readonly #details = document.createElement("details");
  readonly #summary = document.createElement("summary");
  readonly #files = document.createElement("ul");
  #share: Share | undefined;

  constructor() {
    this.element.className = "unsaved";
    this.#details.append(this.#summary, this.#files);
    this.element.append(this.#saved, this.#details);
    this.#details.addEventListener("toggle", () => void this.#list());
  }

  update(share: Share): void {
    this.#share = share;
    const words = savingInWords(share);
    const hasFiles = share.unsavedFiles > 0;
    setText(this.#saved, hasFiles ? "" : words);
    setText(this.#summary, hasFiles ? words : "");
    this.#details.hidden = !hasFiles;
    if (hasFiles) void this.#list();
    else this.#details.open = false;
  }

  async #list(): Promise<void> {
    if (!this.#details.open || !this.#share) return this.#files.replaceChildren();
    const files = await this.#share.unsaved().catch(() => []); // The machine has ended, and the row with it.
    this.#files.replaceChildren(
      ...files.map(({ path, bytes }) => {
        const item = document.createElement("li");
        item.textContent = `${shownName(path)}: ${bytesInWords(bytes)}`;
        return item;
      }),
    );
  }
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
  target.hidden = text === "";
}
