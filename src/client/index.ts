/** The package's entry: a Linux machine for a page. */
export { MachineError } from "../machine/machine-error.js";
export type { MachineErrorCode } from "../machine/machine-error.js";
export { dropEntries, dropSources } from "./sources.js";
export { rememberedFolders } from "./remembered-folders.js";
export type { RememberedFolder } from "./remembered-folders.js";
export type { Leftover, LeftoverFacts } from "./leftover.js";
export { Share } from "./share.js";
export { VirtualMachine } from "./virtual-machine.js";
export type { StatusDetail, StatusEvent } from "./virtual-machine.js";
export type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
export type * from "./types.js";
