import type * as Real from "../../../src/client/index.js";
import { MachineError } from "../../../src/machine/machine-error.js";

type Content = Blob | "directory" | { readonly target: string };

const MODIFIED = Date.UTC(2026, 10, 22, 12);

/** What a pretended share has in it, by path. */
export class FakeFiles {
  readonly contents = new Map<string, Content>();
  /** Names of files that the share has no room for. */
  readonly tooLarge = new Set<string>();
  /** A write ends when a spec resolves this. */
  held: Promise<void> | undefined;

  put(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) this.#put(path, new Blob([text]));
  }

  link(path: string, target: string): void {
    this.#put(path, { target });
  }

  async text(path: string): Promise<string | undefined> {
    const content = this.contents.get(path);
    return content instanceof Blob ? content.text() : undefined;
  }

  list(path: string): Real.ShareEntry[] {
    if (path !== "" && this.contents.get(path) !== "directory")
      throw new MachineError("not-found", `“${path}” is gone.`);
    const prefix = path === "" ? "" : `${path}/`;
    return [...this.contents]
      .filter(([below]) => below.startsWith(prefix) && !below.slice(prefix.length).includes("/"))
      .map(([below, content]) => entryOf(below.slice(prefix.length), content));
  }

  read(path: string): Real.ShareFile {
    const content = this.contents.get(path);
    if (!(content instanceof Blob)) throw new MachineError("not-found", `“${path}” is gone.`);
    return { size: content.size, modified: MODIFIED, stream: content.stream() };
  }

  async write(path: string, content: Blob, options: Real.WriteOptions): Promise<void> {
    if (this.contents.has(path) && !options.replace) throw new MachineError("exists", `“${path}” is there already.`);
    if (this.tooLarge.has(path)) throw new MachineError("full", `“${path}” does not fit.`);
    options.onProgress?.(content.size / 2);
    const aborted = new Promise<never>((_, reject) =>
      options.signal?.addEventListener("abort", () => reject(options.signal!.reason as Error)),
    );
    await Promise.race([this.held, aborted]);
    this.#put(path, content);
  }

  #put(path: string, content: Content): void {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      this.contents.set(path.slice(0, at), "directory");
    }
    this.contents.set(path, content);
  }
}

function entryOf(name: string, content: Content): Real.ShareEntry {
  if (content === "directory") return { name, kind: "directory", size: 0, modified: MODIFIED };
  if (content instanceof Blob) return { name, kind: "file", size: content.size, modified: MODIFIED };
  return { name, kind: "symlink", size: 0, modified: MODIFIED, target: content.target };
}
