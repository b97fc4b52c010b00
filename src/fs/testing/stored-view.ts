import type { MemoryFile } from "../../storage/memory/memory-file.js";
import type { MemoryDirectory, MemoryStore } from "../../storage/memory/memory-store.js";
import { decodeName } from "../../posix/name.js";
import { isSpecial } from "../node-records.js";
import { type NodeRecord, type RecordPlace, type Records, ROOT_RECORD } from "../records.js";

/**
 * What a memory store and its records hold, times apart, without a file system in between: a line for each path, as
 * `d/link: 3 names, mode, "content"`. Nothing is opened, so that it may be looked at while it is in use.
 */
export function storedView(records: Records, store: MemoryStore): string[] {
  const lines: string[] = [];
  const walk = (directory: MemoryDirectory, id: number | undefined, path: string): void => {
    const kept: ReadonlyMap<string, NodeRecord> = id === undefined ? new Map() : records.in(id);
    for (const entry of directory.list()) {
      const record = kept.get(entry.name) ?? {};
      if (entry.kind === "directory") {
        lines.push(`${path}${entry.name}/: ${attributes(record)}`);
        walk(entry.directory as MemoryDirectory, record.id, `${path}${entry.name}/`);
      } else {
        lines.push(`${path}${entry.name}: ${attributes(record)} ${content(entry.file as MemoryFile)}`);
      }
    }
    for (const [name, record] of kept) {
      if (record.link !== undefined) lines.push(`${path}${name}: ${linked(record.link)}`);
      else if (isSpecial(record)) lines.push(`${path}${name}: ${attributes(record)} -> ${record.target}`);
    }
  };
  const names = (inode: number | undefined): number =>
    inode === undefined ? 1 : 1 + [...records.linksOf(inode)].length;
  const attributes = ({ mode, uid, inode, xattrs }: NodeRecord): string =>
    JSON.stringify([names(inode), mode, uid, Object.entries(xattrs ?? {})]);
  const linked = (inode: number): string => {
    const main = records.mainOf(inode);
    const record = main && records.get(...main);
    if (main === undefined || record === undefined) return "nothing";
    const file = isSpecial(record) ? undefined : find(records, store, main);
    return `${attributes(record)} ${file === undefined ? `-> ${record.target}` : content(file)}`;
  };
  walk(store.root, ROOT_RECORD, "");
  return lines.sort();
}

/** Closes what a tab that is dead had open, as the browser does. */
export function closeAll({ root, parking }: MemoryStore): void {
  const walk = (directory: MemoryDirectory): void => {
    for (const entry of directory.list()) {
      if (entry.kind === "directory") walk(entry.directory as MemoryDirectory);
      else (entry.file as MemoryFile).abandon();
    }
  };
  walk(root);
  walk(parking);
}

function find(records: Records, store: MemoryStore, [directory, name]: RecordPlace): MemoryFile | undefined {
  const parent = directoryOf(records, store, directory);
  const entry = parent?.get(name);
  return entry?.kind === "file" ? (entry.file as MemoryFile) : undefined;
}

function directoryOf(records: Records, store: MemoryStore, id: number): MemoryDirectory | undefined {
  if (id === ROOT_RECORD) return store.root;
  const place = records.placeOf(id);
  const entry = place && directoryOf(records, store, place[0])?.get(place[1]);
  return entry?.kind === "directory" ? (entry.directory as MemoryDirectory) : undefined;
}

function content(file: MemoryFile): string {
  return JSON.stringify(decodeName(file.bytes()).slice(0, 40) + file.bytes().length);
}
