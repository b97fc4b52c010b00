/** A folder of the visitor's disk that was shared, as the next visit finds it again. Kept in IndexedDB: only that keeps handles. */
export interface FolderEntry {
  /** Names the folder's lock, attribute records and scratch copies. */
  readonly id: string;
  readonly handle: FileSystemDirectoryHandle;
  /** How it was shared last; missing until it was mounted. */
  readonly tag?: string;
  readonly access?: string;
  /** Only where it was another than the usual one. */
  readonly mountPoint?: string;
  /** Milliseconds since 1970. */
  readonly lastShared: number;
  /** The visitor removed the share: it is not mounted again unasked. */
  readonly removed?: boolean;
}

const DATABASE = "v86-virtiofs";
const STORE = "folders";

/** In no order. Rejects where the browser has no IndexedDB for the page. */
export function folderEntries(): Promise<FolderEntry[]> {
  return inStore("readonly", (store) => store.getAll() as IDBRequest<FolderEntry[]>);
}

export function folderEntry(id: string): Promise<FolderEntry | undefined> {
  return inStore("readonly", (store) => store.get(id) as IDBRequest<FolderEntry | undefined>);
}

export async function putFolderEntry(entry: FolderEntry): Promise<void> {
  await inStore("readwrite", (store) => store.put(entry));
}

export async function deleteFolderEntry(id: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(id));
}

/** Changes the entry, if it is still there. */
export async function changeFolderEntry(id: string, change: Omit<Partial<FolderEntry>, "id">): Promise<void> {
  const entry = await folderEntry(id);
  if (entry !== undefined) await putFolderEntry({ ...entry, ...change });
}

/** Resolves when the transaction has ended. The connection is closed at once: it would be in the way of a newer version. */
async function inStore<T>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(STORE, { keyPath: "id" }));
  const database = await resultOf(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    const result = await resultOf(request(transaction.objectStore(STORE)));
    await new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")));
    });
    return result;
  } finally {
    database.close();
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("failed")));
  });
}
