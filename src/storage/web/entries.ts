import { errorName, ifThere, inBrowser } from "./dom-errors.js";

export type EntryHandle = FileSystemFileHandle | FileSystemDirectoryHandle;

/** What is in a directory, by name. */
export function entriesOf(directory: FileSystemDirectoryHandle): Promise<Map<string, EntryHandle>> {
  return inBrowser("list", async () => {
    const handles = new Map<string, EntryHandle>();
    for await (const [name, handle] of directory.entries()) handles.set(name, handle);
    return handles;
  });
}

/** The entry of that name, of either kind; undefined where there is none. */
export function findEntry(directory: FileSystemDirectoryHandle, name: string): Promise<EntryHandle | undefined> {
  return ifThere("lookup", async () => {
    try {
      return await directory.getFileHandle(name);
    } catch (error) {
      if (errorName(error) !== "TypeMismatchError") throw error;
      return await directory.getDirectoryHandle(name);
    }
  });
}
