import type { Access } from "../client/types.js";
import { OPFS_IN_USE, openOpfs } from "../sources/open-opfs.js";
import { unspell } from "../storage/spelling.js";
import { OWN_DIRECTORY, openScratch } from "../storage/web/opfs-scratch.js";
import type { Scratch } from "../storage/web/scratch.js";
import type { OpenedSource } from "./active-share.js";
import type { Folders } from "./folders.js";
import type { Leftovers } from "./leftovers.js";
import type { SourceDescription } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import type { FolderDescription } from "./open-folder.js";
import type { ReportProblem as Report } from "./shares.js";

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
    if (source.kind === "opfs") return this.#opfs(directoryNames(source.path), name, access, report);
    return source.kind === "directory"
      ? this.#directory(source, name, access, report)
      : this.#folder(source, name, access, report);
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
    source: SourceDescription & { readonly kind: "directory" },
    name: string,
    access: Access,
    report: Report,
  ): Promise<OpenedSource> {
    const path = await (await privateFileSystem().catch(() => undefined))?.resolve(source.handle);
    return path ? this.#opfs(path, name, access, report) : this.#folder(source, name, access, report);
  }

  async #folder(source: FolderDescription, name: string, access: Access, report: Report): Promise<OpenedSource> {
    const { FolderSources } = await import("./open-folder.js");
    const surroundings = { scratch: () => this.#ownScratch(), folders: () => this.folders() };
    return new FolderSources(surroundings).open(source, name, access, report);
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
