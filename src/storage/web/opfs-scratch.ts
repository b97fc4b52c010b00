import { AccessHandle } from "./access-handle.js";
import { ifThere, inBrowser } from "./dom-errors.js";
import type { HeldLock } from "./locks.js";
import { holdLock } from "./locks.js";
import { ScratchJournal, readJournal } from "./scratch-journal.js";
import type { AdoptedFile, CopyLabel, Leftover, Scratch, ScratchFile } from "./scratch.js";

/** The directory in the root of OPFS that holds what is ours. No share shows it. */
export const OWN_DIRECTORY = ".v86-virtiofs";

/** In {@link OWN_DIRECTORY}: a directory for each owner, with a journal of its copies. */
export const SCRATCH = "scratch";
export const JOURNAL = "journal";
export const COPY = "copy-";
const DETACHED = "detached-";
const MOST_SPARE = 8;

/** Opens this worker's scratch directory, and clears away what dead ones left that nobody needs. In memory without OPFS. */
export async function openScratch(): Promise<Scratch> {
  try {
    const root = await navigator.storage.getDirectory();
    const own = await root.getDirectoryHandle(OWN_DIRECTORY, { create: true });
    const all = await own.getDirectoryHandle(SCRATCH, { create: true });
    const owner = crypto.randomUUID();
    // The lock comes first: a directory whose lock is free has a dead owner.
    const lock = await holdLock(lockName(owner));
    const directory = await all.getDirectoryHandle(owner, { create: true });
    const journal = await AccessHandle.open(await directory.getFileHandle(JOURNAL, { create: true }));
    return new OpfsScratch(all, directory, new ScratchJournal(journal), lock);
  } catch {
    // SecurityError in Firefox's private windows, UnknownError in Safari's, NotSupportedError in WebKitGTK 2.50.
    return new (await import("./memory-scratch.js")).MemoryScratch();
  }
}

class OpfsScratch implements Scratch {
  readonly persistent = true;
  readonly #all: FileSystemDirectoryHandle;
  readonly #directory: FileSystemDirectoryHandle;
  readonly #journal: ScratchJournal;
  readonly #lock: HeldLock | undefined;
  readonly #spare: OpfsScratchFile[] = [];
  readonly #locksOfDead: HeldLock[] = [];
  readonly #leftovers: Promise<readonly Leftover[]>;
  #last = 0;

  constructor(
    all: FileSystemDirectoryHandle,
    directory: FileSystemDirectoryHandle,
    journal: ScratchJournal,
    lock: HeldLock | undefined,
  ) {
    this.#all = all;
    this.#directory = directory;
    this.#journal = journal;
    this.#lock = lock;
    this.#leftovers = this.#sweep();
    this.#leftovers.catch(() => {}); // whoever asks for them gets the error
  }

  take(): ScratchFile | Promise<ScratchFile> {
    return this.#spare.pop() ?? this.#create();
  }

