/** The entry "./element": defines `<linux-vm>`. */
import { LinuxVmElement } from "./linux-vm-element.js";

export { LinuxVmElement };
export type { LinuxVmLoading, LinuxVmShare, LinuxVmTheme } from "./attributes.js";
export type { LinuxVmElementEventMap, LinuxVmProps, LinuxVmStatus } from "./events.js";

declare global {
  interface HTMLElementTagNameMap {
    "linux-vm": LinuxVmElement;
  }
}

// Not where there is no DOM, and not twice where a page has the package twice.
const registry = globalThis.customElements as CustomElementRegistry | undefined;
if (registry && !registry.get("linux-vm")) registry.define("linux-vm", LinuxVmElement);
