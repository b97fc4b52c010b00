import type { Access } from "../client/types.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import { checkChromiumName } from "../storage/picked/chromium-name.js";
import type { PickedEvent } from "../storage/picked/picked-files.js";
import { unspell } from "../storage/spelling.js";
import type { Store } from "../storage/store.js";
import { MemoryScratch } from "../storage/web/memory-scratch.js";
import type { Scratch } from "../storage/web/scratch.js";
import type { OpenedSource } from "./active-share.js";
import { FolderProblems } from "./folder-problems.js";
import type { Folders, OpenedPicked } from "./folders.js";
import type { SourceDescription } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import type { Lower } from "./open-overlay.js";
import type { ReportProblem as Report } from "./shares.js";

/** Any source but a directory of OPFS. */
export type FolderDescription = Exclude<SourceDescription, { readonly kind: "opfs" }>;

/** What the Worker's shares have in common. */
export interface FolderSurroundings {
  scratch(): Promise<Scratch>;
  folders(): Promise<Folders>;
}

/** Opens the stores of the visitor's own folders and files: loaded when there is one, as the page is there sooner so. */
export class FolderSources {
  constructor(private readonly surroundings: FolderSurroundings) {}

  open(source: FolderDescription, name: string, access: Access, report: Report): Promise<OpenedSource> {
    switch (source.kind) {
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

  async #directory(
    handle: FileSystemDirectoryHandle,
    name: string,
    access: Access,
    report: Report,
  ): Promise<OpenedSource> {
    await checkPermission(handle, access === "read-write" ? "readwrite" : "read");
    return (await this.surroundings.folders()).open(handle, access, (allowed, id) =>
      this.#picked(handle, name, allowed, report, { folder: id }),
    );
  }

  async #dropped(files: readonly DroppedEntry[], name: string, access: Access, report: Report): Promise<OpenedSource> {
    const { DroppedStore } = await import("../storage/dropped/dropped-store.js");
    const store = new DroppedStore(files);
    const source: OpenedSource = { store, kind: "files", name, access: "read-only", isOwn: true };
    return access === "copy-on-write" ? this.#overlay({ source, report }) : source;
  }

  /** A folder of whoever is at the other end of `port`. */
  async #served(port: MessagePort, name: string, access: Access, report: Report): Promise<OpenedSource> {
    const { PortStore } = await import("../storage/port/port-store.js");
    const problems = new FolderProblems(name, report);
    const store = await PortStore.connect(port, { checkName: checkChromiumName, onEvent: (e) => problems.received(e) });
    const { problem } = store;
    const told = problem === undefined ? {} : { problem };
    if (access === "copy-on-write") {
      return this.#overlay({ source: { store, kind: "directory", name, access: "read-only", ...told }, report });
    }
    return { store, kind: "directory", name, access: store.readOnly ? "read-only" : access, ...told };
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
    const problems = new FolderProblems(name, report);
    const options = {
      scratch: await this.surroundings.scratch(),
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
      // What could not be applied is told by whoever applies, and is not tried again.
      const onEvent = (event: PickedEvent): void => void (event.kind !== "not-saved" && problems.received(event));
      return new PickedStore(handle, { ...options, onEvent });
    };
    return { source: await this.#overlay({ source, report, openTarget, ...where }), picked: store };
  }

  /** What dead tabs left of saving is the browser's litter; what they wanted to save is in the scratch copies. */
  async #clearSwaps(handle: FileSystemDirectoryHandle, folder: string): Promise<void> {
    const { removeLeftSwap } = await import("../storage/picked/left-swaps.js");
    for (const leftover of await (await this.surroundings.scratch()).leftovers()) {
      if (leftover.label?.folder === folder) await removeLeftSwap(handle, leftover).catch(() => {}); // it is hidden from the guest
    }
  }

  async #overlay(lower: Omit<Lower, "scratch">): Promise<OpenedSource> {
    const { openOverlay } = await import("./open-overlay.js");
    // What lasts as long as the share leaves no trace in the browser.
    const scratch = lower.folder === undefined ? new MemoryScratch() : await this.surroundings.scratch();
    return openOverlay({ ...lower, scratch });
  }
}

async function checkPermission(handle: FileSystemDirectoryHandle, mode: "read" | "readwrite"): Promise<void> {
  if ((await handle.queryPermission?.({ mode })) !== "denied") return;
  const what = mode === "read" ? "read" : "write to";
  throw new MachineError("bad-source", `The browser does not let this page ${what} “${unspell(handle.name)}”.`);
}
