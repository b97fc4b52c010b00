import type { ShareStatistics } from "../client/types.js";
import type { ActiveShare } from "./active-share.js";

/** What the device of a share has done so far. */
export function statisticsOf({ tag, server, device, slot }: ActiveShare): ShareStatistics {
  const { bytesRead, bytesWritten } = server;
  const requests = Object.fromEntries(server.requests);
  return { tag, requests, notifications: device.notifications, interrupts: slot.interrupts, bytesRead, bytesWritten };
}
