/** The entry `v86-virtiofs/device`: a virtio-fs device for your own v86. */
export { attachVirtioFs } from "./attach-virtio-fs.js";
export type { AttachOptions, DetachOptions, VirtioFsDevice } from "./attach-virtio-fs.js";
export { DeviceError } from "./device-error.js";
export type { DeviceErrorCode } from "./device-error.js";
export type { GuestCommands } from "./guest-commands.js";
export type { DeviceStatistics } from "./statistics.js";
export type { TraceEvent } from "../fuse/server-options.js";
export type { FileSystem } from "../fs/file-system.js";
export type { V86Instance } from "../emulator/v86.js";
