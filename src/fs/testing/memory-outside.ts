import { decodeName, encodeName } from "../../posix/name.js";
import type { MemoryFile } from "../../storage/memory/memory-file.js";
import type { MemoryStore } from "../../storage/memory/memory-store.js";
import type { OpenStoreFile, StoreDirectory, StoreEntry, StoreFile } from "../../storage/store.js";
import type { Outside } from "./conformance.js";

/** The other side of a memory store. As a person's editor does, it replaces a file that it writes. */
export function outsideOf(store: MemoryStore): Outside {
  const at = (path: string): { directory: StoreDirectory; name: string } => {
    const parts = path.split("/");
    const name = parts.pop()!;
    return { directory: parts.reduce(down, store.root), name };
  };
  return {
    write(path, text) {
      const { directory, name } = at(path);
      if (directory.get(name) !== undefined) remove(directory, name);
      const open = (directory.createFile(name) as StoreFile).open(true) as OpenStoreFile;
      void open.write(0, [encodeName(text)]);
      void open.close();
    },
    append(path, text) {
      const { directory, name } = at(path);
      const { content } = (directory.get(name) as StoreEntry & { kind: "file" }).file as MemoryFile;
      content.write(content.size, [encodeName(text)]);
    },
    read(path) {
      const { directory, name } = at(path);
      return textOf((directory.get(name) as StoreEntry & { kind: "file" }).file);
    },
    list: (path) => {
      const directory = path === "" ? store.root : down(at(path).directory, at(path).name);
      return (directory.list() as StoreEntry[]).map(({ name }) => name);
    },
    makeDirectory(path) {
      const { directory, name } = at(path);
      void directory.createDirectory(name);
    },
    remove(path) {
      const { directory, name } = at(path);
      remove(directory, name);
    },
  };
}

/** The whole tree of a memory store: bytes of files, directories. */
export function treeOf(directory: StoreDirectory): Record<string, unknown> {
  const entries = (directory.list() as StoreEntry[]).map((entry) => [
    entry.name,
    entry.kind === "file" ? textOf(entry.file) : treeOf(entry.directory),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a! < b! ? -1 : 1))) as Record<string, unknown>;
}

function remove(directory: StoreDirectory, name: string): void {
  const entry = directory.get(name) as StoreEntry | undefined;
  if (entry?.kind === "file") (entry.file as MemoryFile).abandon();
  void directory.remove(name);
}

/** The content, whether the file is open or not. */
function textOf(file: StoreFile): string {
  const { content } = file as MemoryFile;
  const bytes = new Uint8Array(content.size);
  content.read(0, [bytes]);
  return decodeName(bytes);
}

function down(directory: StoreDirectory, name: string): StoreDirectory {
  return (directory.get(name) as StoreEntry & { kind: "directory" }).directory;
}
