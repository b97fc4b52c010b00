import type * as Comlink from "comlink";
import type { ShareFilesApi } from "../machine/share-files-api.js";
import type {
  FileToWrite,
  ShareEntry,
  ShareFile,
  ShareStatistics,
  UnsavedFile,
  WriteAllOptions,
  WriteFailure,
  WriteOptions,
  ZipOptions,
} from "./types.js";
import { uploadAll } from "./uploads.js";
import type { WorkerConnection } from "./worker-connection.js";

/** Bytes asked for at a time: as many as a request of Linux has at most. */
const CHUNK = 1024 * 1024;
/** The files of one share, over the Worker. */
export class ShareFiles {
  /** @internal */
  constructor(
    private readonly worker: WorkerConnection,
    private readonly tag: string,
  ) {}

  list(path: string): Promise<readonly ShareEntry[]> {
    return this.#call((files) => files.list(this.tag, path));
  }

  unsaved(): Promise<readonly UnsavedFile[]> {
    return this.#call((files) => files.unsaved(this.tag));
  }

  async read(path: string): Promise<ShareFile> {
    await this.#call((files) => files.settle(this.tag));
    return this.#open(path);
  }

  async zip(path: string, options: ZipOptions): Promise<ReadableStream<Uint8Array>> {
    const { zipOf } = await import("./zip.js");
    await this.#call((files) => files.settle(this.tag));
    const first = await this.list(path); // Says now, and not in the stream, that there is no such directory.
    return zipOf({ list: (below) => this.list(below), open: (below) => this.#open(below) }, path, first, options);
  }

  async write(path: string, content: Blob, { replace, onProgress, signal }: WriteOptions): Promise<void> {
    const [failure] = await this.writeAll([{ path, content }], {
      ...(replace && { replace }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    if (failure) throw failure.error;
  }

  writeAll(files: Iterable<FileToWrite>, options: WriteAllOptions): Promise<readonly WriteFailure[]> {
    const target = { tag: this.tag, dead: this.worker.dead, call: this.#call.bind(this) };
    return uploadAll(target, files, options);
  }

  async makeDirectory(path: string): Promise<void> {
    const [failure] = await this.writeAll([{ path }], {});
    if (failure) throw failure.error;
  }

  statistics(): Promise<ShareStatistics> {
    return this.#call((files) => files.statistics(this.tag));
  }

  async #open(path: string): Promise<ShareFile> {
    const { handle, size, modified } = await this.#call((files) => files.open(this.tag, path));
    const close = (): Promise<void> => this.#call((files) => files.close(this.tag, handle));
    let offset = 0;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        try {
          const length = Math.min(CHUNK, size - offset);
          if (length > 0) {
            controller.enqueue(await this.#call((files) => files.read(this.tag, handle, offset, length)));
            offset += length;
          }
        } catch (error) {
          await close().catch(() => undefined); // The share may be gone, and the file with it.
          throw error;
        }
        if (offset < size) return;
        await close();
        controller.close();
      },
      cancel: close,
    });
    return { size, modified, stream };
  }

  async #call<T>(action: (files: Comlink.Remote<ShareFilesApi>) => Promise<T>): Promise<T> {
    const files = await remoteFiles(this.worker);
    return this.worker.call(() => action(files));
  }
}

const remotes = new WeakMap<WorkerConnection, Promise<Comlink.Remote<ShareFilesApi>>>();

/** One for all shares of a machine. */
function remoteFiles(worker: WorkerConnection): Promise<Comlink.Remote<ShareFilesApi>> {
  const known = remotes.get(worker);
  if (known) return known;
  const remote = worker.call((api) => api.files() as Promise<Comlink.Remote<ShareFilesApi>>);
  remotes.set(worker, remote);
  remote.catch(() => remotes.delete(worker));
  return remote;
}
