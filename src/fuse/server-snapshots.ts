import type { FileSystem } from "../fs/file-system.js";
import type { FuseServer } from "./server.js";

/** What a snapshot of the guest keeps of its file server; plain JSON. */
interface ServerState {
  readonly mounted: boolean;
  readonly fileSystem: unknown;
}

export interface ServerSnapshotsOptions {
  /** Told after a restore: paths of what the guest knows and has no longer ("a/b"; "": the whole mount). */
  readonly onStale?: (paths: readonly string[]) => void;
  /** Called when the file system failed to go on; the guest has to mount again. */
  readonly onError?: (error: unknown) => void;
}

/** Brings a file server and its file system into a snapshot of the guest and back. */
export class ServerSnapshots {
  #state: ServerState = { mounted: false, fileSystem: null };

  constructor(
    private readonly server: FuseServer,
    private readonly fileSystem: Pick<FileSystem, "syncfs" | "suspend" | "resume">,
    private readonly options: ServerSnapshotsOptions = {},
  ) {}

  /** Ends when every request is answered, and the store has everything. */
  async suspend(): Promise<void> {
    await this.server.idle();
    await this.fileSystem.syncfs();
    const { mounted } = this.server;
    this.#state = { mounted, fileSystem: (mounted && (await this.fileSystem.suspend?.())) || null };
  }

  save(): unknown {
    return this.#state;
  }

  async resume(state: unknown): Promise<void> {
    const { mounted, fileSystem } = state as ServerState;
    if (!mounted) return this.server.resume(false);
    try {
      const stale = (await this.fileSystem.resume?.(fileSystem)) ?? [""];
      this.server.resume(!stale.includes(""));
      if (stale.length > 0) this.options.onStale?.(stale);
    } catch (error) {
      this.server.resume(false);
      this.options.onError?.(error);
    }
  }
}
