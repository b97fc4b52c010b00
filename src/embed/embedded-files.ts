import type { ShareFileCalls } from "../client/share.js";
import type {
  AppliedChanges,
  ChangeSide,
  FileChange,
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
import { ask } from "./answers.js";
import type { FrameConnection } from "./frame-connection.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** The files of a share in a frame. */
export class EmbeddedFiles implements ShareFileCalls {
  constructor(
    private readonly frame: FrameConnection,
    private readonly tag: string,
  ) {}

  list(path: string): Promise<readonly ShareEntry[]> {
    return ask(this.frame, "list", [this.tag, path]);
  }

  unsaved(): Promise<readonly UnsavedFile[]> {
    return ask(this.frame, "unsaved", [this.tag]);
  }

  statistics(): Promise<ShareStatistics> {
    return ask(this.frame, "statistics", [this.tag]);
  }

  async read(path: string): Promise<ShareFile> {
    const { stream, size, modified } = await ask(this.frame, "read", [this.tag, path]);
    return { size, modified, stream: this.#stream(stream) };
  }

  /** Without word of each entry: the zip is made in the frame. */
  async zip(path: string): Promise<ReadableStream<Uint8Array>> {
    return this.#stream((await ask(this.frame, "zip", [this.tag, path])).stream);
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

  changes(): Promise<readonly FileChange[]> {
    return ask(this.frame, "changes", [this.tag]);
  }

  readChange(path: string, side: ChangeSide, offset: number, length: number): Promise<Bytes> {
    return ask(this.frame, "readChange", [this.tag, path, side, offset, length]);
  }

  apply(paths?: readonly string[]): Promise<AppliedChanges> {
    return ask(this.frame, "apply", [this.tag, paths]);
  }

  #stream(number: number): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const bytes = await ask(this.frame, "next", [number]);
          if (bytes) controller.enqueue(bytes);
          else controller.close();
        },
        cancel: () => this.frame.call("cancel", [number]),
      },
      { highWaterMark: 0 },
    );
  }
}
