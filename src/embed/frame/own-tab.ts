import { element } from "../../page/element.js";
import type { Frame } from "./frame.js";
import { FROM_FRAME } from "./hand-over-messages.js";
import { TakeOver } from "./take-over.js";

/**
 * A frame of another site gets no folder of the visitor's computer, and its storage is another than the page's own. Its button opens
 * the same machine in a tab of its own, and hands it over as it is, with what runs in it; there a folder can be shared.
 */
export function onOwnTab(frame: Frame): void {
  const button = element("own-tab", HTMLButtonElement);
  if (parent === window) {
    button.hidden = true;
    if (location.search === FROM_FRAME) takeMachine(frame);
    offerFolders(frame);
    return;
  }
  button.addEventListener("click", () => openOwnTab(frame));
}

/** Where it does not come, the next start does without it. */
function takeMachine(frame: Frame): void {
  if (opener === null) {
    // The tab was opened again, or its opener's page cut the tie (Cross-Origin-Opener-Policy).
    return frame.tell("The page that has the machine was closed. Start Linux to go on without it.");
  }
  frame.given = new TakeOver(opener as Window, (progress) => frame.show(progress)).given();
  frame.given.catch((error: Error) => {
    frame.given = undefined;
    frame.tell(error.message);
  });
}

function openOwnTab(frame: Frame): void {
  const isRunning = frame.machine !== undefined;
  const tab = open(`${location.pathname}${isRunning ? FROM_FRAME : ""}${location.hash}`, "_blank");
  if (!tab) return frame.tell("The page around this one forbids new tabs (sandbox without allow-popups).");
  if (!isRunning) return;
  frame.tell("The new tab takes the machine over.");
  void import("./hand-over.js").then(({ handOver }) => handOver(frame, tab));
}

/**
 * Only in a page of its own: no parameter shares a folder, and no page around this one is asked for it. Where the address runs
 * commands, which whoever wrote it has chosen, they cannot write into the folder.
 */
function offerFolders(frame: Frame): void {
  if (!("showDirectoryPicker" in window)) return;
  const button = element("share", HTMLButtonElement);
  const readOnly = frame.parameters.lines.some(({ run }) => run);
  const access = readOnly ? "read-only" : "read-write";
  button.hidden = false;
  button.addEventListener("click", () => {
    // First of all: the browser wants the click.
    const picked = window.showDirectoryPicker!({ mode: readOnly ? "read" : "readwrite" });
    picked
      .then(async (folder) => (await frame.start()).share(folder, { access }))
      .then(
        ({ mountPoint }) =>
          frame.tell(`The folder is at ${mountPoint}${readOnly ? ", read-only: this address runs commands" : ""}.`),
        (error: unknown) => {
          if (!(error instanceof DOMException && error.name === "AbortError")) frame.tell(String(error));
        },
      );
  });
}
