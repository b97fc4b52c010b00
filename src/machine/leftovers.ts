import type { LeftoverFacts } from "../client/types.js";
import type { FolderEntry } from "../storage/folders/folder-entries.js";
import { PickedStore } from "../storage/picked/picked-store.js";
import type { Unsaved } from "../storage/picked/recover-file.js";
import { unspell, unspellPath } from "../storage/spelling.js";
import { errorName } from "../storage/web/dom-errors.js";
import type { Leftover, Scratch } from "../storage/web/scratch.js";
import type { Folders } from "./folders.js";
import type { LeftoverState, MachineApi } from "./machine-api.js";
import { MachineError } from "./machine-error.js";

/** Scratch copies that dead tabs left, for the visitor to decide about. */
export class Leftovers {
  readonly #ended = new Set<number>();

  constructor(
    private readonly scratch: Scratch,
    private readonly folders: Folders,
  ) {}

  /** Those that are still there, and not in their folder after all. */
  async list(): Promise<LeftoverState[]> {
    const entries = await this.folders.entries();
    const states: LeftoverState[] = [];
    for (const [id, leftover] of (await this.scratch.leftovers()).entries()) {
      if (this.#ended.has(id)) continue;
      const state = await this.#state(id, leftover, entries).catch((error: unknown) => {
        // The visitor forgot its folder, which took its copies along.
        if (!isMissing(error)) throw error;
      });
      if (state !== undefined) states.push(state);
    }
    return states;
  }

  async content(id: number): Promise<File> {
    const leftover = await this.#find(id);
    const { path } = leftover.label ?? { path: "unnamed" };
    return new File([await leftover.file()], unspellPath(path).split("/").at(-1)!);
  }

  end: MachineApi["endLeftover"] = async (id, how) => {
    const leftover = await this.#find(id);
    const path = how === "discard" ? undefined : await this.#save(leftover, how === "copy");
    // Only now is it in the folder: a tab that dies before this offers it again.
    await leftover.discard();
    this.#ended.add(id);
    return path;
  };

  async #state(id: number, leftover: Leftover, entries: readonly FolderEntry[]): Promise<LeftoverState | undefined> {
    const { label } = leftover;
    const file = await leftover.file();
    const entry = entries.find((one) => one.id === label?.folder);
    const reach = entry === undefined ? "unknown" : await reachOf(entry.handle);
    const has = reach === "available" ? await this.#store(entry!).folderHas(await unsavedOf(leftover)) : undefined;
    if (has === "content") {
      await leftover.discard();
      this.#ended.add(id);
      return undefined;
    }
    return {
      id,
      folder: unspell(entry?.handle.name ?? label?.share ?? ""),
      path: unspellPath(label?.path ?? "unnamed"),
      size: file.size,
      lastWrite: file.lastModified,
      reach,
      ...(has !== undefined && { changed: has === "other" }),
      ...(entry !== undefined && { handle: entry.handle }),
    };
  }

  async #save(leftover: Leftover, copy: boolean): Promise<string> {
    const entries = await this.folders.entries();
    const entry = entries.find((one) => one.id === leftover.label?.folder);
    if (entry === undefined) throw new MachineError("bad-source", "The folder is not known to this browser any more.");
    try {
      return await this.#store(entry).recover(await unsavedOf(leftover), copy);
    } catch (error) {
      const message = `${unspellPath(leftover.label!.path)} could not be saved: ${(error as Error).message}.`;
      throw new MachineError("not-saved", message, { cause: error });
    }
  }

  /** The one that is mounted knows what is open in it. */
  #store({ id, handle }: FolderEntry): PickedStore {
    return this.folders.owned(id) ?? new PickedStore(handle, { scratch: this.scratch, folder: id });
  }

  async #find(id: number): Promise<Leftover> {
    const leftover = (await this.scratch.leftovers())[id];
    if (leftover !== undefined && !this.#ended.has(id)) return leftover;
    throw new MachineError("bad-source", "That file was decided about already.");
  }
}

async function unsavedOf(leftover: Leftover): Promise<Unsaved> {
  const { path, base } = leftover.label!;
  return { path, content: await leftover.file(), ...(base && { base }) };
}

async function reachOf(handle: FileSystemDirectoryHandle): Promise<LeftoverFacts["reach"]> {
  const permission = (await handle.queryPermission?.({ mode: "readwrite" })) ?? "granted";
  if (permission !== "granted") return permission;
  try {
    await handle.keys().next();
    return "available";
  } catch (error) {
    return isMissing(error) ? "gone" : "denied";
  }
}

function isMissing(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return errorName(error) === "NotFoundError" || errorName(cause) === "NotFoundError";
}
