// What the page uses of Chromium beyond the DOM library: https://wicg.github.io/file-system-access/. All optional: Firefox and
// Safari have none of it.

interface FileSystemPermissionDescriptor {
  readonly mode?: "read" | "readwrite";
}

interface FileSystemHandle {
  queryPermission?(descriptor?: FileSystemPermissionDescriptor): Promise<PermissionState>;
  requestPermission?(descriptor?: FileSystemPermissionDescriptor): Promise<PermissionState>;
  remove?(): Promise<void>;
}

interface Window {
  showSaveFilePicker?(options?: { suggestedName?: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options?: { id?: string; mode?: "read" | "readwrite" }): Promise<FileSystemDirectoryHandle>;
}
