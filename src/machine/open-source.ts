import type { Access } from "../client/types.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import { OPFS_IN_USE, openOpfs } from "../sources/open-opfs.js";
import type { FolderAccess } from "../storage/picked/folder-reach.js";
import { checkChromiumName } from "../storage/picked/chromium-name.js";
import type { PickedEvent } from "../storage/picked/picked-files.js";
import type { FolderEvent } from "../storage/port/messages.js";
import { unspell } from "../storage/spelling.js";
import type { Store } from "../storage/store.js";
import { OWN_DIRECTORY, openScratch } from "../storage/web/opfs-scratch.js";
import { MemoryScratch } from "../storage/web/memory-scratch.js";
import type { Scratch } from "../storage/web/scratch.js";
import type { Folders, OpenedPicked } from "./folders.js";
import type { Leftovers } from "./leftovers.js";
import type { SourceDescription } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import type { OpenedSource, StoreAccess } from "./active-share.js";
import type { ReportProblem as Report } from "./shares.js";
import type { Lower } from "./open-overlay.js";

/** What the visitor calls the source; a tag is made from it. */
export function sourceName(source: SourceDescription): string {
  if ("name" in source) return source.name;
  const stored = source.kind === "directory" ? source.handle.name : directoryNames(source.path).at(-1);
  return unspell(stored ?? "") || "browser";
}

/** Opens the stores of this Worker's shares. */
export class Sources {
  #scratch: Promise<Scratch> | undefined;
  #folders: Promise<Folders> | undefined;
  #leftovers: Promise<Leftovers> | undefined;

  /** Opens the store that `source` names; `report` tells later what became of it, in words for the visitor. */
  async open(source: SourceDescription, access: Access, report: Report): Promise<OpenedSource> {
    try {
      return await this.#open(source, sourceName(source), access, report);
    } catch (error) {
      if (error instanceof MachineError) throw error;
      const message = `“${sourceName(source)}” cannot be shared: ${(error as Error).message}`;
      throw new MachineError("bad-source", message, { cause: error });
    }
  }

  /** Lets go of the scratch directory; what could not be saved stays there. */
  async close(): Promise<void> {
    const scratch = await this.#scratch;
    await scratch?.close();
  }

