import type { Access, ShareState } from "../client/types.js";
import { openRecords } from "../fs/open-records.js";
import { Records } from "../fs/records.js";
import { type FolderEntry, changeFolderEntry, folderEntries } from "../storage/folders/folder-entries.js";
import { folderRecords } from "../storage/folders/folder-names.js";
import { type HeldFolder, holdFolder, type Obstacle } from "../storage/folders/hold-folder.js";
import { OpfsRecordLog } from "../storage/opfs/opfs-record-log.js";
import type { PickedStore } from "../storage/picked/picked-store.js";
import type { RecordLog } from "../storage/store.js";
import { unspell } from "../storage/spelling.js";
import { failureInWords } from "../storage/web/failure-words.js";
import type { OpenedSource } from "./active-share.js";
import type { ShareRequest } from "./machine-api.js";
import { MachineError } from "./machine-error.js";

/** The source of a picked folder, and the store that reaches the folder itself. */
export interface OpenedPicked {
  readonly source: OpenedSource;
  readonly picked: PickedStore;
}

/** Opens a picked folder, for no more access than `access`. */
type OpenPicked = (access: Access, folder: string) => Promise<OpenedPicked>;

/** The picked folders of this Worker: each is remembered, has one owner, and keeps its attribute records from visit to visit. */
export class Folders {
  /** Those that this Worker is the owner of. */
  readonly #owned = new Map<string, PickedStore>();
  /** Their tags. Another share of such a folder is not what the next visit is to have. */
  readonly #tags = new Map<string, string>();

  async open(handle: FileSystemDirectoryHandle, access: Access, openPicked: OpenPicked): Promise<OpenedSource> {
    const held = await holdFolder(handle);
    const folder = held.id;
    const { obstacle } = held;
    try {
      const { source, picked } = await openPicked(obstacle === undefined ? access : "read-only", folder);
      if (obstacle !== undefined) return { ...source, folder, problem: this.#explain(obstacle) };
      // A source that is changed beside the folder keeps its own.
      const kept = source.records ? undefined : await keepRecords(held, picked);
      this.#owned.set(folder, picked);
      const release = (): void => {
        this.#owned.delete(folder);
        source.release?.();
        kept?.close();
        held.release();
      };
      return { ...source, folder, ...kept, release };
    } catch (error) {
      held.release();
      if (error instanceof MachineError) throw error;
      const message = `“${unspell(handle.name)}” cannot be shared: ${failureInWords(error)}`;
      throw new MachineError("bad-source", message, { cause: error });
    }
  }

  /** All that the browser remembers. */
  async entries(): Promise<FolderEntry[]> {
    return folderEntries().catch((): FolderEntry[] => []);
  }

  /** The store of a folder that this Worker writes to. */
  owned(folder: string): PickedStore | undefined {
    const store = this.#owned.get(folder);
    return store?.readOnly === false ? store : undefined;
  }

  /** It is mounted: so it is to be at the next visit. */
  async shared({ folder, tag }: ShareState, { access = "read-write", mountPoint }: ShareRequest): Promise<void> {
    if (folder === undefined || !this.#owned.has(folder) || this.#tags.has(folder)) return;
    this.#tags.set(folder, tag);
    const where = mountPoint === undefined ? {} : { mountPoint };
    await remember(folder, { tag, access, ...where, lastShared: Date.now(), removed: false });
  }

  /** The visitor removed the share. */
  async removed({ folder, tag }: ShareState): Promise<void> {
    if (folder === undefined || this.#tags.get(folder) !== tag) return;
    this.#tags.delete(folder);
    await remember(folder, { removed: true });
  }

  #explain({ kind, of }: Obstacle): string {
    const here = this.#owned.has(of.id);
    const help = here ? "Remove that share, and share this again, to write." : "Close that one and reload to write.";
    if (kind === "same") return `${here ? "It is shared already" : "Another tab has it open"}: read-only here. ${help}`;
    const lies = kind === "inside" ? `It lies inside “${of.handle.name}”` : `It has “${of.handle.name}” in it`;
    const mountPoint = of.mountPoint ?? (of.tag === undefined ? undefined : `/mnt/${of.tag}`);
    const where = mountPoint === undefined ? "" : ` at ${mountPoint}`;
    return `${lies}, which ${here ? `is shared already${where}` : "another tab has open"}: read-only here. ${help}`;
  }
}

interface KeptRecords {
  readonly records: Records;
  readonly problem?: string;
  close(): void;
}

/** The folder's attribute records. Where the browser keeps none (private windows, no room) they last as long as the share. */
async function keepRecords({ id }: HeldFolder, store: PickedStore): Promise<KeptRecords> {
  let log: OpfsRecordLog;
  try {
    log = await OpfsRecordLog.open(folderRecords(id));
  } catch (error) {
    const problem = `Modes, owners and links that Linux gives its files last for this visit only: ${(error as Error).message}.`;
    return { records: Records.inMemory(), problem, close: () => {} };
  }
  try {
    return { ...(await readRecords(log, store)), close: () => log.close() };
  } catch (error) {
    log.close();
    throw error;
  }
}

async function readRecords(log: RecordLog, store: PickedStore): Promise<{ records: Records; problem?: string }> {
  // What was cut off cannot be ended where nothing may be written: a later visit does it.
  if (store.readOnly) return { records: await Records.open(log) };
  const problems: string[] = [];
  const records = await openRecords(log, store, (problem) => problems.push(problem));
  return { records, ...(problems.length > 0 && { problem: problems.join(" ") }) };
}

/** The share works also where the browser keeps no entry for it. */
async function remember(folder: string, change: Parameters<typeof changeFolderEntry>[1]): Promise<void> {
  await changeFolderEntry(folder, change).catch((error: unknown) => console.debug("Not remembered:", error));
}
