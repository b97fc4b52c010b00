import type { FileSystemDevice } from "./file-system-device.js";

/** What a device has done since it was made. */
export interface DeviceStatistics {
  /** The device's. */
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

export function statisticsOf(tag: string, { server, device }: FileSystemDevice, interrupts: number): DeviceStatistics {
  const { bytesRead, bytesWritten } = server;
  const requests = Object.fromEntries(server.requests);
  return { tag, requests, notifications: device.notifications, interrupts, bytesRead, bytesWritten };
}
