import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreDirectory, StoreFile, StoreStat } from "../store.js";

/** A content that is open: for the guest, or while a change is read; a store opens a file once. */
interface Held {
  readonly open: Promise<OpenStoreFile>;
  holders: number;
}

/** The bytes that the guest wrote: files by number, in a directory of a store of their own. */
export class OverlayContents {
  readonly #held = new Map<number, Held>();
  /** How often each was written: whether it is still what was read. */
  readonly #revisions = new Map<number, number>();
  #last: number;

  private constructor(
    private readonly directory: StoreDirectory,
    last: number,
  ) {
    this.#last = last;
  }

  /** Removes what is not `used`: a killed tab, or a file that was open but removed, left it. */
  static async open(directory: StoreDirectory, used: ReadonlySet<number>): Promise<OverlayContents> {
    let last = Math.max(0, ...used);
    for (const { name } of await directory.list()) {
      last = Math.max(last, Number(name));
      if (!used.has(Number(name))) await directory.remove(name);
    }
    return new OverlayContents(directory, last);
  }

  /** A new empty content. */
  async create(): Promise<number> {
    const number = ++this.#last;
    await this.directory.createFile(String(number));
    return number;
  }

  async stat(number: number): Promise<StoreStat> {
    return (await this.#file(number)).stat();
  }

  /** Open for reading and writing until as many times released. */
  acquire(number: number): Promise<OpenStoreFile> {
    const held = this.#held.get(number) ?? { open: this.#open(number), holders: 0 };
    held.holders++;
    this.#held.set(number, held);
    held.open.catch(() => this.#held.delete(number));
    return held.open;
  }

  async release(number: number): Promise<void> {
    const held = this.#held.get(number);
    if (held === undefined || --held.holders > 0) return;
    this.#held.delete(number);
    await (await held.open).close();
  }

  /** Someone has it open. */
  isHeld(number: number): boolean {
    return this.#held.has(number);
  }

  changed(number: number): void {
    this.#revisions.set(number, this.revision(number) + 1);
  }

  revision(number: number): number {
    return this.#revisions.get(number) ?? 0;
  }

  /** No entry has it any more. Who has it open goes on with it. */
  async remove(number: number): Promise<void> {
    this.#revisions.delete(number);
    const held = this.#held.get(number);
    await (await held?.open)?.detach();
    await this.directory.remove(String(number));
  }

  async #open(number: number): Promise<OpenStoreFile> {
    return (await this.#file(number)).open(true);
  }

  async #file(number: number): Promise<StoreFile> {
    const entry = await this.directory.get(String(number));
    if (entry?.kind !== "file") throw new FsError(Errno.EIO, "the content of a change is missing");
    return entry.file;
  }
}
