/**
 * Single files' handles in the shape of a directory that holds just them, so that a `PickedStore` serves them live. The files can
 * be written; nothing can be made, renamed or removed beside them, since a file's handle gives no access to its directory.
 */
export class LooseFiles {
  readonly kind = "directory";
  readonly #handles: ReadonlyMap<string, FileSystemFileHandle>;

  constructor(
    readonly name: string,
    handles: readonly FileSystemFileHandle[],
  ) {
    const named = new Map<string, FileSystemFileHandle>();
    for (const handle of handles) named.set(freeName(handle.name, named), handle);
    this.#handles = named;
  }

  /** For where the browser's own type is asked for: `PickedStore` uses no other member. */
  asDirectory(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle;
  }

  async *entries(): AsyncGenerator<[string, FileSystemFileHandle]> {
    yield* this.#handles;
  }

  async *keys(): AsyncGenerator<string> {
    yield* this.#handles.keys();
  }

  async getFileHandle(name: string, options: { create?: boolean } = {}): Promise<FileSystemFileHandle> {
    const handle = this.#handles.get(name);
    if (handle) return handle;
    throw options.create ? notAllowed() : new DOMException("There is no such file.", "NotFoundError");
  }

  async getDirectoryHandle(name: string, options: { create?: boolean } = {}): Promise<never> {
    if (this.#handles.has(name)) throw new DOMException("It is a file.", "TypeMismatchError");
    throw options.create ? notAllowed() : new DOMException("There is no such directory.", "NotFoundError");
  }

  async removeEntry(): Promise<never> {
    throw notAllowed();
  }
}

/** Not `NotAllowedError`: that would say that the visitor took the permission back. */
function notAllowed(): DOMException {
  return new DOMException("Single files were shared, not their folder.", "NoModificationAllowedError");
}

/** Files of different folders may have the same name. */
function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}
