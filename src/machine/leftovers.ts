import type { LeftoverFacts } from "../client/leftover.js";
import type { FolderEntry } from "../storage/folders/folder-entries.js";
import { PickedStore } from "../storage/picked/picked-store.js";
import type { FolderHas, Unsaved } from "../storage/picked/recover-file.js";
import { unspell, unspellPath } from "../storage/spelling.js";
import { errorName } from "../storage/web/dom-errors.js";
import { failureInWords } from "../storage/web/failure-words.js";
import type { Leftover, Scratch } from "../storage/web/scratch.js";
import type { Folders } from "./folders.js";
import type { LeftoverState, LeftoversApi } from "./machine-api.js";
import { MachineError } from "./machine-error.js";

/** Scratch copies that dead tabs left, for the visitor to decide about. */
export class Leftovers implements LeftoversApi {
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

  end: LeftoversApi["end"] = async (id, how) => {
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
    const look = async (store: PickedStore): Promise<FolderHas> => store.folderHas(await unsavedOf(leftover));
    const has = reach === "available" ? await this.#inFolder(entry!, look) : undefined;
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
      const unsaved = await unsavedOf(leftover);
      return await this.#inFolder(entry, (store) => store.recover(unsaved, copy));
    } catch (error) {
      const message = `${unspellPath(leftover.label!.path)} could not be saved: ${failureInWords(error)}`;
      throw new MachineError("not-saved", message, { cause: error });
    }
  }

  /** The store that is mounted knows what is open in it. */
  async #inFolder<T>({ id, handle }: FolderEntry, use: (store: PickedStore) => Promise<T>): Promise<T> {
    const mounted = this.folders.owned(id);
    if (mounted !== undefined) return use(mounted);
    const store = new PickedStore(handle, { scratch: this.scratch, folder: id });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
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
