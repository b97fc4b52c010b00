/** What `lib.dom` lacks of the WHATWG File System standard: members of dedicated workers, and those that not every browser has. */

interface FileSystemSyncAccessHandle {
  read(buffer: ArrayBufferView, options?: { at?: number }): number;
  write(buffer: ArrayBufferView, options?: { at?: number }): number;
  truncate(newSize: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface FileSystemHandle {
  /** Chromium 86: https://wicg.github.io/file-system-access/. */
  queryPermission?(descriptor?: { readonly mode?: "read" | "readwrite" }): Promise<PermissionState>;
}

interface FileSystemFileHandle {
  /** OPFS only, dedicated workers only. */
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
  /** Over a file that is there. Chromium 102, Firefox 111, Safari 15.2. */
  move?(directory: FileSystemDirectoryHandle, name: string): Promise<void>;
}

interface FileSystemDirectoryHandle {
  /** Firefox 111, Safari 15.2; not in Chromium 156. */
  move?(directory: FileSystemDirectoryHandle, name: string): Promise<void>;
}
