import type { ShareEntry } from "../../client/index.js";
import { bytesInWords } from "../amount.js";
import { button, made } from "./markup.js";
import { shownName } from "../shown-name.js";

interface Actions {
  open(name: string): void;
  /** A file, or a directory as a zip. */
  download(entry: ShareEntry): void;
}

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The entries of a directory: folders first, each group by name. */
export function fileTable(entries: readonly ShareEntry[], actions: Actions): HTMLElement {
  if (entries.length === 0) return made("p", "quiet", "Nothing is in this folder.");
  const headings = ["Name", "Size", "Changed", ""].map((text) => {
    const heading = made("th", "", text);
    heading.scope = "col";
    return heading;
  });
  headings[3]!.ariaLabel = "Download";
  const rows = [...entries].sort(compare).map((entry) => rowOf(entry, actions));
  return made("table", "files", made("thead", "", made("tr", "", ...headings)), made("tbody", "", ...rows));
}

function rowOf(entry: ShareEntry, actions: Actions): HTMLElement {
  const { name, kind, size, modified, target } = entry;
  const shown = shownName(name);
  const label = kind === "directory" ? button(shown, "plain", () => actions.open(name)) : made("span", "", shown);
  if (kind === "directory") label.ariaLabel = `Open ${shown}`;
  const cell = made("th", `entry-name ${kind}`, label);
  cell.scope = "row";
  if (target !== undefined) cell.append(made("span", "quiet", ` → ${shownName(target)}`));
  const action = made("td", "entry-action");
  if (kind === "file" || kind === "directory") {
    const words = kind === "file" ? "Download" : "Download as zip";
    const download = button(words, "", () => actions.download(entry));
    download.ariaLabel = kind === "file" ? `Download ${shown}` : `Download ${shown} as zip`;
    action.append(download);
  }
  const amount = made("td", "entry-size", kind === "file" ? bytesInWords(size) : "");
  return made("tr", "", cell, amount, made("td", "entry-date", dates.format(modified)), action);
}

function compare(a: ShareEntry, b: ShareEntry): number {
  const folders = Number(b.kind === "directory") - Number(a.kind === "directory");
  return folders || a.name.localeCompare(b.name, undefined, { numeric: true });
}
