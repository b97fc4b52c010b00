import type { MachineError } from "../machine/machine-error.js";
import type { MachineState } from "../machine/machine-state.js";

/** What a share is made of: a directory that the browser gave, one of the origin private file system, or loose files. */
export type ShareSource =
  | FileSystemDirectoryHandle
  /** A directory of the origin private file system, made where it is missing; "" is its root. */
  | { readonly opfs: string }
  /** Read-only. Keys are paths with "/", values are contents. */
  | { readonly files: FileList | Readonly<Record<string, string | Uint8Array | Blob>> }
  /** Single files of the visitor's disk: live, and writable in place. */
  | { readonly handles: readonly FileSystemFileHandle[] }
  /** A folder that another page has, served over `port`: what `embed` gives its frame. */
  | { readonly port: MessagePort; readonly name: string }
  /** Of a drop event, read before the handler returns. Folders are live where the browser gives handles, else read-only. */
  | DataTransfer;

/** "copy-on-write": the source is only read; what the guest changes is kept in the browser ({@link FileChange}). */
export type Access = "read-write" | "read-only" | "copy-on-write";

/** How a source is shared. */
export interface ShareOptions {
  /** Name of the device in the guest and of its mount point: 1 to 36 bytes, no "/" and no control characters. Made from the source's name where missing. */
  readonly tag?: string;
  /** Where it is mounted. Default: `/mnt/TAG`. */
  readonly mountPoint?: string;
  /** Default "read-write"; loose files are "read-only" unless they are "copy-on-write". */
  readonly access?: Access;
}

/** What a share reports of itself; plain data. */
export interface ShareState {
  /** Name of the device in the guest: `mount -t virtiofs TAG DIRECTORY`. */
  readonly tag: string;
  /** Where the guest has it: an absolute path. */
  readonly mountPoint: string;
  /** What the guest may do; "read-only" also where the browser does not give more. */
  readonly access: Access;
  /** Which kind of store serves it. */
  readonly kind: "opfs" | "directory" | "files" | "memory";
  /** The folder's own name, as the browser has it. */
  readonly name: string;
  /** Under which the browser remembers the folder (`rememberedFolders`), for a folder of the visitor's disk. */
  readonly folder?: string | undefined;
  /** Bytes that the guest wrote and that the store does not have yet. */
  readonly unsavedBytes: number;
  /** Files with such bytes, and changes that failed. */
  readonly unsavedFiles: number;
  /** "saving": something is on its way to the store. The other two say what keeps the share from its folder. */
  readonly status: "saved" | "saving" | "needs-permission" | "gone";
  /** What is wrong with it, in words for the visitor; gone when it works again. */
  readonly problem?: string | undefined;
  /** Of a "copy-on-write" share: about how many names the guest has changed. */
  readonly changeCount?: number | undefined;
}

/** What the device of a share has done since it was added. */
export interface ShareStatistics {
  /** The share's. */
  readonly tag: string;
  /** FUSE requests by operation: "LOOKUP" for FUSE_LOOKUP. */
  readonly requests: Readonly<Record<string, number>>;
  /** How often the guest said that there are requests; each may be about several. */
  readonly notifications: number;
  /** How often the device raised its interrupt line. What is answered inside the notification needs none. */
  readonly interrupts: number;
  /** Bytes of content in READ replies: what the guest finds in its page cache is not among them. */
  readonly bytesRead: number;
  /** Bytes of content that WRITE requests brought. */
  readonly bytesWritten: number;
}

/** A file or directory that the guest added, changed or deleted in a "copy-on-write" share. */
export interface FileChange {
  /** "a/b", from the root of the share. */
  readonly path: string;
  /** "changed": a file that the folder has too; a directory never is. */
  readonly kind: "added" | "changed" | "deleted";
  /** In the guest; in the folder, where it was deleted. */
  readonly type: "file" | "directory";
  /** Bytes of the guest's file; of the folder's, where it was deleted. 0 for a directory. */
  readonly size: number;
  /** Bytes of the folder's file that was changed. */
  readonly oldSize?: number;
}

/** A changed file as the folder has it, or as the guest has it. */
export type ChangeSide = "before" | "after";

