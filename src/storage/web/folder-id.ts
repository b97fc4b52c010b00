import { inBrowser } from "./dom-errors.js";

const DATABASE = "v86-virtiofs";
const STORE = "folders";

interface Folder {
  readonly id: string;
  readonly handle: FileSystemDirectoryHandle;
}

/** A name for a folder that the visitor picked: the same at each visit. */
export function folderId(handle: FileSystemDirectoryHandle): Promise<string> {
  return inBrowser("recognise the folder", async () => {
    const database = await openDatabase();
    try {
      const folders = await settled<Folder[]>(database.transaction(STORE).objectStore(STORE).getAll());
      for (const folder of folders) if (await handle.isSameEntry(folder.handle)) return folder.id;
      const id = crypto.randomUUID();
      await settled(database.transaction(STORE, "readwrite").objectStore(STORE).put({ id, handle }));
      return id;
    } finally {
      database.close();
    }
  });
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE, { keyPath: "id" }));
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB failed")));
  });
}
