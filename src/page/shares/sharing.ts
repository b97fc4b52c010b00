import type { Access, ShareOptions, ShareSource } from "../../client/index.js";
import type { Messages } from "../messages.js";
import type { Session } from "../session.js";
import { isCancelled, sharedAlready, shareFailure } from "../words.js";
import { permissionState, requestPermission } from "./permission.js";

/** Shares what the visitor picked or dropped, and says what came of it. */
export class Sharing {
  readonly #session: Session;
  readonly #messages: Messages;
  readonly #news: HTMLElement;

  /** `news` is a live region beside the button. */
  constructor(session: Session, messages: Messages, news: HTMLElement) {
    this.#session = session;
    this.#messages = messages;
    this.#news = news;
  }

  async dropped(sources: Promise<ShareSource[]>, access: Access): Promise<void> {
    this.#news.textContent = "Looking at what you dropped…";
    try {
      const found = await sources;
      this.#news.textContent = found.length > 0 ? "" : "That is no folder and no file.";
      for (const source of found) await this.share(source, access);
    } catch (error) {
      this.#news.textContent = "";
      if (isCancelled(error)) this.nothingChosen();
      else this.#failed("What you dropped", error);
    }
  }

  /** Browsers do not say whether the visitor closed the dialog, or they refused the folder in it. */
  nothingChosen(): void {
    this.#news.textContent =
      "No folder was chosen. Some, such as Downloads or your home, the browser refuses: choose one inside.";
  }

  /** Call it in a click or drop, as it may have to ask for permission. */
  async share(source: ShareSource, access: Access, options: ShareOptions = {}): Promise<void> {
    const name = nameOf(source);
    // Asked in any case: a share whose permission was taken back goes on then.
    for (const handle of handlesOf(source)) if (!(await this.#permitted(handle, source, access, options))) return;
    this.#messages.clear(keyOf(name));
    const there = await this.#session.shareOf(source);
    if (there) return this.#messages.show({ key: keyOf(name), kind: "notice", text: sharedAlready(there) });
    this.#news.textContent = `Mounting “${name}”…`;
    try {
      const share = await this.#session.share(source, { ...options, access });
      this.#news.textContent = `“${share.name}” is at ${share.mountPoint}.`;
    } catch (error) {
      this.#news.textContent = "";
      this.#failed(`“${name}”`, error, keyOf(name));
    }
  }

  async #permitted(
    handle: FileSystemHandle,
    source: ShareSource,
    access: Access,
    options: ShareOptions,
  ): Promise<boolean> {
    const { name } = handle;
    try {
      if ((await requestPermission(handle, access)) === "granted") return true;
      await this.#refused(handle, source, access, options);
    } catch (error) {
      if (!isMissingClick(error)) this.#failed(`“${name}”`, error, keyOf(name));
      else {
        this.#messages.show({
          key: keyOf(name),
          kind: "notice",
          text: `The browser asks for one click more before Linux gets “${name}”.`,
          actions: [{ label: `Share “${name}”`, run: () => void this.share(source, access, options) }],
        });
      }
    }
    return false;
  }

  async #refused(handle: FileSystemHandle, source: ShareSource, access: Access, options: ShareOptions): Promise<void> {
    const { name } = handle;
    const readable = access === "read-write" && (await permissionState(handle, "read-only")) === "granted";
    const again = { label: "Ask again", run: () => void this.share(source, access, options) };
    const readOnly = { label: "Share it read-only", run: () => void this.share(source, "read-only", options) };
    this.#messages.show({
      key: keyOf(name),
      kind: "warning",
      text: `“${name}” is not shared: the browser did not let this page ${readable ? "change" : "see"} its files.`,
      actions: readable ? [readOnly, again] : [again],
    });
  }

  #failed(what: string, error: unknown, key = keyOf(what)): void {
    this.#messages.show({ key, kind: "error", text: shareFailure(what, error) });
  }
}

/** What the browser may have to ask permission for. */
function handlesOf(source: ShareSource): readonly FileSystemHandle[] {
  if ("handles" in source) return source.handles;
  return "kind" in source ? [source] : [];
}

function nameOf(source: ShareSource): string {
  return "name" in source && source.name ? source.name : "files";
}

function keyOf(name: string): string {
  return `share ${name}`;
}

/** Several folders dropped at once: the drop may be too long ago for the later ones. */
function isMissingClick(error: unknown): boolean {
  return error instanceof DOMException && error.name === "SecurityError";
}