  async adopt(file: FileSystemFileHandle): Promise<AdoptedFile> {
    const name = `${DETACHED}${++this.#last}`;
    return inBrowser("set aside a removed file", async () => {
      await file.move!(this.#directory, name);
      const handle = await this.#directory.getFileHandle(name);
      return { handle, remove: () => inBrowser("remove", () => this.#directory.removeEntry(name)) };
    });
  }

  leftovers(): Promise<readonly Leftover[]> {
    return this.#leftovers;
  }

  async close(): Promise<void> {
    await this.#leftovers.catch(() => {});
    for (const file of this.#spare.splice(0)) await this.#remove(file);
    const kept = this.#journal.anyLabelled();
    this.#journal.close();
    // An empty directory of a live owner is the next sweep's at worst.
    if (!kept) await this.#all.removeEntry(this.#directory.name, { recursive: true }).catch(() => {});
    for (const lock of this.#locksOfDead) lock.release();
    this.#lock?.release();
  }

  async #create(): Promise<ScratchFile> {
    const id = ++this.#last;
    this.#journal.unlabel(id);
    return inBrowser("create a scratch file", async () => {
      const handle = await this.#directory.getFileHandle(`${COPY}${id}`, { create: true });
      const access = await AccessHandle.open(handle);
      return new OpfsScratchFile(id, handle, access, this.#journal, (file) => this.#takeBack(file));
    });
  }

  /** First the journal: an emptied file that it still names would be offered to the visitor as unsaved content. */
  #takeBack(file: OpfsScratchFile): void | Promise<void> {
    try {
      this.#journal.unlabel(file.id);
    } catch {
      return this.#remove(file); // no room for the line
    }
    if (this.#spare.length >= MOST_SPARE) return this.#remove(file);
    file.truncate(0);
    this.#spare.push(file);
  }

  async #remove(file: OpfsScratchFile): Promise<void> {
    file.keep();
    await this.#directory.removeEntry(`${COPY}${file.id}`).catch(() => {}); // then the next sweep does: it has no label
  }

  /** Goes through the directories of dead owners: removes what went with them, and finds the copies that did not. */
  async #sweep(): Promise<readonly Leftover[]> {
    const leftovers: Leftover[] = [];
    for await (const [name, directory] of this.#all.entries()) {
      if (name === this.#directory.name || directory.kind !== "directory") continue;
      const lock = await holdLock(lockName(name));
      if (lock === undefined) continue;
      let left = 0;
      const removeIfEmpty = async (): Promise<void> => {
        if (left > 0) return;
        await this.#all.removeEntry(name, { recursive: true });
        lock.release();
      };
      const found = await sweepDirectory(directory);
      for (const leftover of found) {
        const discard = async (): Promise<void> => {
          await leftover.discard();
          left--;
          await removeIfEmpty();
        };
        leftovers.push({ ...leftover, discard });
      }
      left = found.length;
      this.#locksOfDead.push(lock); // theirs to finish or discard is ours now, and no other tab's
      await removeIfEmpty();
    }
    return leftovers;
  }
}

class OpfsScratchFile implements ScratchFile {
  readonly id: number;
  readonly #handle: FileSystemFileHandle;
  readonly #access: AccessHandle;
  readonly #journal: ScratchJournal;
  readonly #giveBack: (file: OpfsScratchFile) => void | Promise<void>;

  constructor(
    id: number,
    handle: FileSystemFileHandle,
    access: AccessHandle,
    journal: ScratchJournal,
    giveBack: (file: OpfsScratchFile) => void | Promise<void>,
  ) {
    this.id = id;
    this.#handle = handle;
    this.#access = access;
    this.#journal = journal;
    this.#giveBack = giveBack;
  }

  get size(): number {
    return this.#access.size;
  }
  read(offset: number, into: readonly Uint8Array[]): number {
    return this.#access.read(offset, into);
  }
  write(offset: number, from: readonly Uint8Array[]): void {
    this.#access.write(offset, from);
  }
  truncate(size: number): void {
    this.#access.truncate(size);
  }
  blob(): Promise<Blob> {
    return inBrowser("read a scratch file", () => this.#handle.getFile());
  }
  label(label: CopyLabel): void {
    this.#journal.label(this.id, label);
  }
  unlabel(): void {
    this.#journal.unlabel(this.id);
  }
  release(): void | Promise<void> {
    return this.#giveBack(this);
  }
  keep(): void {
    this.#access.close();
  }
}

function lockName(owner: string): string {
  return `v86-virtiofs:scratch:${owner}`;
}

/** Removes a dead owner's content that nobody needs, and gives the rest. Content that the journal does not name is kept. */
async function sweepDirectory(directory: FileSystemDirectoryHandle): Promise<Leftover[]> {
  const journal = await ifThere("read the journal", () => directory.getFileHandle(JOURNAL));
  const labels = journal === undefined ? new Map() : readJournal(await (await journal.getFile()).text());
  const leftovers: Leftover[] = [];
  for await (const [name, entry] of directory.entries()) {
    if (entry.kind !== "file" || name === JOURNAL) continue;
    const label: CopyLabel | "free" | undefined = labels.get(Number(name.slice(COPY.length)));
    const unnamedAndEmpty = label === undefined && (await entry.getFile()).size === 0;
    if (name.startsWith(DETACHED) || label === "free" || unnamedAndEmpty) {
      await directory.removeEntry(name);
    } else {
      const discard = (): Promise<void> => inBrowser("discard", () => directory.removeEntry(name));
      leftovers.push({ label, file: () => inBrowser("read a leftover", () => entry.getFile()), discard });
    }
  }
  return leftovers;
}
