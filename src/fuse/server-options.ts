import type { Timers } from "../posix/timers.js";

export interface FuseServerOptions {
  /** Answer everything that modifies with EROFS. Default: false. */
  readonly readOnly?: boolean;
  readonly timers: Timers;
  /** After how many milliseconds an operation that has not ended is answered EIO. Default: 120,000. */
  readonly timeout?: number;
  /** Called with each request that was answered. */
  readonly tracer?: (event: TraceEvent) => void;
  /** Called when an operation failed with anything but an FsError, once for each message it fails with. */
  readonly onBug?: (error: unknown, operation: string) => void;
  /** Called when an operation was ended by the timeout. */
  readonly onTimeout?: (event: TraceEvent) => void;
}

/** One request and how it ended. */
export interface TraceEvent {
  /** "LOOKUP" for FUSE_LOOKUP. */
  readonly operation: string;
  /** The request's number (`fuse_in_header`), which its reply carries too. */
  readonly unique: number;
  /** The node it was sent for (`fuse_in_header`); 0 where it is for none. */
  readonly nodeid: number;
  /** From its arrival to its reply. */
  readonly microseconds: number;
  /** 0 for success. */
  readonly errno: number;
}
