import type { ShareState } from "../../client/index.js";

/** Makes the browser ask before the tab closes while a share has bytes that its store does not have yet. */
export class UnsavedWarning {
  #warning = false;

  /** Listens only while there is something to lose: a listener keeps the page out of the back/forward cache. */
  update(shares: readonly ShareState[]): void {
    const unsaved = shares.some(
      (share) => share.unsavedBytes > 0 || share.unsavedFiles > 0 || (share.kind === "files" && share.changeCount),
    );
    if (unsaved === this.#warning) return;
    this.#warning = unsaved;
    if (unsaved) addEventListener("beforeunload", warn);
    else removeEventListener("beforeunload", warn);
  }
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
