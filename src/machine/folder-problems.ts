import type { FolderAccess } from "../storage/picked/folder-reach.js";
import type { PickedEvent } from "../storage/picked/picked-files.js";
import type { FolderEvent } from "../storage/port/messages.js";
import type { StoreAccess } from "./active-share.js";
import type { ReportProblem as Report } from "./shares.js";

/** So many files are told of one by one. */
const MOST = 3;

/** What is wrong with a picked folder right now, the newest first; where it cannot be reached, only that. */
export class FolderProblems {
  /** By path. */
  readonly #files = new Map<string, string>();
  #folder: string | undefined;
  #access: StoreAccess | undefined;

  constructor(
    private readonly name: string,
    private readonly report: Report,
  ) {}

  received(event: PickedEvent | FolderEvent): void {
    switch (event.kind) {
      case "conflict":
        this.#add(
          event.path,
          `${event.path} was changed on both sides: the guest's version is saved as ${event.conflictName}.`,
        );
        break;
      case "not-saved":
        this.#add(event.path, `${event.path} could not be saved and is tried again: ${event.why}`);
        break;
      case "not-readable":
        this.#add(event.path, `${event.path} could not be opened: ${event.why}`);
        break;
      case "saved":
      case "readable":
        this.#files.delete(event.path);
        break;
      case "access":
        this.#access = ACCESS[event.access];
        this.#folder = this.#inWords(event.access);
        break;
    }
    this.report(this.#folder ?? this.#ofFiles(), this.#access);
  }

  #add(path: string, problem: string): void {
    // What is tried again and again is no news: equal words are not read out again.
    if (this.#files.get(path) === problem) return;
    this.#files.delete(path); // it is the newest now
    this.#files.set(path, problem);
  }

  #ofFiles(): string | undefined {
    if (this.#files.size === 0) return undefined;
    const problems = [...this.#files.values()].toReversed();
    const more = problems.length - MOST;
    const others = more <= 0 ? [] : [more === 1 ? "1 more file has a problem." : `${more} more files have a problem.`];
    return [...problems.slice(0, MOST), ...others].join(" ");
  }

  #inWords(access: FolderAccess): string | undefined {
    switch (access) {
      case "available":
        return undefined;
      case "gone":
        return `The folder “${this.name}” is gone from the disk. What is not saved is kept: bring the folder back to its place.`;
      case "denied":
        return `The browser took back the permission for “${this.name}”. Allow it again, or share it again, to go on.`;
    }
  }
}

/** What a share's state says of it; nothing where the folder is there. */
const ACCESS: Partial<Record<FolderAccess, StoreAccess>> = { denied: "needs-permission", gone: "gone" };
