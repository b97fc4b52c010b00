import type { Errno } from "./errno.js";
import { errnoName } from "./errno.js";

/** An error number for the guest: the only error a file system operation throws or rejects with on purpose. */
export class FsError extends Error {
  override readonly name = "FsError";

  /** `message`: what follows the errno's name. `options.cause`: what it was made from. */
  constructor(
    /** Linux error number, positive. */
    readonly errno: Errno,
    message?: string,
    options?: ErrorOptions,
  ) {
    super(message === undefined ? errnoName(errno) : `${errnoName(errno)}: ${message}`, options);
  }
}
