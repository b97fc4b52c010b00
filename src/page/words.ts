import type { ShareState } from "../client/index.js";
import { unsavedInWords } from "./amount.js";
import type { BrowserSupport } from "./browser-support.js";
import type { Message } from "./messages.js";

const CURRENT_BROWSER = "a current Chrome, Edge, Firefox or Safari";
const PICKER_BROWSERS = "Chrome, Edge or Opera on a computer";

/** What the visitor should know about the browser before anything starts. */
export function supportMessages(support: BrowserSupport): Message[] {
  const messages: Message[] = [];
  if (!support.webAssembly) {
    messages.push({
      key: "web-assembly",
      kind: "error",
      text: `Linux cannot run here: this browser has no WebAssembly, or it is switched off. Open this page in ${CURRENT_BROWSER}, with WebAssembly allowed.`,
    });
  } else if (!support.secureContext) {
    messages.push({
      key: "secure-context",
      kind: "warning",
      text: "This page came over plain http, where browsers keep no files and share no folders. Open it over https, or from localhost.",
    });
  } else if (!support.privateFileSystem) {
    messages.push({
      key: "private-file-system",
      kind: "warning",
      text: "This browser keeps no files for this page, as in a private window. Linux starts without /mnt/home: open the page in a normal window to have it.",
    });
  }
  return messages;
}

/** Beside the button: what sharing a folder means in this browser. */
export function shareHint(support: BrowserSupport): string {
  if (support.directoryPicker) return "Or drop a folder anywhere on this page.";
  const copies = support.folderInput ? "choose or drop a folder" : "drop a folder";
  return `This browser gives pages no live folders; ${PICKER_BROWSERS} do. Here, ${copies} to share a copy: what Linux changes is kept until this page is reloaded, and you can download it.`;
}

/** What Linux may do with a share, and what it has changed where that is kept apart. */
export function accessInWords({ access, changeCount = 0 }: ShareState): string {
  if (access === "read-write") return "read and write";
  if (access === "read-only") return "read-only";
  return `copy-on-write · ${changeCount === 0 ? "no changes" : changeCount === 1 ? "1 change" : `${changeCount} changes`}`;
}

/** The first lines in the terminal. */
export function greeting(hasHome: boolean): string {
  const home = hasHome ? " /mnt/home is kept in this browser." : "";
  return `This is Linux, running in this tab.${home}\nShare a folder to work on your own files.`;
}

export function startFailure(error: unknown): string {
  return `Linux did not start: ${reason(error)}`;
}

/** The machine is gone; names the shares that had bytes which their folders do not have. */
export function deathNotice(error: unknown, shares: readonly ShareState[]): string {
  const unsaved = shares.filter((share) => share.unsavedBytes > 0 || share.unsavedFiles > 0);
  const said = error === undefined ? "Linux has stopped unexpectedly." : `Linux has stopped: ${reason(error)}`;
  if (unsaved.length === 0) return `${said} As far as this page knows, nothing was waiting to be saved.`;
  return `${said} ${unsaved.map((share) => `“${share.name}”: ${unsavedInWords(share)}.`).join(" ")}`;
}

export function shareFailure(what: string, error: unknown): string {
  return `${what} could not be shared: ${reason(error)}`;
}

export function sharedAlready(share: ShareState): string {
  return `“${share.name}” is shared already: ${accessInWords(share)}, at ${share.mountPoint}. To share it otherwise, remove that first.`;
}

export function removeFailure(name: string, error: unknown): string {
  return `“${name}” is still shared: ${reason(error)}`;
}

/** The visitor closed a dialog: nothing to say. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

const DOM_EXCEPTIONS: Readonly<Record<string, string>> = {
  NotAllowedError: "the browser did not allow it. Try again, and choose Allow when it asks.",
  SecurityError: "the browser does not allow it here. If this page is inside another one, open it in its own tab.",
  NotFoundError: "it is not there any more. Was it moved, renamed or removed?",
  NotReadableError: "the browser cannot read it. Another program may hold it, or its permissions forbid it.",
  NoModificationAllowedError: "another tab or program is using it. Close that one and try again.",
  QuotaExceededError: "the browser's storage for this page is full: delete files in /mnt/home, or free disk space.",
};

/** An error in words that a visitor can act on, as the end of a sentence. */
export function reason(error: unknown): string {
  if (error instanceof DOMException) return DOM_EXCEPTIONS[error.name] ?? sentence(error.message || error.name);
  return sentence(error instanceof Error ? error.message : String(error));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
