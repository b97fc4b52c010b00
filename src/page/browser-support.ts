/** What this browser, in this window, can do. Looked up once, when the page opens. */
export interface BrowserSupport {
  readonly webAssembly: boolean;
  /** https or localhost: without it there are neither pickers nor a private file system. */
  readonly secureContext: boolean;
  /** The origin private file system; refused in private windows of Firefox and Safari. */
  readonly privateFileSystem: boolean;
  readonly directoryPicker: boolean;
  /** Dropped folders come as live handles. */
  readonly droppedHandles: boolean;
  /** `<input webkitdirectory>`; missing on phones before iOS 18.4 and Firefox for Android 142. */
  readonly folderInput: boolean;
}

export async function browserSupport(): Promise<BrowserSupport> {
  return {
    webAssembly: typeof WebAssembly === "object" && typeof Worker === "function",
    secureContext: isSecureContext,
    privateFileSystem: await hasPrivateFileSystem(),
    directoryPicker: "showDirectoryPicker" in window,
    droppedHandles: "getAsFileSystemHandle" in DataTransferItem.prototype,
    folderInput: "webkitdirectory" in HTMLInputElement.prototype,
  };
}

async function hasPrivateFileSystem(): Promise<boolean> {
  // Absent outside secure contexts, whatever the DOM library says.
  const storage = navigator.storage as StorageManager | undefined;
  if (typeof storage?.getDirectory !== "function") return false;
  try {
    await storage.getDirectory();
    return true;
  } catch (error) {
    // Firefox 153 private window: SecurityError. Safari's: UnknownError.
    console.warn("No origin private file system:", error);
    return false;
  }
}
