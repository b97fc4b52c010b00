import { dropEntries } from "../../client/index.js";
import type { DroppedEntry, Share, ShareEntry } from "../../client/index.js";
import { isCancelled, reason } from "../words.js";
import { askAboutName } from "./ask-about-name.js";
import { fileTable } from "./file-table.js";
import { button, made } from "./markup.js";
import { chooseTarget } from "./save-to-disk.js";
import { statisticsInWords } from "./statistics-in-words.js";
import { Transfer } from "./transfer.js";
import { type Choice, type Conflict, upload, uploadedInWords } from "./upload.js";
import { shownName } from "../shown-name.js";

/** Shows the files of a share. Resolves when they are listed. */
export async function openFiles(share: Share): Promise<void> {
  await new FilesPanel(share).go("");
}

/** Shows the files of a share and puts what was dropped on it into its root. */
export async function openFilesWith(share: Share, dropped: Promise<readonly DroppedEntry[]>): Promise<void> {
  const panel = new FilesPanel(share);
  await panel.go("");
  await panel.put(dropped);
}

/** A dialog over a share's files: look around, download, upload. */
class FilesPanel {
  readonly #share: Share;
  readonly #dialog = made("dialog", "panel files-panel");
  readonly #crumbs = made("ol", "crumbs");
  readonly #list = made("div", "files-list");
  readonly #news = made("p", "files-news");
  readonly #transfer = new Transfer((running) => this.#dialog.classList.toggle("busy", running));
  #path = "";

  constructor(share: Share) {
    this.#share = share;
    const heading = made("h2", "", `Files of “${share.name}”`);
    heading.id = "files-heading";
    this.#dialog.setAttribute("aria-labelledby", heading.id);
    this.#news.ariaLive = "polite";
    const place = made("nav", "", this.#crumbs);
    place.ariaLabel = "Folder";
    this.#dialog.append(
      made(
        "div",
        "panel-top",
        heading,
        button("Close", "", () => this.#dialog.close()),
      ),
      place,
      this.#tools(),
      this.#news,
      this.#transfer.element,
      this.#list,
    );
    this.#acceptDrops();
    this.#dialog.addEventListener("close", () => {
      this.#transfer.cancel();
      this.#dialog.remove();
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  /** Shows another directory. */
  async go(path: string): Promise<void> {
    try {
      const entries = await this.#share.list(path);
      this.#path = path;
      this.#showCrumbs();
      this.#show(entries);
    } catch (error) {
      this.#news.textContent = reason(error);
    }
  }

  async put(given: Promise<readonly DroppedEntry[]>): Promise<void> {
    await this.#do("Uploading", async (signal, report) => {
      const entries = await given;
      const into = this.#path;
      let forAll: Choice | undefined;
      const ask = async (conflict: Conflict, others: number): Promise<Choice> => {
        if (forAll && (conflict.both || forAll === "keep-both")) return forAll;
        const answer = await askAboutName(conflict, others);
        if (answer.forAll) forAll = answer.choice;
        return answer.choice;
      };
      return uploadedInWords(await upload(this.#share, into, entries, { ask, signal, report }));
    });
    await this.go(this.#path);
  }

  #tools(): HTMLElement {
    const input = made("input", "");
    input.type = "file";
    input.multiple = true;
    input.hidden = true;
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])].map((file) => ({ path: file.name, content: file }));
      input.value = ""; // The same file may be chosen again.
      void this.put(Promise.resolve(files));
    });
    const uploading = button("Upload files…", "", () => input.click());
    const isReadOnly = this.#share.access === "read-only";
    uploading.hidden = isReadOnly;
    const hint = isReadOnly ? "Shared read-only: nothing can be put here." : "Or drop files and folders here.";
    return made(
      "div",
      "panel-buttons",
      uploading,
      button("Download all as zip", "", () => void this.#downloadZip(this.#path)),
      button("Statistics", "", () => void this.#showStatistics()),
      input,
      made("span", "quiet", hint),
    );
  }

  async #showStatistics(): Promise<void> {
    try {
      this.#news.textContent = statisticsInWords(await this.#share.statistics());
    } catch (error) {
      this.#news.textContent = reason(error);
    }
  }

  #show(entries: readonly ShareEntry[]): void {
    const table = fileTable(entries, {
      open: (name) => void this.go(this.#below(name)).then(() => this.#focusPlace()),
      download: ({ name, kind }) =>
        void (kind === "file" ? this.#downloadFile(this.#below(name)) : this.#downloadZip(this.#below(name))),
    });
    this.#list.replaceChildren(table);
  }

  #showCrumbs(): void {
    const names = this.#path.split("/").filter((name) => name !== "");
    const crumbs = [this.#share.name, ...names].map((name, index) => {
      const path = names.slice(0, index).join("/");
      const crumb = button(shownName(name), "plain", () => void this.go(path).then(() => this.#focusPlace()));
      if (index === names.length) crumb.ariaCurrent = "page";
      return made("li", "", crumb);
    });
    this.#crumbs.replaceChildren(...crumbs);
  }

  /** The button that was pressed is gone with the directory it was in. */
  #focusPlace(): void {
    this.#crumbs.querySelector<HTMLElement>('[aria-current="page"]')?.focus();
  }

  #downloadFile(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return this.#do(`Downloading “${name}”`, async (signal, report) => {
      const save = await chooseTarget(name);
      const { size, stream } = await this.#share.read(path);
      await save(stream, size, signal, report);
      return `“${name}” was downloaded.`;
    });
  }

  #downloadZip(path: string): Promise<void> {
    const name = `${path === "" ? this.#share.name : path.slice(path.lastIndexOf("/") + 1)}.zip`;
    return this.#do(`Downloading “${name}”`, async (signal, report) => {
      const save = await chooseTarget(name);
      const skipped: string[] = [];
      const stream = await this.#share.zip(path, { onSkipped: (entry) => skipped.push(entry) });
      await save(stream as ReadableStream<Uint8Array<ArrayBuffer>>, 0, signal, report);
      const note = skipped.length === 0 ? "" : ` Not in it, as a zip of files has no links: ${skipped.join(", ")}.`;
      return `“${name}” was downloaded.${note}`;
    });
  }

  /** One thing at a time, with what came of it said in the panel. */
  async #do(what: string, action: Parameters<Transfer["run"]>[1]): Promise<void> {
    if (this.#transfer.running) {
      this.#news.textContent = "Something is under way: wait for it, or cancel it.";
      return;
    }
    this.#news.textContent = "";
    try {
      this.#news.textContent = String(await this.#transfer.run(what, action));
    } catch (error) {
      this.#news.textContent = isCancelled(error) ? "Cancelled." : reason(error);
    }
  }

  #acceptDrops(): void {
    for (const type of ["dragenter", "dragover", "drop"] as const) {
      this.#dialog.addEventListener(type, (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        event.stopPropagation(); // Else the page would share it.
        this.#dialog.classList.toggle("over", type !== "drop");
        if (type === "drop") void this.put(dropEntries(event.dataTransfer));
      });
    }
    this.#dialog.addEventListener("dragleave", (event) => {
      event.stopPropagation();
      if (!this.#dialog.contains(event.relatedTarget as Node | null)) this.#dialog.classList.remove("over");
    });
  }

  #below(name: string): string {
    return this.#path === "" ? name : `${this.#path}/${name}`;
  }
}
