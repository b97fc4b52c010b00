import { accessOf } from "./permission.js";
import { dropSources } from "../../client/index.js";
import type { Access, ShareSource } from "../../client/index.js";

/** Makes the whole page take folders and files. While they are dragged over it, `overlay` shows where each access is. */
export function acceptDrops(
  overlay: HTMLElement,
  onDrop: (sources: Promise<ShareSource[]>, access: Access) => void,
): void {
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
    // Whoever drops before the overlay is laid out gets the harmless access.
    const access = accessOf(dropTarget(event)?.dataset["access"] ?? null);
    hide();
    onDrop(dropSources(event.dataTransfer), access);
  });
}

function dropTarget(event: DragEvent): HTMLElement | undefined {
  const target = event.target instanceof Element ? event.target.closest("[data-access]") : null;
  return target instanceof HTMLElement ? target : undefined;
}
