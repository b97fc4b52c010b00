import * as Comlink from "comlink";
import { MachineError } from "../machine/machine-error.js";
import type { ShareFilesApi, UploadRequest } from "../machine/share-files-api.js";
import { connectProcess } from "./process.js";
import type { ShareEntry, ShareFile, ShareStatistics, UnsavedFile, WriteOptions, ZipOptions } from "./types.js";
import type { WorkerConnection } from "./worker-connection.js";

/** Bytes asked for at a time: as many as a request of Linux has at most. */
const CHUNK = 1024 * 1024;
/** As `UploadExit` of `machine/share-upload.ts` and the messages of busybox say it. */
const EXITS: Readonly<Record<number, [code: MachineError["code"], words: string]>> = {
  5: ["not-saved", "did not arrive whole, and was not put there"],
  17: ["exists", "is there already"],
  19: ["not-saved", "cannot be put there: the share is not mounted"],
  21: ["is-directory", "is a folder there already"],
};
const MESSAGES: readonly [in_: string, code: MachineError["code"], words: string][] = [
  ["Read-only file system", "read-only", "cannot be put there: it can only be read"],
  ["No space left on device", "full", "does not fit: the disk, or the space that the browser gives this page, is full"],
  ["File exists", "not-directory", "cannot be put there: something on the way to it is not a folder"],
  ["Not a directory", "not-directory", "cannot be put there: something on the way to it is not a folder"],
  ["Permission denied", "not-saved", "cannot be put there: the browser does not allow it"],
  ["File name too long", "not-saved", "cannot be put there: the name is too long"],
];

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

  async write(path: string, content: Blob, { replace = false, onProgress, signal }: WriteOptions): Promise<void> {
    signal?.throwIfAborted();
    const request = { tag: this.tag, path, size: content.size, replace };
    await this.#upload(request, signal, async (stdin) => {
      let sent = 0;
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(chunk);
          onProgress?.((sent += chunk.length));
        },
      });
      // Not closed where the content ends too early: the guest would take that for all of it.
      await content.stream().pipeThrough(counted).pipeTo(stdin, { preventAbort: true });
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.#upload({ tag: this.tag, path }, undefined, (stdin) => stdin.close());
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

  async #upload(
    request: UploadRequest,
    signal: AbortSignal | undefined,
    feed: (stdin: WritableStream<Uint8Array>) => Promise<void>,
  ): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const started = connectProcess(port1, this.worker.dead, signal ? { signal } : {});
    const asked = this.#call((files) => files.upload(request, Comlink.transfer(port2, [port2])));
    const process = await Promise.race([started, asked.then(() => started)]);
    const failed = feed(process.stdin).catch((error: unknown) => {
      process.kill();
      return error;
    });
    const [{ exitCode }, said] = await Promise.all([process.exit, new Response(process.stderr).text()]);
    signal?.throwIfAborted();
    if (exitCode === 0) return;
    const cause = await failed;
    throw uploadError(request.path, exitCode, said, cause);
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

function uploadError(path: string, exitCode: number, said: string, cause: unknown): MachineError {
  const message = MESSAGES.find(([text]) => said.includes(text));
  const [code, words] = EXITS[exitCode] ?? message?.slice(1) ?? ["not-saved", "could not be put there"];
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new MachineError(code as MachineError["code"], `“${path}” ${words}${why}.`, { cause });
}
