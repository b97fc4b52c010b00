import type { Share, ShareState } from "../../client/index.js";
import { SavingState } from "./saving-state.js";
import { accessInWords } from "../words.js";

const KINDS: Readonly<Record<ShareState["kind"], string>> = {
  opfs: "kept in this browser",
  directory: "folder on this computer",
  files: "files as they were when shared",
  memory: "gone when this page closes",
};

/** One share in the list. Its element stays the same while the share lives, so that the focus stays too. */
export class ShareRow {
  readonly element = document.createElement("li");
  readonly remove = document.createElement("button");
  /** Shown when its words do not stand above the terminal any more. */
  readonly problem = part("p", "problem");
  /** Shown while the browser's permission for the folder is withdrawn. */
  readonly allow = document.createElement("button");
  /** Opens what else can be done with the share. */
  readonly actions = part("div", "share-actions");
  readonly #access = part("span", "access");
  readonly #saving = new SavingState();

  constructor(share: Share) {
    this.element.className = "share";
    const name = part("strong", "share-name");
    name.textContent = share.name;
    const mountPoint = part("code", "mount-point");
    mountPoint.textContent = share.mountPoint;
    const kind = part("p", "quiet");
    kind.textContent = KINDS[share.kind];
    this.remove.type = this.allow.type = "button";
    this.remove.textContent = "Remove";
    this.remove.className = "plain remove";
    this.remove.ariaLabel = `Remove ${share.name}`;
    this.allow.textContent = "Allow again…";
    this.allow.hidden = this.problem.hidden = true;
    this.element.append(
      name,
      this.#access,
      mountPoint,
      this.remove,
      kind,
      this.#saving.element,
      this.problem,
      this.allow,
      this.actions,
    );
    this.update(share);
  }

  update(share: Share): void {
    setText(this.#access, accessInWords(share));
    this.#access.classList.toggle("wide", share.access === "copy-on-write");
    this.#saving.update(share);
    this.element.dataset["problem"] = String(share.problem !== undefined);
  }

  /** While the share is flushed and unmounted. */
  set removing(removing: boolean) {
    this.element.ariaBusy = String(removing);
    this.remove.ariaDisabled = String(removing);
    this.remove.textContent = removing ? "Removing…" : "Remove";
  }

  get removing(): boolean {
    return this.element.ariaBusy === "true";
  }
}

function part(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
  target.hidden = text === "";
}
