import type { Share } from "../../client/index.js";
import { element } from "../element.js";
import type { Messages } from "../messages.js";
import type { Session } from "../session.js";
import { reason, removeFailure } from "../words.js";
import { permissionState, requestPermission } from "./permission.js";
import { SHARE_ACTIONS, type ShareAction } from "./share-actions.js";
import { ShareRow } from "./share-row.js";

/** The machine's shares, each with what it has not saved, what is wrong with it, and a way to remove it. */
export class ShareList {
  readonly #session: Session;
  readonly #messages: Messages;
  readonly #list = element("share-list", HTMLUListElement);
  readonly #none = element("no-shares", HTMLElement);
  readonly #rows = new Map<Share, ShareRow>();
  readonly #problems = new Map<string, string>();

  constructor(session: Session, messages: Messages) {
    this.#session = session;
    this.#messages = messages;
  }

  get shares(): readonly Share[] {
    return [...this.#rows.keys()];
  }

  update(shares: readonly Share[]): void {
    for (const [share, row] of this.#rows) if (!shares.includes(share)) this.#drop(share, row);
    for (const share of shares) {
      const row = this.#rows.get(share) ?? this.#add(share);
      row.update(share);
      SHARE_ACTIONS.forEach((action, index) => {
        (row.actions.children[index] as HTMLElement).hidden = !action.offered(share);
      });
      this.#report(share, row);
    }
    this.#none.hidden = shares.length > 0;
  }

  #add(share: Share): ShareRow {
    const row = new ShareRow(share);
    row.remove.addEventListener("click", () => void this.#remove(share, row));
    row.allow.addEventListener("click", () => void this.#allow(share, row));
    for (const action of SHARE_ACTIONS) row.actions.append(this.#button(action, share));
    this.#rows.set(share, row);
    this.#list.append(row.element);
    return row;
  }

  #button(action: ShareAction, share: Share): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.ariaLabel = `${action.label} ${share.name}`;
    button.addEventListener("click", () => {
      action.open(share, { session: this.#session, messages: this.#messages }).catch((error: unknown) => {
        this.#messages.show({ key: `action ${share.tag}`, kind: "error", text: reason(error) });
      });
    });
    return button;
  }

  #drop(share: Share, row: ShareRow): void {
    const focused = row.element.contains(document.activeElement);
    row.element.remove();
    this.#rows.delete(share);
    this.#problems.delete(share.tag);
    this.#messages.clear(problemKey(share));
    this.#messages.clear(removeKey(share));
    if (focused) element("share-folder", HTMLButtonElement).focus();
  }

  async #remove(share: Share, row: ShareRow): Promise<void> {
    if (row.removing) return;
    row.removing = true;
    this.#messages.clear(removeKey(share));
    try {
      await this.#session.remove(share);
    } catch (error) {
      this.#messages.show({ key: removeKey(share), kind: "error", text: removeFailure(share.name, error) });
    } finally {
      row.removing = false;
    }
  }

  /** Says a new problem, in the row once that message is dismissed, and offers what helps. */
  #report(share: Share, row: ShareRow): void {
    if (this.#problems.get(share.tag) === share.problem) return;
    row.problem.textContent = share.problem ?? "";
    row.problem.hidden = true;
    if (share.problem === undefined) {
      this.#problems.delete(share.tag);
      this.#messages.clear(problemKey(share));
      row.allow.hidden = true;
      return;
    }
    this.#problems.set(share.tag, share.problem);
    this.#messages.show({
      key: problemKey(share),
      kind: "warning",
      text: `“${share.name}”: ${reason(share.problem)}`,
      dismissed: () => (row.problem.hidden = false),
    });
    const handle = this.#handleOf(share);
    if (handle) void permissionState(handle, share.access).then((state) => (row.allow.hidden = state === "granted"));
  }

  async #allow(share: Share, row: ShareRow): Promise<void> {
    const handle = this.#handleOf(share);
    if (handle) row.allow.hidden = (await requestPermission(handle, share.access)) === "granted";
  }

  #handleOf(share: Share): FileSystemDirectoryHandle | undefined {
    const source = this.#session.sourceOf(share.tag);
    return source && "kind" in source ? source : undefined;
  }
}

function problemKey(share: Share): string {
  return `problem ${share.tag}`;
}

function removeKey(share: Share): string {
  return `remove ${share.tag}`;
}
