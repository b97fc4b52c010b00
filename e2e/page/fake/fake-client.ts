import type * as Real from "../../../src/client/index.js";
// The real code for what needs no machine; by its file, as the entry is what this file stands for.
import { MachineError } from "../../../src/machine/machine-error.js";
import { dropEntries, dropSources } from "../../../src/client/sources.js";
import { FakeFiles } from "./fake-files.js";

export { dropEntries, dropSources, MachineError };
export { rememberedFolders } from "../../../src/client/remembered-folders.js";

type Public<T> = { [Key in keyof T]: T[Key] };

/** How the next machine behaves; a spec sets it before the page opens. */
export interface FakeBehaviour {
  /** Progress to report; the machine is ready after the last, unless `startError` or `staysStarting`. */
  readonly progress?: readonly Real.Progress[];
  readonly startError?: string;
  readonly staysStarting?: boolean;
  readonly shareError?: string;
  readonly removeError?: string;
  readonly homeProblem?: string;
  /** Files that a tab before did not save. */
  readonly leftovers?: readonly Omit<Real.LeftoverFacts, "handle">[];
  /** What Linux changed in a copy-on-write share, with the texts of the files. */
  readonly changes?: readonly (Real.FileChange & { readonly before?: string; readonly after?: string })[];
  /** Paths that cannot be applied. */
  readonly keeps?: readonly string[];
}

declare global {
  var fakeBehaviour: FakeBehaviour | undefined;
  /** The machine of the page, for specs. */
  var fakeMachine: VirtualMachine;
}

/** Stands for a machine: echoes what is typed, and does what a spec says through `globalThis.vm`. */
export class VirtualMachine
  extends EventTarget
  implements Pick<Public<Real.VirtualMachine>, "status" | "console" | "stop" | "leftovers">
{
  status: Real.MachineStatus = "starting";
  readonly shares: FakeShare[] = [];
  readonly console: FakeConsole = new FakeConsole();
  readonly #leftovers = new Set(behaviour().leftovers);

  static async start({ onProgress }: Real.StartOptions): Promise<VirtualMachine> {
    const { progress = [], startError, staysStarting } = behaviour();
    for (const step of progress) onProgress?.(step);
    if (staysStarting) await new Promise(() => {});
    if (startError !== undefined) throw new MachineError("boot-failed", startError);
    const machine = new VirtualMachine();
    machine.status = "ready";
    globalThis.fakeMachine = machine;
    return machine;
  }

  async share(source: Real.ShareSource, options: Real.ShareOptions = {}): Promise<FakeShare> {
    const { shareError, homeProblem } = behaviour();
    if (shareError !== undefined && options.tag === undefined) throw new MachineError("bad-source", shareError);
    const share = new FakeShare(stateOf(source, options), this);
    if (share.tag === "home" && homeProblem !== undefined) share.update({ access: "read-only", problem: homeProblem });
    this.shares.push(share);
    this.dispatchEvent(new Event("shares"));
    return share;
  }

  async leftovers(): Promise<readonly Real.Leftover[]> {
    return [...this.#leftovers].map((facts) => ({
      ...facts,
      content: async () => new File(["content"], facts.path),
      finish: async () => {
        this.#leftovers.delete(facts);
        return facts.path;
      },
      keepAsCopy: async () => {
        this.#leftovers.delete(facts);
        return `${facts.path}.recovered`;
      },
      discard: async () => void this.#leftovers.delete(facts),
    }));
  }

  async stop(): Promise<void> {
    this.end("stopped");
  }

  /** As after `poweroff`, or when the Worker dies. */
  end(status: "stopped" | "failed", message?: string): void {
    if (this.status !== "ready") return;
    this.status = status;
    this.console.end();
    const error = message === undefined ? undefined : new MachineError("stopped", message);
    this.dispatchEvent(new CustomEvent("status", { detail: { status, error } }));
  }
}

class FakeShare implements Public<Real.Share> {
  tag!: string;
  mountPoint!: string;
  access!: Real.Access;
  kind!: Real.ShareState["kind"];
  name!: string;
  folder: string | undefined;
  unsavedBytes!: number;
  unsavedFiles!: number;
  status!: Real.ShareState["status"];
  problem: string | undefined;
  unsavedList: Real.UnsavedFile[] = [];
  readonly files = new FakeFiles();
  changeCount: number | undefined;
  readonly #machine: VirtualMachine;

  constructor(state: Real.ShareState, machine: VirtualMachine) {
    Object.assign(this, state);
    this.#machine = machine;
    this.#setChanges(state.access === "copy-on-write" ? (behaviour().changes ?? []) : undefined);
  }

  #changes: NonNullable<FakeBehaviour["changes"]> = [];

