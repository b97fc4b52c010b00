import * as Comlink from "comlink";
import type { SourceDescription } from "../machine/machine-api.js";
import { MachineError } from "../machine/machine-error.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import { entriesOfDrop, entriesOfFileList, entriesOfRecord } from "../storage/dropped/dropped-entry.js";
import type { ShareSource } from "./types.js";

/** What loose files are shared under. */
const LOOSE_FILES = "files";

/** @internal What can be posted to the Worker for `source`. A `DataTransfer` must be passed before its drop handler returns. */
export function describeSource(source: ShareSource): Promise<SourceDescription> {
  if (source instanceof DataTransfer) return describeDrop(source);
  if ("opfs" in source) return Promise.resolve({ kind: "opfs", path: source.opfs });
  if ("port" in source) return Promise.resolve(Comlink.transfer({ kind: "port", ...source }, [source.port]));
  if ("handles" in source) return Promise.resolve({ kind: "handles", name: LOOSE_FILES, handles: source.handles });
  if ("files" in source) {
    const { files } = source;
    return Promise.resolve(
      describeFiles(files instanceof FileList ? entriesOfFileList(files) : entriesOfRecord(files)),
    );
  }
  if (source.kind === "directory") return Promise.resolve({ kind: "directory", handle: source });
  return Promise.reject(new MachineError("bad-source", "Only a directory can be shared, not a single file's handle."));
}

/** Loose files; those of one folder are shared under its name and without it in their paths. */
function describeFiles(entries: readonly DroppedEntry[]): SourceDescription {
  const roots = new Set(entries.map(({ path }) => path.slice(0, path.indexOf("/") + 1)));
  const [root = ""] = roots;
  if (roots.size !== 1 || root === "") return { kind: "files", name: LOOSE_FILES, files: entries };
  const files = entries.map((entry) => ({ ...entry, path: entry.path.slice(root.length) }));
  return { kind: "files", name: root.slice(0, -1), files };
}

async function describeDrop(drop: DataTransfer): Promise<SourceDescription> {
  const sources = await dropSources(drop);
  const [first, ...more] = sources;
  if (!first) throw new MachineError("bad-source", "Nothing was dropped that is a file or a folder.");
  if (more.length > 0) {
    throw new MachineError(
      "bad-source",
      "More than one folder was dropped: share each of `dropSources(dataTransfer)`.",
    );
  }
  return describeSource(first);
}

/**
 * The shares that a drop makes: each folder one, and all loose files together one. To be called before the drop handler
 * returns: the browser empties `drop` then (HTML, drag data store modes). What is dropped is live where the browser gives
 * handles (Chromium's `getAsFileSystemHandle`), else read-only.
 */
export async function dropSources(drop: DataTransfer): Promise<ShareSource[]> {
  const items = [...drop.items].filter((item) => item.kind === "file");
  const dropped = await Promise.all(items.map(droppedItem));
  const sources: ShareSource[] = [];
  const handles: FileSystemFileHandle[] = [];
  const files: Record<string, Blob> = {};
  for (const item of dropped) {
    if ("source" in item) sources.push(item.source);
    else if ("handle" in item) handles.push(item.handle);
    else if (item.file) files[item.file.name] = item.file;
  }
  if (handles.length > 0) sources.push({ handles });
  if (Object.keys(files).length > 0) sources.push({ files });
  return sources;
}

/**
 * What a drop consists of, folders with all that is in them: for what is to be put into a share, not shared itself. As
 * `dropSources` to be called before the drop handler returns.
 */
export function dropEntries(drop: DataTransfer): Promise<DroppedEntry[]> {
  const items = [...drop.items].filter((item) => item.kind === "file");
  const files = items.map((item) => item.getAsFile());
  const entries = items.map((item) => item.webkitGetAsEntry());
  // A file that a script made is no entry of a file system.
  const loose = files.filter((file, index) => file !== null && entries[index] === null) as File[];
  const below = entriesOfDrop(entries.filter((entry) => entry !== null));
  return below.then((found) => [...found, ...entriesOfFileList(loose)]);
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };
type DroppedItem =
  { readonly source: ShareSource } | { readonly handle: FileSystemFileHandle } | { readonly file: File | null };

/** Reads one item. Everything up to the first `await` happens inside the drop handler. */
async function droppedItem(item: DataTransferItem): Promise<DroppedItem> {
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry();
  const handle = await (item as HandleItem).getAsFileSystemHandle?.();
  if (handle?.kind === "directory") return { source: handle as FileSystemDirectoryHandle };
  if (handle) return { handle: handle as FileSystemFileHandle };
  if (!entry?.isDirectory) return { file };
  const entries = await entriesOfDrop([entry]);
  const files = entries.map(({ path, content }) => (content ? [path, content as File] : [`${path}/`, ""]));
  return { source: { files: Object.fromEntries(files) as Record<string, string | File> } };
}
