import type { OpenStoreFile, StoreFile, StoreStat } from "../store.js";
import { childPath } from "../web/by-path.js";
import { OpenOverlayFile } from "./open-overlay-file.js";
import type { Overlay } from "./overlay.js";
import { split } from "./overlay.js";
import type { Entry } from "./overlay-tree.js";
import { FsError } from "../../posix/fs-error.js";
import { Errno } from "../../posix/errno.js";

/** A file as the guest has it: the folder's until the guest first writes to it. */
export class OverlayFile implements StoreFile {
  constructor(
    private readonly overlay: Overlay,
    /** The guest's. */
    private readonly path: string,
    /** The folder's, where it was found at the guest's path. */
    private readonly lower?: StoreFile,
  ) {}

  async stat(): Promise<StoreStat> {
    const entry = this.overlay.entry(this.path);
    if (entry !== undefined && "content" in entry) return this.overlay.contents.stat(entry.content);
    return (await this.#lower(entry)).stat();
  }

  async open(): Promise<OpenStoreFile> {
    const entry = this.overlay.entry(this.path);
    const open = await (entry !== undefined && "content" in entry
      ? OpenOverlayFile.ofContent(this.overlay, this.path, entry.content)
      : OpenOverlayFile.ofFolder(this.overlay, this.path, await this.#lower(entry)));
    this.overlay.open.set(this.path, open);
    return open;
  }

  /** Of the folder's alone: what the guest wrote is opened. */
  async readWhole(limit: number, found: (stat: StoreStat) => void): Promise<Uint8Array | undefined> {
    const entry = this.overlay.entry(this.path);
    if (entry !== undefined && "content" in entry) return undefined;
    return (await this.#lower(entry)).readWhole?.(limit, found);
  }

  async #lower(entry: Entry | undefined): Promise<StoreFile> {
    if (entry === undefined && this.lower !== undefined) return this.lower;
    return this.overlay.lowerFile(lowerPathOf(this.overlay, this.path));
  }
}

/** Where the folder has what the guest sees at `path`. ENOENT: it has not. */
export function lowerPathOf(overlay: Overlay, path: string): string {
  const [parent, name] = split(path);
  const view = overlay.view(parent);
  const entry = view?.id === undefined ? undefined : overlay.tree.get(view.id, name);
  if (entry === undefined && view?.lower !== undefined) return childPath(view.lower, name);
  if (entry !== undefined && "from" in entry && entry.from !== undefined) return entry.from;
  throw new FsError(Errno.ENOENT, path);
}