  #setChanges(changes: FakeBehaviour["changes"]): void {
    this.#changes = changes ?? [];
    this.changeCount = changes?.length;
  }

  async statistics(): Promise<Real.ShareStatistics> {
    const requests = { INIT: 1, LOOKUP: 20, READ: 3 };
    return { tag: this.tag, requests, notifications: 24, interrupts: 2, bytesRead: 1234, bytesWritten: 0 };
  }

  async changes(): Promise<readonly Real.FileChange[]> {
    return this.#changes;
  }

  readChange(path: string, side: Real.ChangeSide = "after"): ReadableStream<Uint8Array> {
    const change = this.#changes.find((each) => each.path === path);
    return new Blob([change?.[side] ?? ""]).stream();
  }

  async apply(paths?: readonly string[]): Promise<Real.AppliedChanges> {
    const { keeps = [] } = behaviour();
    const chosen = this.#changes.map(({ path }) => path).filter((path) => isIn(path, paths));
    const kept = chosen.filter((path) => keeps.includes(path));
    const applied = chosen.filter((path) => !kept.includes(path));
    await this.discard(applied);
    return { applied, kept: kept.map((path) => ({ path, reason: "it was changed outside" })) };
  }

  async discard(paths?: readonly string[]): Promise<void> {
    this.#setChanges(this.#changes.filter(({ path }) => !isIn(path, paths)));
    this.#machine.dispatchEvent(new Event("shares"));
  }

  update(change: Partial<Real.ShareState>): void {
    Object.assign(this, change);
    this.#machine.dispatchEvent(new Event("shares"));
  }

  async flush(): Promise<void> {
    this.update({ unsavedBytes: 0, unsavedFiles: 0, status: "saved" });
  }

  async list(path = ""): Promise<Real.ShareEntry[]> {
    return this.files.list(path);
  }

  async read(path: string): Promise<Real.ShareFile> {
    return this.files.read(path);
  }

  /** Only says that it is one. */
  async zip(_path?: string, { onSkipped }: Real.ZipOptions = {}): Promise<ReadableStream<Uint8Array>> {
    for (const { name, kind } of this.files.list("")) if (kind === "symlink") onSkipped?.(name, kind);
    return new Blob(["a zip"]).stream();
  }

  async write(
    path: string,
    content: Blob | Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array<ArrayBuffer>>,
    options: Real.WriteOptions = {},
  ): Promise<void> {
    await this.files.write(path, await new Response(content).blob(), options);
  }

  async writeAll(files: Iterable<Real.FileToWrite>, options: Real.WriteAllOptions = {}): Promise<Real.WriteFailure[]> {
    const failures: Real.WriteFailure[] = [];
    for (const { path, content, replace = options.replace ?? false } of files) {
      try {
        if (content === undefined) await this.makeDirectory(path);
        else {
          const blob = new Blob([content as BlobPart]);
          await this.files.write(path, blob, {
            replace,
            onProgress: (bytes) => options.onProgress?.(bytes, path),
            ...(options.signal && { signal: options.signal }),
          });
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        failures.push({ path, error: error as MachineError });
      }
    }
    return failures;
  }

  async makeDirectory(path: string): Promise<void> {
    this.files.contents.set(path, "directory");
  }

  async unsaved(): Promise<Real.UnsavedFile[]> {
    return this.unsavedList;
  }

  async remove(): Promise<void> {
    const { removeError } = behaviour();
    if (removeError !== undefined) throw new MachineError("busy", removeError);
    this.#machine.shares.splice(this.#machine.shares.indexOf(this), 1);
    this.#machine.dispatchEvent(new Event("shares"));
  }
}

/** Echoes; what the terminal says of itself (sizes, bytes taken) can be read. */
class FakeConsole implements Real.Console {
  size = { columns: 0, rows: 0 };
  typed = "";
  #output!: ReadableStreamDefaultController<Uint8Array>;
  readonly readable = new ReadableStream<Uint8Array>({ start: (controller) => void (this.#output = controller) });
  readonly writable = new WritableStream<Uint8Array>({
    write: (bytes) => this.#received(new TextDecoder().decode(bytes)),
  });

  constructor() {
    this.print("\x1b[32m~\x1b[0m # ");
  }

  /** Printed and not read yet: the queue's high-water mark is one chunk. */
  get waitingChunks(): number {
    return 1 - (this.#output.desiredSize ?? 1);
  }

  print(text: string): void {
    this.#output.enqueue(new TextEncoder().encode(text));
  }

  resize(columns: number, rows: number): void {
    this.size = { columns, rows };
  }

  end(): void {
    this.#output.close();
  }

  #received(text: string): void {
    this.typed += text;
    this.print(text === "\r" ? "\r\n\x1b[32m~\x1b[0m # " : text);
  }
}

function stateOf(source: Real.ShareSource, { tag, access: asked = "read-write" }: Real.ShareOptions): Real.ShareState {
  const named = "name" in source && source.name ? source.name : (tag ?? "files");
  const name = "opfs" in source ? source.opfs : named;
  const kind = "opfs" in source ? "opfs" : "kind" in source ? "directory" : "files";
  const access = kind === "files" && asked === "read-write" ? "read-only" : asked;
  const folder = kind === "directory" ? { folder: name } : {};
  const saved = { unsavedBytes: 0, unsavedFiles: 0, status: "saved" } as const;
  return { tag: tag ?? name, mountPoint: `/mnt/${tag ?? name}`, access, kind, name, ...folder, ...saved };
}

function isIn(path: string, paths: readonly string[] | undefined): boolean {
  return paths === undefined || paths.some((each) => path === each || path.startsWith(`${each}/`));
}

function behaviour(): FakeBehaviour {
  return globalThis.fakeBehaviour ?? {};
}