  #open(source: SourceDescription, name: string, access: Access, report: Report): Promise<OpenedSource> {
    switch (source.kind) {
      case "opfs":
        return this.#opfs(directoryNames(source.path), name, access, report);
      case "directory":
        return this.#directory(source.handle, name, access, report);
      case "handles":
        return this.#looseFiles(source.handles, name, access, report);
      case "files":
        return this.#dropped(source.files, name, access, report);
      case "port":
        return this.#served(source.port, name, access, report);
    }
  }

  async #opfs(path: readonly string[], name: string, access: Access, report: Report): Promise<OpenedSource> {
    if (access === "copy-on-write") {
      throw new MachineError(
        "bad-source",
        "What this browser keeps is the machine's own: copy-on-write is for folders.",
      );
    }
    if (path[0] === OWN_DIRECTORY) throw new MachineError("bad-source", `${OWN_DIRECTORY} is the machine's own.`);
    const root = await privateFileSystem();
    const opened = await openOpfs(root, path, await this.#ownScratch(), report);
    if (!opened.isOwner) return { ...opened, kind: "opfs", name, access: "read-only", problem: OPFS_IN_USE };
    return { ...opened, kind: "opfs", name, access };
  }

  async #directory(
    handle: FileSystemDirectoryHandle,
    name: string,
    access: Access,
    report: Report,
  ): Promise<OpenedSource> {
    const path = await (await privateFileSystem().catch(() => undefined))?.resolve(handle);
    if (path) return this.#opfs(path, name, access, report);
    await checkPermission(handle, access === "read-write" ? "readwrite" : "read");
    return (await this.folders()).open(handle, access, (allowed, id) =>
      this.#picked(handle, name, allowed, report, { folder: id }),
    );
  }

  // The stores of the visitor's own folders are loaded when there is one: the page is there sooner.

  async #dropped(files: readonly DroppedEntry[], name: string, access: Access, report: Report): Promise<OpenedSource> {
    const { DroppedStore } = await import("../storage/dropped/dropped-store.js");
    const source: OpenedSource = { store: new DroppedStore(files), kind: "files", name, access: "read-only" };
    return access === "copy-on-write" ? this.#overlay({ source, report }) : source;
  }

  /** A folder of whoever is at the other end of `port`. */
  async #served(port: MessagePort, name: string, access: Access, report: Report): Promise<OpenedSource> {
    if (access === "copy-on-write") {
      throw new MachineError("bad-source", "A folder that another page serves cannot be shared as copy-on-write.");
    }
    const { PortStore } = await import("../storage/port/port-store.js");
    const problems = new Problems(name, report);
    const store = await PortStore.connect(port, { checkName: checkChromiumName, onEvent: (e) => problems.received(e) });
    return { store, kind: "directory", name, access: store.readOnly ? "read-only" : access };
  }

  async #looseFiles(
    handles: readonly FileSystemFileHandle[],
    name: string,
    access: Access,
    report: Report,
  ): Promise<OpenedSource> {
    const { LooseFiles } = await import("../storage/picked/loose-files.js");
    const directory = new LooseFiles(name, handles).asDirectory();
    return (await this.#picked(directory, name, access, report, { fixedNames: true })).source;
  }

  async #picked(
    handle: FileSystemDirectoryHandle,
    name: string,
    access: Access,
    report: Report,
    where: { readonly fixedNames?: boolean; readonly folder?: string },
  ): Promise<OpenedPicked> {
    const { PickedStore } = await import("../storage/picked/picked-store.js");
    const problems = new Problems(name, report);
    const options = {
      scratch: await this.#ownScratch(),
      share: name,
      ...where,
      onEvent: (event: PickedEvent) => problems.received(event),
    };
    const store = new PickedStore(handle, { ...options, readOnly: access !== "read-write" });
    await store.root.list(); // Says now, and not at the first command, that it cannot be read.
    if (access === "read-write" && where.folder !== undefined) await this.#clearSwaps(handle, where.folder);
    const source: OpenedSource = { store, kind: "directory", name, access };
    if (access !== "copy-on-write") return { source, picked: store };
    const openTarget = async (): Promise<Store> => {
      if ((await handle.queryPermission?.({ mode: "readwrite" })) === "prompt") {
        throw new MachineError("bad-source", `This page has not been allowed to write to “${name}” yet.`);
      }
      await checkPermission(handle, "readwrite");
      return new PickedStore(handle, options);
    };
    return { source: await this.#overlay({ source, report, openTarget, ...where }), picked: store };
  }

  /** What dead tabs left of saving is the browser's litter; what they wanted to save is in the scratch copies. */
  async #clearSwaps(handle: FileSystemDirectoryHandle, folder: string): Promise<void> {
    const { removeLeftSwap } = await import("../storage/picked/left-swaps.js");
    for (const leftover of await (await this.#ownScratch()).leftovers()) {
      if (leftover.label?.folder === folder) await removeLeftSwap(handle, leftover).catch(() => {}); // it is hidden from the guest
    }
  }

  async #overlay(lower: Omit<Lower, "scratch">): Promise<OpenedSource> {
    const { openOverlay } = await import("./open-overlay.js");
    // What lasts as long as the share leaves no trace in the browser.
    const scratch = lower.folder === undefined ? new MemoryScratch() : await this.#ownScratch();
    return openOverlay({ ...lower, scratch });
  }

  /** The picked folders of this Worker. */
  folders(): Promise<Folders> {
    this.#folders ??= import("./folders.js").then(({ Folders }) => new Folders());
    return this.#folders;
  }

  /** Whether dead tabs left scratch copies. */
  async hasLeftovers(): Promise<boolean> {
    return (await (await this.#ownScratch()).leftovers()).length > 0;
  }

  leftovers(): Promise<Leftovers> {
    this.#leftovers ??= (async () => {
      const { Leftovers } = await import("./leftovers.js");
      return new Leftovers(await this.#ownScratch(), await this.folders());
    })();
    return this.#leftovers;
  }

  #ownScratch(): Promise<Scratch> {
    this.#scratch ??= openScratch();
    return this.#scratch;
  }
}

async function checkPermission(handle: FileSystemDirectoryHandle, mode: "read" | "readwrite"): Promise<void> {
  if ((await handle.queryPermission?.({ mode })) !== "denied") return;
  const what = mode === "read" ? "read" : "write to";
  throw new MachineError("bad-source", `The browser does not let this page ${what} “${unspell(handle.name)}”.`);
}

async function privateFileSystem(): Promise<FileSystemDirectoryHandle> {
  try {
    return await navigator.storage.getDirectory();
  } catch (error) {
    const message = "This browser keeps no files for this page (a private window?): nothing can be stored in it.";
    throw new MachineError("unsupported", message, { cause: error });
  }
}

function directoryNames(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** What is wrong with a picked folder right now: the newest of what has not been put right. */
class Problems {
  readonly #problems = new Map<string, string>();
  #access: StoreAccess | undefined;

  constructor(
    private readonly name: string,
    private readonly report: Report,
  ) {}

  received(event: PickedEvent | FolderEvent): void {
    switch (event.kind) {
      case "conflict":
        this.#problems.set(
          event.path,
          `${event.path} was changed on both sides: the guest's version is saved as ${event.conflictName}.`,
        );
        break;
      case "not-saved":
        this.#problems.set(event.path, `${event.path} could not be saved and is tried again: ${event.why}`);
        break;
      case "not-readable":
        this.#problems.set(event.path, `${event.path} could not be opened: ${event.why}`);
        break;
      case "saved":
      case "readable":
        this.#problems.delete(event.path);
        break;
      case "access":
        this.#problems.delete("");
        this.#access = ACCESS[event.access];
        if (event.access === "gone") this.#problems.set("", `The folder “${this.name}” is gone from the disk.`);
        if (event.access === "denied") {
          this.#problems.set("", `The browser took back the permission for “${this.name}”. Share it again to go on.`);
        }
        break;
    }
    this.report([...this.#problems.values()].at(-1), this.#access);
  }
}

/** What a share's state says of it; nothing where the folder is there. */
const ACCESS: Partial<Record<FolderAccess, StoreAccess>> = { denied: "needs-permission", gone: "gone" };
