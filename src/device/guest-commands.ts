/** Shell commands for root in the guest. They need `sh`, `mount` and a mounted sysfs, and nothing of ours. */
export interface GuestCommands {
  /** Makes the directory and mounts the device there. Looks for the device first, where the guest may not have seen it. */
  mount(directory: string, readOnly?: boolean): string;
  /** Unmounts it, and takes the device from its driver, so that it can be detached. */
  release(directory: string): string;
}

/** `slot`: device number on PCI bus 0, if it is known by now. */
export function guestCommands(tag: string, rescan: boolean, slot: number): GuestCommands {
  return {
    mount(directory, readOnly = false) {
      const place = quoted(directory);
      const options = readOnly ? "-o ro " : "";
      return `${rescan ? `${RESCAN}; ` : ""}mkdir -p ${place} && mount -t virtiofs ${options}${quoted(tag)} ${place}`;
    },
    release: (directory) => `umount ${quoted(directory)}; ${removeCommand(slot)}`,
  };
}

const RESCAN = "echo 1 > /sys/bus/pci/rescan";

/** Takes the device from its driver. */
export function removeCommand(slot: number): string {
  return `echo 1 > /sys/bus/pci/devices/${pciAddress(slot)}/remove`;
}

/** As lspci and sysfs write it. */
export function pciAddress(slot: number): string {
  return `0000:00:${slot.toString(16).padStart(2, "0")}.0`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
