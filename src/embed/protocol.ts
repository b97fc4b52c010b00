import type { MachineErrorCode } from "../machine/machine-error.js";
import type {
  AppliedChanges,
  ChangeSide,
  FileChange,
  MachineStatus,
  Progress,
  ShareEntry,
  ShareOptions,
  ShareState,
  ShareStatistics,
  SpawnOptions,
  UnsavedFile,
} from "../client/types.js";

/**
 * What a page and the frame in it say. Windows exchange only the first three, whose data is `{ [KEY]: … }`: the page asks with a
 * port, the frame answers over the port, or refuses. All else goes over that port.
 */
export const KEY = "v86-virtiofs-embed-1";
/** Characters of anything that a frame tells. */
const LONGEST_TEXT = 64 * 1024;

export type WindowMessage = "ready" | "connect" | { readonly refused: string };

/** What the page asks. */
export interface FrameCalls {
  /** Resolves when the shell is there. */
  start(): readonly ShareState[];
  /** Over the port: `process-messages.ts`. Resolves when the process has ended. */
  spawn(command: string | readonly string[], options: Omit<SpawnOptions, "signal">, port: MessagePort): void;
  share(source: FrameSource, options: ShareOptions): ShareState;
  flush(tag: string): void;
  remove(tag: string): void;
  changes(tag: string): readonly FileChange[];
  readChange(tag: string, path: string, side: ChangeSide, offset: number, length: number): Uint8Array<ArrayBuffer>;
  apply(tag: string, paths?: readonly string[]): AppliedChanges;
  discard(tag: string, paths?: readonly string[]): void;
  list(tag: string, path: string): readonly ShareEntry[];
  unsaved(tag: string): readonly UnsavedFile[];
  statistics(tag: string): ShareStatistics;
  makeDirectory(tag: string, path: string): void;
  write(tag: string, path: string, content: Blob, replace: boolean): void;
  read(tag: string, path: string): { readonly stream: number; readonly size: number; readonly modified: number };
  zip(tag: string, path: string): { readonly stream: number };
  /** The next bytes of a stream; undefined at its end. */
  next(stream: number): Uint8Array<ArrayBuffer> | undefined;
  cancel(stream: number): void;
  stop(): void;
}

/** What a page may share: its folders only by a port, behind which it serves them itself. */
export type FrameSource =
  | { readonly opfs: string }
  | { readonly files: Readonly<Record<string, string | Uint8Array | Blob>> }
  | { readonly port: MessagePort; readonly name: string };

export type FromFrame =
  /** The first of all. */
  | { readonly type: "accepted" }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly code: MachineErrorCode; readonly message: string }
  | { readonly type: "pong" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "shares"; readonly shares: readonly ShareState[] }
  /** "stopped" or "failed" end everything. */
  | { readonly type: "status"; readonly status: MachineStatus; readonly message: string };

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_TEXT;
}
