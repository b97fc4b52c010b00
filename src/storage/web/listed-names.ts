import { shownNames } from "../spelling.js";
import { ByPath } from "./by-path.js";

/**
 * How the entries of the directories of a share are spelled, as they were last listed and as we have changed them since.
 * Directories are named by their path in the store's spelling.
 */
export class ListedNames {
  /** The store's names by the guest's. */
  readonly #directories = new ByPath<Map<string, string>>();

  /**
   * Takes the names of a directory, in the store's spelling. Gives the guest's by them. `canonical`: how a name is spelled
   * that this need not remember.
   */
  listed(directory: string, stored: Iterable<string>, canonical?: (name: string) => string): Map<string, string> {
    const shown = shownNames(stored);
    const names = new Map<string, string>();
    for (const [spelled, name] of shown) if (canonical?.(name) !== spelled) names.set(name, spelled);
    if (names.size > 0 || canonical === undefined) this.#directories.set(directory, names);
    else this.#directories.delete(directory);
    return shown;
  }

  /** The store's name of the entry that the guest calls `name`, if there is one as far as we know. */
  stored(directory: string, name: string): string | undefined {
    return this.#directories.get(directory)?.get(name);
  }

  made(directory: string, name: string, stored: string): void {
    const names = this.#directories.get(directory);
    if (names === undefined) this.#directories.set(directory, new Map([[name, stored]]));
    else names.set(name, stored);
  }

  gone(directory: string, name: string): void {
    this.#directories.get(directory)?.delete(name);
  }

  /** The directory at `from` was moved, with all below it. */
  moved(from: string, to: string): void {
    this.#directories.rename(from, to);
  }

  /** The directory is gone. */
  removed(directory: string): void {
    this.#directories.delete(directory);
  }
}
