import type { MachineStatus, Share, VirtualMachine } from "../client/index.js";
import type { LinuxVmAttributes } from "./attributes.js";

/** "idle": not started yet. */
export type LinuxVmStatus = "idle" | MachineStatus;

/** Events of `<linux-vm>`. None of them bubbles. */
export interface LinuxVmElementEventMap extends HTMLElementEventMap {
  /** {@link LinuxVmStatus} is another. */
  status: CustomEvent<{ readonly status: LinuxVmStatus }>;
  /** The shell is there, and what is shared is mounted. */
  ready: CustomEvent<{ readonly vm: VirtualMachine }>;
  /** A source was mounted. */
  share: CustomEvent<{ readonly share: Share }>;
  /** The machine did not start, has failed or could not save, or something could not be shared. `error` is a `MachineError`, `message` for the visitor. */
  error: ErrorEvent;
}

/** Attributes, properties and listeners in the form of a framework's element: `onstatus` is called with the event `status`. */
export type LinuxVmProps = Partial<
  Pick<
    LinuxVmAttributes,
    | "share"
    | "shares"
    | "command"
    | "loading"
    | "theme"
    | "fontSize"
    | "memory"
    | "assets"
    | "readOnly"
    | "screenReader"
    | "label"
  >
> & {
  [Name in "status" | "ready" | "share" | "error" as `on${Name}`]?: (event: LinuxVmElementEventMap[Name]) => void;
};
