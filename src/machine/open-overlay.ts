import { openRecords } from "../fs/open-records.js";
import { Records } from "../fs/records.js";
import { MemoryRecordLog } from "../storage/memory/memory-record-log.js";
import { MemoryStore } from "../storage/memory/memory-store.js";
import { OpfsRecordLog } from "../storage/opfs/opfs-record-log.js";
import { OpfsStore } from "../storage/opfs/opfs-store.js";
import { applyChanges } from "../storage/overlay/apply-changes.js";
import { changesOf } from "../storage/overlay/changes.js";
import { discardChanges } from "../storage/overlay/discard-changes.js";
import { OverlayStore } from "../storage/overlay/overlay-store.js";
import { readChange } from "../storage/overlay/read-change.js";
import type { Store } from "../storage/store.js";
import { inBrowser } from "../storage/web/dom-errors.js";
import { OWN_DIRECTORY } from "../storage/web/opfs-scratch.js";
import type { Scratch } from "../storage/web/scratch.js";
import type { OpenedSource } from "./active-share.js";
import type { ChangeSource } from "./change-source.js";
import { MachineError } from "./machine-error.js";

export interface Lower {
  /** The source open for reading. */
  readonly source: OpenedSource;
  /** Id of the folder whose changes are kept for the next visit, and of which the caller is the one owner. Missing: they last as long as the share. */
  readonly folder?: string;
  /** The same folder open for writing, to apply changes. Missing: nothing can be written into it. */
  readonly openTarget?: () => Promise<Store>;
  readonly scratch: Scratch;
  readonly report: (problem: string | undefined) => void;
}

/** A source that the guest may change without changing it: what it writes is kept in the browser. */
export async function openOverlay(lower: Lower): Promise<OpenedSource> {
  const { source, folder, scratch } = lower;
  if (folder === undefined || !scratch.persistent) {
    const store = await OverlayStore.open({
      lower: source.store,
      contents: new MemoryStore(),
      log: new MemoryRecordLog(),
    });
    const records = Records.inMemory();
    return { ...source, store, access: "copy-on-write", records, changes: changesIn(store, lower) };
  }
  const logs: OpfsRecordLog[] = [];
  const release = (): void => {
    for (const log of logs) log.close();
  };
  try {
    const [directory, contents] = await directoriesOf(folder);
    const log = await OpfsRecordLog.openIn(directory, "names");
    logs.push(log);
    const attributes = await OpfsRecordLog.openIn(directory, "attributes");
    logs.push(attributes);
    const store = await OverlayStore.open({
      lower: source.store,
      contents: await OpfsStore.open(contents, { scratch }),
      log,
    });
    const records = await openRecords(attributes, store, lower.report);
    return { ...source, store, access: "copy-on-write", records, changes: changesIn(store, lower), release };
  } catch (error) {
    release();
    throw error;
  }
}

function directoriesOf(id: string): Promise<[own: FileSystemDirectoryHandle, contents: FileSystemDirectoryHandle]> {
  return inBrowser("open the changes of the folder", async () => {
    let directory = await navigator.storage.getDirectory();
    for (const name of [OWN_DIRECTORY, "changes", id]) {
      directory = await directory.getDirectoryHandle(name, { create: true });
    }
    return [directory, await directory.getDirectoryHandle("content", { create: true })];
  });
}

function changesIn({ overlay }: OverlayStore, { openTarget }: Lower): ChangeSource {
  return {
    get count() {
      return overlay.tree.count();
    },
    list: () => changesOf(overlay),
    read: (path, side, offset, length) => readChange(overlay, path, side, offset, length),
    discard: (paths) => discardChanges(overlay, paths),
    async apply(paths, onProgress) {
      if (openTarget === undefined) {
        throw new MachineError("bad-source", "There is no way to write into the folder here: download the changes.");
      }
      const target = await openTarget();
      try {
        return await applyChanges(overlay, target, paths, onProgress);
      } finally {
        await target.close();
      }
    },
  };
}
