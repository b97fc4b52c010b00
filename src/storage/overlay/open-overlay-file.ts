import type { Awaitable } from "../../posix/awaitable.js";
import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, StoreFile, StoreStat } from "../store.js";
import { Turns } from "../web/turns.js";
import { gather } from "../web/views.js";
import type { Overlay } from "./overlay.js";
import { split } from "./overlay.js";
import type { Entry, Hidden, Put } from "./overlay-tree.js";
import { copyBytes } from "./copy-bytes.js";

const ATTEMPTS = 3;

/** The guest's own bytes of an open file. */
interface Own {
  readonly content: number;
  readonly open: OpenStoreFile;
}

/** The folder's bytes of an open file, and which version they are of. */
interface Theirs {
  readonly file: StoreFile;
  readonly open: OpenStoreFile;
  readonly version: StoreStat;
}

/** An open file: read from the folder until the first write copies it, then the guest's own. */
export class OpenOverlayFile implements OpenStoreFile {
  readonly writable = true;
  #own: Own | undefined;
  #theirs: Theirs | undefined;
  /** Changes that cannot be made at once, in order. */
  readonly #changes = new Turns();
  /** Its name went, or stands for something else: the content goes with this. */
  #isAlone = false;
  /** The content is no change any more (applied or discarded); it is again with the next write. The folder has this then. */
  #applied: { readonly over: Hidden | undefined } | undefined;

  private constructor(
    private readonly overlay: Overlay,
    /** The guest's; follows renames. */
    public path: string,
    source: { readonly own?: Own; readonly theirs?: Theirs },
  ) {
    this.#own = source.own;
    this.#theirs = source.theirs;
  }

  static async ofContent(overlay: Overlay, path: string, content: number): Promise<OpenOverlayFile> {
    return new OpenOverlayFile(overlay, path, { own: { content, open: await overlay.contents.acquire(content) } });
  }

  static async ofFolder(overlay: Overlay, path: string, file: StoreFile): Promise<OpenOverlayFile> {
    const version = await file.stat();
    return new OpenOverlayFile(overlay, path, { theirs: { file, open: await file.open(false), version } });
  }

  size(): number {
    return this.#open.size();
  }

  read(offset: number, into: readonly Uint8Array[]): number | Promise<Uint8Array> {
    return this.#open.read(offset, into);
  }

  write(offset: number, from: readonly Uint8Array[]): Awaitable<void> {
    const own = this.#ready;
    if (own !== undefined) return own.open.write(offset, from);
    const bytes = gather(from);
    return this.#changes.run(async () => (await this.#makeOwn(Infinity)).open.write(offset, [bytes]));
  }

  truncate(size: number): Awaitable<void> {
    const own = this.#ready;
    if (own !== undefined) return own.open.truncate(size);
    return this.#changes.run(async () => (await this.#makeOwn(size)).open.truncate(size));
  }

  async flush(): Promise<void> {
    await this.#changes.run(async () => {});
    await this.#own?.open.flush();
    if (!this.#isAlone) await this.overlay.tree.flush();
  }

  /** What was written is in the browser's hands, and nobody else's yet. */
  unsaved(): number {
    return 0;
  }

  async detach(): Promise<void> {
    await this.#changes.run(async () => {});
    this.standAlone();
  }

  async close(): Promise<void> {
    await this.#changes.run(async () => {});
    if (this.overlay.open.get(this.path) === this) this.overlay.open.delete(this.path);
    await this.#theirs?.open.close();
    const own = this.#own;
    if (own === undefined) return;
    const isListed = this.#isListed(own.content);
    await this.overlay.contents.release(own.content);
    if (!isListed) await this.overlay.contents.remove(own.content).catch(() => {}); // its name's removal did
  }

  /** Nothing that is written reaches a name from now on. */
  standAlone(): void {
    this.#isAlone = true;
  }

  /** The guest's content is no change any more: the folder has `over`. A write makes it one again. */
  applied(over: Hidden | undefined): void {
    if (this.#own !== undefined) this.#applied = { over };
  }

  get #open(): OpenStoreFile {
    const open = this.#own?.open ?? this.#theirs?.open;
    if (open === undefined) throw new FsError(Errno.EBADF);
    return open;
  }

  /** What can be written at once. */
  get #ready(): Own | undefined {
    if (this.#own === undefined || !this.#changes.free) return undefined;
    this.#changed(this.#own.content);
    return this.#own;
  }

  #changed(content: number): void {
    this.overlay.contents.changed(content);
    if (this.#applied === undefined || this.#isAlone) return;
    this.#list({ kind: "file", content, ...(this.#applied.over && { over: this.#applied.over }) });
    this.#applied = undefined;
  }

  /** The guest's own bytes, made of the first `length` of the folder's where there are none yet. */
  async #makeOwn(length: number): Promise<Own> {
    if (this.#own !== undefined) {
      this.#changed(this.#own.content);
      return this.#own;
    }
    const kept = this.#isAlone ? undefined : this.overlay.entry(this.path);
    if (kept !== undefined && "content" in kept) {
      this.#own = { content: kept.content, open: await this.overlay.contents.acquire(kept.content) };
      return this.#own;
    }
    const content = await this.overlay.contents.create();
    const open = await this.overlay.contents.acquire(content);
    try {
      const version = await this.#copy(open, length);
      if (!this.#isAlone) {
        const over = this.overlay.entry(this.path)?.over;
        const isMoved = this.overlay.entry(this.path) !== undefined;
        const hidden: Hidden | undefined = isMoved ? over : { kind: "file", ...version };
        this.#list({ kind: "file", content, ...(hidden && { over: hidden }) });
      }
    } catch (error) {
      await this.overlay.contents.release(content);
      await this.overlay.contents.remove(content).catch(() => {});
      throw error;
    }
    this.#own = { content, open };
    await this.#theirs?.open.close();
    this.#theirs = undefined;
    return this.#own;
  }

  /** Afresh where the file changes meanwhile. Gives the version that it copied. */
  async #copy(to: OpenStoreFile, length: number): Promise<StoreStat> {
    for (let attempt = 1; ; attempt++) {
      const { file, open, version } = this.#theirs!;
      if (length === 0) return version;
      await copyBytes(open, to, Math.min(length, open.size()));
      const after = this.#isAlone ? version : await file.stat();
      if (isSame(after, version)) return version;
      if (attempt === ATTEMPTS) throw new FsError(Errno.EIO, "the file keeps changing while it is copied");
      await open.close();
      await to.truncate(0);
      this.#theirs = { file, version: after, open: await file.open(false) };
    }
  }

  #list(entry: Entry): void {
    const [parent, name] = split(this.path);
    const puts: Put[] = [];
    const id = this.overlay.idOf(parent, puts);
    this.overlay.tree.put(...puts, [id, name, entry]);
  }

  #isListed(content: number): boolean {
    if (this.#isAlone || this.#applied !== undefined) return false;
    const entry = this.overlay.entry(this.path);
    return entry !== undefined && "content" in entry && entry.content === content;
  }
}

function isSame(a: StoreStat, b: StoreStat): boolean {
  return a.size === b.size && a.lastModified === b.lastModified;
}
