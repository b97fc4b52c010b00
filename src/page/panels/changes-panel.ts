import type { AppliedChanges, FileChange, Share, ShareSource } from "../../client/index.js";
import { requestPermission } from "../shares/permission.js";
import { isCancelled, reason } from "../words.js";
import { ChangeList } from "./change-list.js";
import { chooseTarget } from "./save-to-disk.js";
import { Transfer } from "./transfer.js";
import { zipOfChanges } from "./zip.js";

const KEPT =
  "Nothing is written into the folder until you apply it. The changes are kept in this browser, also when this page is closed.";
const LOST =
  "This browser cannot write into the folder, and the changes are gone when this page is reloaded: download them.";

/** Shows what Linux changed in a copy-on-write share, to be applied, downloaded or discarded. */
export async function showChanges(share: Share, source: ShareSource | undefined): Promise<void> {
  const panel = new ChangesPanel(share, source);
  await panel.open();
}

class ChangesPanel {
  readonly #dialog = document.createElement("dialog");
  readonly #news = made("p", "changes-news", "");
  readonly #list: ChangeList;
  readonly #all = document.createElement("input");
  readonly #apply = button("Apply", "primary", () => this.#run(() => this.#applySelected()));
  readonly #download = button("Download as zip", "", () => this.#run(() => this.#downloadSelected()));
  readonly #discard = button("Discard", "", () => this.#run(() => this.#discardSelected()));
  readonly #transfer = new Transfer(() => {});
  /** The next press of "Discard" does it. */
  #isSure = false;

  constructor(
    private readonly share: Share,
    private readonly source: ShareSource | undefined,
  ) {
    this.#list = new ChangeList(share, () => this.#chosen());
    this.#news.role = "status";
    const heading = made("h2", "", `Changes in “${share.name}”`);
    heading.id = "changes-heading";
    this.#dialog.className = "changes-panel";
    this.#dialog.setAttribute("aria-labelledby", heading.id);
    this.#all.type = "checkbox";
    this.#all.addEventListener("change", () => this.#list.selectAll(this.#all.checked));
    const all = made("label", "", "");
    all.append(this.#all, "All");
    const close = button("Close", "plain", () => this.#dialog.close());
    const top = made("header", "", "");
    top.append(heading, close);
    const bottom = made("footer", "", "");
    bottom.append(this.#apply, this.#download, this.#discard);
    this.#apply.hidden = !this.#canWrite;
    this.#dialog.append(
      top,
      made("p", "quiet", this.#canWrite ? KEPT : LOST),
      all,
      this.#list.element,
      this.#transfer.element,
      this.#news,
      bottom,
    );
    this.#dialog.addEventListener("close", () => {
      this.#transfer.cancel();
      this.#dialog.remove();
    });
    this.#discard.addEventListener("blur", () => this.#sure(false));
  }

  async open(): Promise<void> {
    const changes = await this.share.changes();
    document.body.append(this.#dialog);
    this.#show(changes);
    this.#dialog.showModal();
  }

  get #canWrite(): boolean {
    return this.share.kind === "directory";
  }

  #show(changes: readonly FileChange[], kept: AppliedChanges["kept"] = []): void {
    // Of a file that became a folder the first reason counts: that the file was not removed.
    this.#list.show(changes, new Map(kept.toReversed().map(({ path, reason }) => [path, reason])));
    this.#news.textContent = changes.length === 0 ? "Linux has changed nothing." : "";
    this.#chosen();
  }

  #chosen(): void {
    const { length } = this.#list.selected;
    this.#all.checked = length > 0 && length === this.#list.size;
    this.#all.indeterminate = length > 0 && length < this.#list.size;
    this.#all.disabled = this.#list.size === 0;
    for (const each of [this.#apply, this.#download, this.#discard]) each.disabled = length === 0;
    this.#apply.textContent = `Apply ${length}`;
    this.#sure(false);
  }

  async #applySelected(): Promise<void> {
    // In the click: browsers ask the visitor only then.
    for (const handle of handlesOf(this.source)) {
      if ((await requestPermission(handle, "read-write")) === "granted") continue;
      this.#news.textContent = "Nothing was applied: the browser did not let this page change the folder.";
      return;
    }
    const { selected } = this.#list;
    this.#news.textContent = `Applying ${selected.length}… Thousands of files take minutes; what is applied stays so if this page is closed.`;
    // Not among the news, which are read out.
    const onProgress = (done: number, total: number): void =>
      void (this.#apply.textContent = `Applied ${done} of ${total}`);
    const { applied, kept } = await this.share.apply(pathsOf(selected), { onProgress }).finally(() => this.#chosen());
    const rest = kept.length === 0 ? "" : ` ${kept.length} could not be applied: see why below each.`;
    this.#show(await this.share.changes(), kept);
    this.#news.textContent = `${applied.length} applied.${rest}`;
  }

  async #downloadSelected(): Promise<void> {
    const { selected } = this.#list;
    const name = `${this.share.name}-changes.zip`;
    const save = await chooseTarget(name);
    await this.#transfer.run(`Downloading “${name}”`, (signal, report) =>
      save(zipOfChanges(this.share, selected), 0, signal, report),
    );
    this.#news.textContent = "Downloaded.";
  }

  async #discardSelected(): Promise<void> {
    const { selected } = this.#list;
    if (!this.#isSure) return this.#sure(true);
    await this.share.discard(pathsOf(selected));
    this.#show(await this.share.changes());
    this.#news.textContent = `${selected.length} discarded: Linux sees the folder's own again.`;
  }

  #sure(sure: boolean): void {
    this.#isSure = sure;
    this.#discard.textContent = sure ? `Really discard ${this.#list.selected.length}?` : "Discard";
  }

  /** One at a time; what fails is said here, as the page is behind the dialog. */
  async #run(work: () => Promise<void>): Promise<void> {
    if (this.#dialog.ariaBusy === "true") return;
    this.#dialog.ariaBusy = "true";
    try {
      await work();
    } catch (error) {
      this.#news.textContent = isCancelled(error) ? "Cancelled." : reason(error);
    } finally {
      this.#dialog.ariaBusy = "false";
    }
  }
}

/** Without those below another: a directory stands for all that is in it. */
function pathsOf(changes: readonly FileChange[]): string[] {
  const chosen = new Set(changes.map(({ path }) => path));
  return [...chosen].filter((path) => {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (chosen.has(path.slice(0, at))) return false;
    }
    return true;
  });
}

function handlesOf(source: ShareSource | undefined): readonly FileSystemHandle[] {
  if (source === undefined) return [];
  if ("handles" in source) return source.handles;
  return "kind" in source ? [source] : [];
}

function button(label: string, className: string, onClick: () => unknown): HTMLButtonElement {
  const element = made("button", className, label) as HTMLButtonElement;
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

function made(tag: string, className: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.textContent = text;
  return element;
}
