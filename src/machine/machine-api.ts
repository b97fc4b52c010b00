import type * as Comlink from "comlink";
import type { LeftoverFacts } from "../client/leftover.js";
import type {
  ApplyOptions,
  Access,
  AppliedChanges,
  ChangeSide,
  FileChange,
  Image,
  MachineStatus,
  Progress,
  ShareState,
} from "../client/types.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import type { MachineState, MovableApi } from "./machine-state.js";
import type { ShareFilesApi } from "./share-files-api.js";

/** Guest RAM in bytes where nobody asks for another size. */
export const DEFAULT_MEMORY = 128 * 2 ** 20;

/** What the Worker does for the page, over Comlink. Every failure is a `MachineError`. */
export interface MachineApi {
  /** Resolves when the shell can be used and the shares are mounted. Once. */
  start(options: MachineOptions, listener: (event: MachineEvent) => void): Promise<void>;
  /** Starts a process that is spoken to over `port` (`process-messages.ts`); resolves when it has exited. */
  run(command: Command, port: MessagePort): Promise<void>;
  /** Adds a device for the source and mounts it. */
  share(source: SourceDescription, options: ShareRequest): Promise<ShareState>;
  /** Resolves when the store has everything that the guest wrote. */
  flush(tag: string): Promise<void>;
  /** Unmounts, saves, and lets go of the source. */
  remove(tag: string): Promise<void>;
  /** The files of the shares, for the page. */
  files(): Promise<ShareFilesApi & Comlink.ProxyMarked>;
  /** Undefined: there are none. */
  leftovers(): Promise<(LeftoversApi & Comlink.ProxyMarked) | undefined>;
  /** What the guest changed in a copy-on-write share; this and the next three reject with "bad-source" for another share. */
  changes(tag: string): Promise<readonly FileChange[]>;
  readChange(tag: string, path: string, side: ChangeSide, offset: number, length: number): Promise<Uint8Array>;
  applyChanges(
    tag: string,
    paths?: readonly string[],
    onProgress?: ApplyOptions["onProgress"],
  ): Promise<AppliedChanges>;
  discardChanges(tag: string, paths?: readonly string[]): Promise<void>;
  /** Of a machine that may move. */
  movable(): Promise<MovableApi & Comlink.ProxyMarked>;
  /** Saves every share and ends the machine. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  readonly memory: number;
  /** Base URL of `manifest.json`, the images it names, and what else the machine loads. */
  readonly assets: string;
  /** The files that lie elsewhere, by name: a bundler gives each a place of its own. */
  readonly files?: Readonly<Record<string, string>>;
  readonly images: { readonly kernel?: Image; readonly initramfs?: Image; readonly bios?: Image };
  /** Added to the kernel's command line. */
  readonly commandLine: string;
  /** The share that is the root. Missing: the initramfs is. */
  readonly root?: { readonly source: SourceDescription; readonly access: Access };
  /** It can be suspended, to go on in another Worker. A state: it goes on from there, with the same memory, instead of booting. */
  readonly movable?: true | MachineState;
}

export function fileUrl({ files, assets }: MachineOptions, name: string): URL {
  return new URL(files?.[name] ?? name, assets);
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** A `ShareSource` in a form that can be posted to the Worker. */
export type SourceDescription =
  | { readonly kind: "opfs"; readonly path: string }
  | { readonly kind: "directory"; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: "handles"; readonly name: string; readonly handles: readonly FileSystemFileHandle[] }
  | { readonly kind: "files"; readonly name: string; readonly files: readonly DroppedEntry[] }
  /** A folder that a `StoreServer` at the other end of `port` has. */
  | { readonly kind: "port"; readonly name: string; readonly port: MessagePort };

export interface ShareRequest {
  readonly tag?: string;
  readonly mountPoint?: string;
  readonly access?: Access;
}

/** Files that tabs which were closed or killed did not bring to their folders. */
export interface LeftoversApi {
  list(): Promise<readonly LeftoverState[]>;
  content(id: number): Promise<File>;
  /** Does away with one; gives the path in its folder where it is now. "discard": none. */
  end(id: number, how: "finish" | "copy" | "discard"): Promise<string | undefined>;
}

/** What the page is told of a leftover file. */
export interface LeftoverState extends LeftoverFacts {
  readonly id: number;
}

/** What the Worker tells unasked. */
export type MachineEvent =
  | { readonly type: "status"; readonly status: MachineStatus; readonly message?: string }
  | { readonly type: "progress"; readonly progress: Progress }
  /** Every share as it is now; sent when any of them changed. */
  | { readonly type: "shares"; readonly shares: readonly ShareState[] };
