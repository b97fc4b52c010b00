import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { UnsavedFile } from "../store.js";
import type { FolderEvent, Operation, Path, StoreCalls, StoreMessage } from "./messages.js";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: FsError): void;
}

/** Calls of a `StoreServer`. Every one settles when the server says that it is gone, or its port closes. */
export class PortCalls {
  /** Told when something has changed; undefined: anything may have. */
  onChanged: (path: Path | undefined) => void = () => {};
  onUnwatched: () => void = () => {};
  unsavedClosed: readonly UnsavedFile[] = [];
  /** Bytes of open files that are not saved, where they changed without a call. */
  readonly unsaved = new Map<number, number>();
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEvent: (event: FolderEvent) => void;
  #last = 0;
  #gone = false;

  constructor(port: MessagePort, onEvent: (event: FolderEvent) => void) {
    this.#port = port;
    this.#onEvent = onEvent;
    port.onmessage = ({ data }: MessageEvent<StoreMessage>) => this.#received(data);
    // Chromium 122: the other side is gone without a word.
    port.addEventListener("close", () => this.#end());
  }

  call<K extends Operation>(
    operation: K,
    ...parameters: Parameters<StoreCalls[K]>
  ): Promise<ReturnType<StoreCalls[K]>> {
    if (this.#gone) return Promise.reject(gone());
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, operation, parameters });
    });
  }

  close(): void {
    this.#port.close();
    this.#gone = true;
  }

  #received(message: StoreMessage): void {
    switch (message.type) {
      case "reply":
        this.#take(message.id)?.resolve(message.value);
        return;
      case "error":
        this.#take(message.id)?.reject(new FsError(message.errno as Errno, message.message));
        return;
      case "unsaved":
        this.unsavedClosed = message.closed;
        for (const file of this.unsaved.keys()) this.unsaved.set(file, 0);
        for (const [file, bytes] of message.open) this.unsaved.set(file, bytes);
        return;
      case "changed":
        return this.onChanged(message.path);
      case "unwatched":
        return this.onUnwatched();
      case "event":
        return this.#onEvent(message.event);
      case "gone":
        return this.#end();
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #end(): void {
    if (this.#gone) return;
    this.close();
    for (const waiting of this.#waiting.values()) waiting.reject(gone());
    this.#waiting.clear();
    this.#onEvent({ kind: "access", access: "gone" });
  }
}

function gone(): FsError {
  return new FsError(Errno.EIO, "nobody serves the folder any longer");
}
