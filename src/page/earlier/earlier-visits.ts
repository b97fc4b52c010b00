import { rememberedFolders } from "../../client/index.js";
import type { RememberedFolder, Share, VirtualMachine } from "../../client/index.js";
import { element } from "../element.js";
import type { Messages } from "../messages.js";
import { permissionState } from "../shares/permission.js";
import type { Sharing } from "../shares/sharing.js";
import { reason } from "../words.js";
import { EarlierFolders } from "./earlier-folders.js";

const LEFTOVERS = "leftovers";

/** What earlier visits left: folders to connect again, and files that were not saved. */
export class EarlierVisits {
  readonly #sharing: Sharing;
  readonly #messages: Messages;
  readonly #news: HTMLElement;
  readonly #list: EarlierFolders;
  #machine: VirtualMachine | undefined;
  #shares: readonly Share[] = [];
  #shown = "";

  constructor(sharing: Sharing, messages: Messages, news: HTMLElement) {
    this.#sharing = sharing;
    this.#messages = messages;
    this.#news = news;
    this.#list = new EarlierFolders({
      connect: (folder) => this.#connect(folder),
      forget: (folder) => this.#forget(folder),
    });
  }

  /** Mounts the folders that the browser gives without asking, and tells of files that were not saved. */
  async ready(machine: VirtualMachine): Promise<void> {
    this.#machine = machine;
    this.#shares = machine.shares;
    try {
      for (const folder of await this.#unmounted()) {
        const { handle, access, removed, inUse } = folder;
        if (removed || inUse || (await permissionState(handle, access)) !== "granted") continue;
        if (!(await isGone(handle))) await this.#share(folder);
      }
      await this.#show();
      await this.#tellLeftovers(machine);
    } catch (error) {
      this.#messages.show({ key: LEFTOVERS, kind: "warning", text: `Earlier visits are not known: ${reason(error)}` });
    }
  }

  ended(): void {
    this.#machine = undefined;
    this.#list.show([], new Set());
    this.#messages.clear(LEFTOVERS);
  }

  /** The machine's shares changed. */
  update(shares: readonly Share[]): void {
    this.#shares = shares;
    const shown = shares.map(({ folder }) => folder).join();
    if (this.#machine === undefined || shown === this.#shown) return;
    this.#shown = shown;
    void this.#show();
  }

  async #show(): Promise<void> {
    const folders = await this.#unmounted();
    const gone = new Set<RememberedFolder>();
    for (const folder of folders) if (await isGone(folder.handle)) gone.add(folder);
    if (this.#machine !== undefined) this.#list.show(folders, gone);
  }

  async #unmounted(): Promise<RememberedFolder[]> {
    const folders = await rememberedFolders();
    return folders.filter(({ id }) => !this.#shares.some(({ folder }) => folder === id));
  }

  /** Called in a click. */
  async #connect(folder: RememberedFolder): Promise<void> {
    if (!(await isGone(folder.handle))) return this.#share(folder);
    this.#news.textContent = `“${folder.name}” is not there: moved, renamed, removed, or its disk is not connected. Bring it back, or share it from its new place.${isTried(folder) ? " The changes that Linux made are kept here until it is back in its old one." : ""}`;
    await this.#show();
  }

  async #share({ handle, access, tag, mountPoint }: RememberedFolder): Promise<void> {
    const isFree = tag !== undefined && !this.#shares.some((share) => share.tag === tag);
    await this.#sharing.share(handle, access, {
      ...(isFree && { tag }),
      ...(isFree && mountPoint !== undefined && { mountPoint }),
    });
  }

  async #forget(folder: RememberedFolder): Promise<void> {
    const question = `Forget “${folder.name}”? What this browser keeps for it goes: ${isTried(folder) ? "all that Linux changed in it and you did not apply" : "attributes that Linux gave its files, and what was not saved"}. The folder itself stays as it is.`;
    if (!confirm(question)) return;
    try {
      await folder.forget();
      this.#news.textContent = `“${folder.name}” is forgotten.`;
    } catch (error) {
      this.#messages.show({ key: `forget ${folder.id}`, kind: "error", text: reason(error) });
    }
    await this.#show();
    element("share-folder", HTMLButtonElement).focus();
    if (this.#machine) await this.#tellLeftovers(this.#machine);
  }

  async #tellLeftovers(machine: VirtualMachine): Promise<void> {
    const { length } = await machine.leftovers();
    if (length === 0) return this.#messages.clear(LEFTOVERS);
    const files = length === 1 ? "1 file of an earlier visit was" : `${length} files of earlier visits were`;
    this.#messages.show({
      key: LEFTOVERS,
      kind: "warning",
      text: `${files} not saved in the folder: the tab was closed before.`,
      actions: [{ label: length === 1 ? "Look at it…" : "Look at them…", run: () => void this.#openPanel(machine) }],
    });
  }

  async #openPanel(machine: VirtualMachine): Promise<void> {
    const { openLeftoversPanel } = await import("../panels/leftovers-panel.js");
    await openLeftoversPanel(await machine.leftovers());
    if (this.#machine === machine) await this.#tellLeftovers(machine);
  }
}

function isTried({ access }: RememberedFolder): boolean {
  return access === "copy-on-write";
}

/** The disk does not have it now. Unknown, and false, without the permission to look. */
async function isGone(handle: FileSystemDirectoryHandle): Promise<boolean> {
  try {
    await handle.keys().next();
    return false;
  } catch (error) {
    return error instanceof DOMException && error.name === "NotFoundError";
  }
}
