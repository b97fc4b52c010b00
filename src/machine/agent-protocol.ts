/**
 * What the machine and the guest's agent (`guest/agent/agent.c`) say to each other over one virtio console port.
 *
 * Both directions are streams of frames, all fields little-endian:
 *
 * ```
 *   0        4        8        12
 *   | type   | process| length | payload, `length` bytes, at most 32 KiB − 12
 * ```
 *
 * A *process* is a number that the machine picks for each START and may use again after its EXIT. Data flows by credit: who
 * sends bytes of a stream may have sent at most as many as the other side granted; CREDIT grants more. Each stream starts with
 * `INITIAL_CREDIT`, so no process can fill the port and hold up another.
 */
export const FRAME_HEADER_SIZE = 12;
export const MAXIMUM_PAYLOAD = 32 * 1024 - FRAME_HEADER_SIZE;
/** Bytes each stream may carry before the first CREDIT. */
export const INITIAL_CREDIT = 64 * 1024;
/** Said in HELLO; a machine refuses an agent of another version. */
export const PROTOCOL_VERSION = 1;

/** Machine to guest. */
export const ToAgent = {
  /** Payload: `struct start` below, then NUL-terminated strings: cwd, argv[0…argc), "NAME=value"[0…envc). */
  START: 1,
  /** Bytes for standard input; an empty payload closes it (for a terminal: ignored). */
  INPUT: 2,
  /** u32 stream (1 stdout, 2 stderr), u32 bytes: that many more may be sent. */
  CREDIT: 3,
  /** u32 signal number, sent to the process's group (a terminal's: to its foreground group). */
  SIGNAL: 4,
  /** u16 columns, u16 rows: the terminal's new size. */
  RESIZE: 5,
  /**
   * process 0; u64 seconds since 1970, u32 nanoseconds, `SEED_SIZE` random bytes. The first frame to a guest that was restored from a
   * snapshot, which others were restored from too: it takes the time and the randomness, and answers HELLO.
   */
  RESUME: 6,
} as const;

/** Guest to machine. */
export const FromAgent = {
  /** process 0; u32 protocol version, u32 what the agent can do besides (`CAN_UPLOAD`; missing: nothing). The first frame. */
  HELLO: 1,
  /** The process runs: u32 its process id in the guest. */
  STARTED: 2,
  /** Bytes of standard output, or of the terminal. */
  OUTPUT: 3,
  /** Bytes of standard error. */
  ERROR: 4,
  /** u32: that many more bytes of standard input may be sent. */
  CREDIT: 5,
  /** Last frame of the process, after all its output: i32 wait status as of wait(2), or −errno when it could not start. */
  EXIT: 6,
} as const;

/** Random bytes in RESUME. */
export const SEED_SIZE = 64;
/** START's fixed part: u32 flags, u16 columns, u16 rows, u32 argc, u32 envc. */
export const START_HEADER_SIZE = 16;
/** START flag: run it on a terminal of its own; stdout and stderr are one stream, OUTPUT. */
export const START_TERMINAL = 1;
/**
 * START flag: the command is `… TAG DIR ro|rw`, and mounts a share that has just been plugged in. The agent does that by itself, without a
 * program; it runs the command where that is not simply done, which then also says why not.
 */
export const START_SHARE = 2;
/** START flag: the command is `… MOUNT_POINT TAG`; the agent does what `guest/agent/upload.c` says, without a program. Needs `CAN_UPLOAD`. */
export const START_UPLOAD = 4;
/** In HELLO: the agent takes `START_UPLOAD`. */
export const CAN_UPLOAD = 1;
