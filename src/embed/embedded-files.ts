import type { ShareFileCalls } from "../client/share.js";
import type {
  FileToWrite,
  ShareEntry,
  ShareFile,
  ShareStatistics,
  UnsavedFile,
  WriteAllOptions,
  WriteFailure,
  WriteOptions,
} from "../client/types.js";
import { MachineError } from "../machine/machine-error.js";
import type { FrameConnection } from "./frame-connection.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** The files of a share in a frame. */
export class EmbeddedFiles implements ShareFileCalls {
  constructor(
    private readonly frame: FrameConnection,
    private readonly tag: string,
  ) {}

  list(path: string): Promise<readonly ShareEntry[]> {
    return this.frame.call("list", [this.tag, path]) as Promise<readonly ShareEntry[]>;
  }

  unsaved(): Promise<readonly UnsavedFile[]> {
    return this.frame.call("unsaved", [this.tag]) as Promise<readonly UnsavedFile[]>;
  }

  statistics(): Promise<ShareStatistics> {
    return this.frame.call("statistics", [this.tag]) as Promise<ShareStatistics>;
  }

  async read(path: string): Promise<ShareFile> {
    const { stream, size, modified } = await this.frame.call("read", [this.tag, path]);
    return { size, modified, stream: this.#stream(stream) };
  }

  /** Without word of each entry: the zip is made in the frame. */
  async zip(path: string): Promise<ReadableStream<Uint8Array>> {
    return this.#stream((await this.frame.call("zip", [this.tag, path])).stream);
  }

  /** Told of progress at its end; a signal is looked at before it begins. */
  async write(path: string, content: Blob, { replace = false, signal, onProgress }: WriteOptions): Promise<void> {
    signal?.throwIfAborted();
    await this.frame.call("write", [this.tag, path, content, replace]);
    onProgress?.(content.size);
  }

  /** One file after the other. */
  async writeAll(files: Iterable<FileToWrite>, options: WriteAllOptions): Promise<readonly WriteFailure[]> {
    const { replace = false, signal, onProgress } = options;
    const failures: WriteFailure[] = [];
    let bytes = 0;
    for (const { path, content, ...file } of files) {
      signal?.throwIfAborted();
      try {
        if (content === undefined) {
          await this.makeDirectory(path);
        } else {
          const blob = new Blob([content as BlobPart]);
          await this.write(path, blob, { replace: file.replace ?? replace });
          bytes += blob.size;
        }
        onProgress?.(bytes, path);
      } catch (cause) {
        const error = MachineError.from(cause);
        if (error.code === "stopped") throw error;
        failures.push({ path, error });
      }
    }
    return failures;
  }

  makeDirectory(path: string): Promise<void> {
    return this.frame.call("makeDirectory", [this.tag, path]);
  }

  #stream(number: number): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const bytes = await this.frame.call("next", [number]);
          if (bytes) controller.enqueue(bytes);
          else controller.close();
        },
        cancel: () => this.frame.call("cancel", [number]),
      },
      { highWaterMark: 0 },
    );
  }
}
