import type { Access, RememberedFolder } from "../../client/index.js";
import { element } from "../element.js";

interface Actions {
  /** Called in a click, as the browser may have to ask. */
  connect(folder: RememberedFolder): Promise<void>;
  forget(folder: RememberedFolder): Promise<void>;
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

const ACCESS: Readonly<Record<Access, string>> = {
  "read-write": "read and write",
  "copy-on-write": "changes kept in this browser",
  "read-only": "read-only",
};

/** The list under the shares: folders of earlier visits that are not mounted. */
export class EarlierFolders {
  readonly #section = element("earlier", HTMLElement);
  readonly #list = element("earlier-list", HTMLUListElement);

  constructor(private readonly actions: Actions) {}

  /** `gone`: those that the disk does not have now. */
  show(folders: readonly RememberedFolder[], gone: ReadonlySet<RememberedFolder>): void {
    this.#section.hidden = folders.length === 0;
    this.#list.replaceChildren(...folders.map((folder) => this.#row(folder, gone.has(folder))));
  }

  #row(folder: RememberedFolder, isGone: boolean): HTMLElement {
    const name = document.createElement("strong");
    name.textContent = folder.name;
    const how = document.createElement("p");
    how.className = "quiet";
    how.textContent = `${isGone ? "gone from the disk · " : ""}${ACCESS[folder.access]}, ${DATE.format(folder.lastShared)}`;
    const row = document.createElement("li");
    row.append(
      name,
      how,
      button("Reconnect", folder.name, () => this.actions.connect(folder)),
      button("Forget", folder.name, () => this.actions.forget(folder)),
    );
    return row;
  }
}

function button(label: string, name: string, run: () => Promise<void>): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.ariaLabel = `${label} ${name}`;
  made.addEventListener("click", () => void run());
  return made;
}
