import type { AppliedChanges, ApplyOptions, ChangeSide, FileChange } from "../client/types.js";

/** What the guest changed of a copy-on-write share. */
export interface ChangeSource {
  /** How many names, roughly: cheap. */
  readonly count: number;
  list(): Promise<readonly FileChange[]>;
  read(path: string, side: ChangeSide, offset: number, length: number): Promise<Uint8Array>;
  apply(paths?: readonly string[], onProgress?: ApplyOptions["onProgress"]): Promise<AppliedChanges>;
  discard(paths?: readonly string[]): Promise<void>;
}