/** How changes are applied. */
export interface ApplyOptions {
  /** Told how many of how many changes are done with. Not in a frame. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What became of changes that were to be applied. */
export interface AppliedChanges {
  /** Paths that the folder has now as the guest has them. */
  readonly applied: readonly string[];
  /** Still a change, and why, in words for the visitor: where the folder has another version than the guest changed, it is left. */
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
}

/** A name in a directory of a share. Bytes of a name that are not UTF-8 are lone surrogates: U+DC00 + byte. */
export interface ShareEntry {
  /** Without its directory's path. */
  readonly name: string;
  /** "other": a FIFO, a socket or a device. */
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Bytes of a file; 0 for anything else. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** What a symbolic link says. */
  readonly target?: string;
}

/** A file of a share that is being read. */
export interface ShareFile {
  /** Bytes; the stream gives that many, or fails. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Cancel it if it is not read to its end. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A file whose content, or part of it, the store does not have yet. */
export interface UnsavedFile {
  /** "a/b", from the root of the share. */
  readonly path: string;
  /** How many of its bytes; 0 where something else of it is missing. */
  readonly bytes: number;
}

/** How a file is written into a share. */
export interface WriteOptions {
  /** Replace a file that is there. Default: reject with "exists". */
  readonly replace?: boolean;
  /** Called with the bytes that are on their way so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Aborting leaves what was there before. */
  readonly signal?: AbortSignal;
}

/** What is to be put into a share. */
export interface FileToWrite {
  /** "a/b", from the root of the share; directories on the way are made. */
  readonly path: string;
  /** Missing: a directory, which may be there already. */
  readonly content?: Blob | Uint8Array | string;
  /** Replace a file that is there. Default: as the options say. */
  readonly replace?: boolean;
}

/** How files are put into a share, and what to be told meanwhile. */
export interface WriteAllOptions {
  /** Replace files that are there. Default: those fail with "exists". */
  readonly replace?: boolean;
  /** Called with the bytes of all files that are there so far, and the path of the file that came last or is on its way. */
  readonly onProgress?: (bytes: number, path: string) => void;
  /** Aborting leaves the files that are there, and nothing of the one that is on its way. */
  readonly signal?: AbortSignal;
}

/** A file that could not be put into a share. */
export interface WriteFailure {
  /** As it was given. */
  readonly path: string;
  /** What `share.write` would have rejected with. */
  readonly error: MachineError;
}

/** What to be told while a zip is made. */
export interface ZipOptions {
  /** Called with the path of each file when its turn comes. */
  readonly onEntry?: (path: string) => void;
  /** Symbolic links, FIFOs, sockets and devices are left out. */
  readonly onSkipped?: (path: string, kind: "symlink" | "other") => void;
}

/** "ready": the shell is there. "stopped" and "failed" are the end of a machine. */
export type MachineStatus = "starting" | "ready" | "stopped" | "failed";

/** A step on the way to "ready". */
export interface Progress {
  /** In words for the visitor: "Downloading the kernel", "Starting Linux". */
  readonly phase: string;
  /** Bytes, or lines of boot messages, so far. */
  readonly loaded: number;
  /** 0: unknown. */
  readonly total: number;
}

/** What a machine is made of. Everything has a default. */
export interface StartOptions {
  /** Guest RAM in bytes. Default 128 MiB; at least 64 MiB and the size of the initramfs. */
  readonly memory?: number;
  /**
   * The root of Linux: a share with a whole system in it, such as Debian's. Our own programs stay beside it, under `/run/initramfs`,
   * and nothing is written into it that Linux does not write. It is the first of `shares`, with the tag "root".
   */
  readonly root?: ShareSource | { readonly source: ShareSource; readonly access?: Access };
  /** Mounted before `start` resolves. */
  readonly shares?: readonly (ShareOptions & { readonly source: ShareSource })[];
  /**
   * Base URL under which all files of the package's `lib/machine` are served, of any origin that sends CORS headers. Default:
   * where a bundler, or the package itself, has them. On the page of this project it is that of the images alone, `guest/`.
   */
  readonly assets?: string | URL;
  /** Other images than the built-in ones, by URL or content. */
  readonly images?: { readonly kernel?: Image; readonly initramfs?: Image; readonly bios?: Image };
  /** Added to the kernel's command line. */
  readonly commandLine?: string;
  /** Called with each step, and while it goes on, until the machine is ready. */
  readonly onProgress?: (progress: Progress) => void;
  /** @internal As in `MachineOptions`; for `VirtualMachine.suspend`. */
  readonly movable?: true | MachineState;
  /** Aborting ends a machine that is starting; `start` rejects then. */
  readonly signal?: AbortSignal;
}

/** An image to boot from: its address, or its bytes. */
export type Image = string | URL | Uint8Array;

/** How a process is started. */
export interface SpawnOptions {
  /** Working directory; default "/root". */
  readonly cwd?: string;
  /** Added to the default environment (HOME, PATH, TERM, USER…). */
  readonly env?: Readonly<Record<string, string>>;
  /** Run on a terminal of its own of that size: stderr is part of stdout. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Aborting sends SIGTERM to the process group, and SIGKILL two seconds later. */
  readonly signal?: AbortSignal;
}

/** How a command is run to its end, and what becomes of its streams. */
export interface ExecOptions extends Omit<SpawnOptions, "terminal"> {
  /** Input, a string as UTF-8. Ends behind it; at once where it is missing. */
  readonly stdin?: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Where given, output goes there as it comes, and the result's field is empty. */
  readonly stdout?: WritableStream<Uint8Array>;
  /** As `stdout`. */
  readonly stderr?: WritableStream<Uint8Array>;
}

/** How a process ended. */
export interface Exit {
  /** 0 to 255; 128 + the signal's number when a signal ended it, as a shell says it. */
  readonly exitCode: number;
  /** The signal's number, where one ended it. */
  readonly signal?: number;
}

/** How a command ended, and what it wrote. */
export interface ExecResult extends Exit {
  /** UTF-8. */
  readonly stdout: string;
  /** UTF-8. */
  readonly stderr: string;
}

/** A running process of the guest. */
export interface Process {
  /** Process id in the guest. */
  readonly pid: number;
  /** Closing it ends the input. What comes after the process has ended is dropped. */
  readonly stdin: WritableStream<Uint8Array>;
  /** A slow reader slows the process down; what comes after `cancel` is dropped. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Ends at once for a process on a terminal. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Rejects with a `MachineError` where the machine ends first. */
  readonly exit: Promise<Exit>;
  /** Sends a signal to the process group. Default SIGTERM (15). */
  kill(signal?: number): void;
  /** Of its terminal, in characters. */
  resize(columns: number, rows: number): void;
}

/** The login shell's terminal. */
export interface Console {
  /** What is to be shown, with escape sequences. A slow reader slows the shell down. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is typed, UTF-8: "\r" is Enter. */
  readonly writable: WritableStream<Uint8Array>;
  /** In characters; 80 × 24 at first. */
  resize(columns: number, rows: number): void;
}
