import type { Leftover } from "../../client/index.js";
import { bytesInWords } from "../amount.js";
import { requestPermission } from "../shares/permission.js";
import { reason } from "../words.js";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Why a file can only be downloaded, by how its folder can be reached. */
const UNREACHABLE: Partial<Record<Leftover["reach"], string>> = {
  gone: "Its folder is gone from the disk: download the file to keep it.",
  unknown: "This browser does not know its folder any more: download the file to keep it.",
};

/** Shows the files that a closed tab did not save, each with what can be done. Resolves when the visitor has closed it. */
export async function openLeftoversPanel(leftovers: readonly Leftover[]): Promise<void> {
  const dialog = document.createElement("dialog");
  dialog.className = "leftovers";
  dialog.setAttribute("aria-labelledby", "leftovers-heading");
  const heading = made("h2", "Files that were not saved");
  heading.id = "leftovers-heading";
  const about = made(
    "p",
    "Linux wrote them, and the tab was closed before they were in your folder. Nothing is lost until you discard it.",
  );
  const list = document.createElement("ul");
  const news = made("p", "");
  news.ariaLive = "polite";
  const close = button("Close", () => dialog.close());
  close.className = "primary";
  for (const leftover of leftovers) list.append(new LeftoverRow(leftover, news, close).element);
  dialog.append(heading, about, list, news, close);
  document.body.append(dialog);
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  dialog.showModal();
  await closed;
  dialog.remove();
}

/** One file. When it is decided about, the row goes, and what became of it is read out. */
class LeftoverRow {
  readonly element = document.createElement("li");
  readonly #problem = made("p", "");

  constructor(
    private readonly leftover: Leftover,
    private readonly news: HTMLElement,
    private readonly close: HTMLElement,
  ) {
    const { path, folder, size, lastWrite, changed, reach } = leftover;
    this.#problem.className = "problem";
    this.#problem.ariaLive = "polite";
    const facts = made("p", `in “${folder}”, ${bytesInWords(size)}, written ${TIME.format(lastWrite)}`);
    facts.className = "quiet";
    const notes: HTMLElement[] = [];
    if (changed === true)
      notes.push(
        made("p", "The folder has another version now, or none: what is there stays, and this one goes beside it."),
      );
    const unreachable = UNREACHABLE[reach];
    if (unreachable !== undefined) notes.push(made("p", unreachable));
    const actions = document.createElement("div");
    actions.className = "leftover-actions";
    if (unreachable === undefined) {
      actions.append(
        this.#button("Finish saving", () => this.#save(() => leftover.finish())),
        this.#button("Keep as a copy", () => this.#save(() => leftover.keepAsCopy())),
      );
    }
    actions.append(
      this.#button("Download", () => download(leftover)),
      this.#button("Discard", () => this.#discard()),
    );
    this.element.append(made("strong", path), facts, ...notes, this.#problem, actions);
  }

  #button(label: string, run: () => Promise<void>): HTMLButtonElement {
    const made = button(label, () => {
      this.#problem.textContent = "";
      this.element.inert = true; // one decision a file
      run()
        .catch((error: unknown) => (this.#problem.textContent = reason(error)))
        .finally(() => {
          this.element.inert = false;
          if (this.element.isConnected) made.focus();
        });
    });
    made.ariaLabel = `${label}: ${this.leftover.path}`;
    return made;
  }

  async #save(save: () => Promise<string>): Promise<void> {
    const { handle, folder, path } = this.leftover;
    if (handle !== undefined && (await requestPermission(handle, "read-write")) !== "granted") {
      throw new Error(`The browser did not let this page write to “${folder}”.`);
    }
    const savedAs = await save();
    this.#decided(savedAs === path ? `${path} is saved.` : `${path} is saved as ${savedAs}.`);
  }

  async #discard(): Promise<void> {
    const { path } = this.leftover;
    if (!confirm(`Discard ${path}? What Linux wrote into it is lost then.`)) return;
    await this.leftover.discard();
    this.#decided(`${path} is discarded.`);
  }

  #decided(news: string): void {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    this.element.remove();
    this.news.textContent = news;
    (next?.querySelector("button") ?? this.close).focus();
  }
}

async function download(leftover: Leftover): Promise<void> {
  const file = await leftover.content();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // The browser has taken the address by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

function button(label: string, run: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", run);
  return button;
}

function made(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
