import { dropEntries, dropSources } from "../../client/index.js";
import type { Access, DroppedEntry, Share, ShareSource } from "../../client/index.js";
import { element } from "../element.js";
import { accessOf } from "./permission.js";

export interface DropTargets {
  /** Those that something can be put into. */
  readonly shares: () => readonly Share[];
  readonly onShare: (sources: Promise<ShareSource[]>, access: Access) => void;
  readonly onPut: (share: Share, entries: Promise<readonly DroppedEntry[]>) => void;
}

/**
 * Makes the whole page take folders and files. While they are dragged over it, an overlay shows where each access is, and each share
 * that they can be put into.
 */
export function acceptDrops({ shares, onShare, onPut }: DropTargets): void {
  const overlay = element("drop-overlay", HTMLElement);
  let over: HTMLElement | undefined;
  const light = (target: HTMLElement | undefined): void => {
    over?.classList.remove("over");
    target?.classList.add("over");
    over = target;
  };
  const hide = (): void => {
    overlay.hidden = true;
    light(undefined);
  };
  const drag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    if (overlay.hidden) element("drop-shares", HTMLElement).replaceChildren(...shares().map(shareTarget));
    overlay.hidden = false;
    light(dropTarget(event));
  };
  addEventListener("dragenter", drag);
  addEventListener("dragover", drag);
  addEventListener("dragleave", (event) => {
    // Null when the pointer leaves the window, not just one element for another.
    if (event.relatedTarget === null) hide();
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const tag = dropTarget(event)?.dataset["tag"];
    const into = shares().find((share) => share.tag === tag);
    if (into) {
      hide();
      return onPut(into, dropEntries(event.dataTransfer));
    }
    // Whoever drops before the overlay is laid out gets the harmless access.
    const access = accessOf(dropTarget(event)?.dataset["access"] ?? null);
    hide();
    onShare(dropSources(event.dataTransfer), access);
  });
}

function dropTarget(event: DragEvent): HTMLElement | undefined {
  const target = event.target instanceof Element ? event.target.closest(".drop-target") : null;
  return target instanceof HTMLElement ? target : undefined;
}

function shareTarget(share: Share): HTMLElement {
  const target = document.createElement("div");
  target.className = "drop-target";
  target.dataset["tag"] = share.tag;
  const what = document.createElement("strong");
  what.textContent = `Put into “${share.name}”`;
  target.append(what);
  return target;
}
