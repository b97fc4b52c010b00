/** So many are kept: more than are read ahead. */
const MOST = 512;
/** A larger one is not read whole. */
const LARGEST = 64 << 10;

/**
 * Files as the browser gave them for their size, each kept for whoever reads it next: to ask for it again costs the browser's
 * process as much as before, 0.1 ms (Chromium 156). By path. None is kept that may have been written since.
 */
export class RecentFiles {
  readonly #files = new Map<string, File>();
  /** How often something happened after which a file may not be what it was. */
  #changes = 0;

  /** Asks the browser by `ask`, and keeps the answer. */
  async ask(path: string, ask: () => Promise<File>): Promise<File> {
    const changes = this.#changes;
    const file = await ask();
    if (changes !== this.#changes || file.size === 0 || file.size > LARGEST) return file;
    this.#files.delete(path);
    this.#files.set(path, file);
    if (this.#files.size > MOST) this.#files.delete(this.#files.keys().next().value!);
    return file;
  }

  /** What was kept of the path, once. */
  take(path: string): File | undefined {
    const file = this.#files.get(path);
    this.#files.delete(path);
    return file;
  }

  /** The file at the path is opened, closed, moved or gone. */
  changed(path: string): void {
    this.#changes++;
    this.#files.delete(path);
  }

  /** Any may be. */
  clear(): void {
    this.#changes++;
    this.#files.clear();
  }
}
