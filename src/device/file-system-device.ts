import type { FileSystem } from "../fs/file-system.js";
import { FuseServer } from "../fuse/server.js";
import type { FuseServerOptions } from "../fuse/server-options.js";
import type { Timers } from "../posix/timers.js";
import { type HandlerSnapshots, VirtioFs } from "../virtio/virtio-fs.js";

export interface FileSystemDeviceOptions extends Partial<FuseServerOptions> {
  /** For a guest that may go on from a snapshot with the file system mounted. */
  readonly snapshots?: (server: FuseServer) => HandlerSnapshots;
}

/** What the guest sees of a file system, and what answers its requests. */
export interface FileSystemDevice {
  readonly device: VirtioFs;
  readonly server: FuseServer;
}

/** A device with this tag that serves the file system. Throws TypeError for a tag that no driver would take. */
export function fileSystemDevice(
  tag: string,
  fileSystem: FileSystem,
  { snapshots, ...options }: FileSystemDeviceOptions = {},
): FileSystemDevice {
  const server = new FuseServer(fileSystem, { timers: hostTimers, ...options });
  const reset = (): void => server.reset();
  const device = new VirtioFs({ tag, handler: server, reset, ...(snapshots && { snapshots: snapshots(server) }) });
  return { server, device };
}

/** Those of a page, a worker or Node. */
export const hostTimers: Timers = {
  now: () => performance.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};
