import type { FsError } from "../posix/fs-error.js";
import type { StoreFailure } from "./failure.js";
import { type FsNode, pathOf } from "./node.js";

/**
 * Errors of changes that the guest was told are made. Each is told once to whoever next asks whether they are safe: fsync or
 * close of the file, fsync of its directory, syncfs; and at once to the page.
 */
export class Reports {
  #untold: FsError | undefined;

  constructor(private readonly onError: ((failure: StoreFailure) => void) | undefined) {}

  add(node: FsNode, error: FsError): void {
    const { parent, name } = node;
    node.unreported ??= error;
    if (parent !== undefined) parent.unreported ??= error;
    this.#untold ??= error;
    this.onError?.({ path: parent === undefined ? name : pathOf({ parent, name }), error });
  }

  /** Throws what is to be told about the node. */
  tell(node: FsNode): void {
    const error = node.unreported;
    node.unreported = undefined;
    if (error !== undefined) throw error;
  }

  /** Throws what is to be told about the share. */
  tellAll(): void {
    const error = this.#untold;
    this.#untold = undefined;
    if (error !== undefined) throw error;
  }
}
