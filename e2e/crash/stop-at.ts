declare global {
  /** Not in `lib.dom`. */
  var FileSystemSyncAccessHandle: { readonly prototype: FileSystemSyncAccessHandle };
}

/** What changes OPFS. Of the methods that also look, only calls with `create` do. */
const CHANGES = [
  [FileSystemFileHandle, "move"],
  [FileSystemDirectoryHandle, "removeEntry"],
  [FileSystemDirectoryHandle, "getFileHandle"],
  [FileSystemDirectoryHandle, "getDirectoryHandle"],
  [FileSystemSyncAccessHandle, "write"],
  [FileSystemSyncAccessHandle, "truncate"],
] as const;

/** Holds this worker still, for ever, instead of its change number `change` of OPFS. What it asked for before may still come. */
export function stopAt(change: number, stopped: () => void): void {
  let left = change;
  for (const [owner, name] of CHANGES) {
    const prototype = owner.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const original = prototype[name]!;
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      const looks = name.startsWith("get") && (args[1] as FileSystemGetFileOptions | undefined)?.create !== true;
      if (!looks && --left === 0) {
        stopped();
        for (;;);
      }
      return original.apply(this, args);
    };
  }
}
