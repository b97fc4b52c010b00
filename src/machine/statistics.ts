import type { ShareStatistics } from "../client/types.js";
import type { Shares } from "./shares.js";

/** What the devices of `shares` have done so far. */
export function statisticsOf(shares: Pick<Shares, "slots">): readonly ShareStatistics[] {
  return shares.slots.map(({ share: { tag, server, device }, slot }) => ({
    tag,
    requests: Object.fromEntries(server.requests),
    notifications: device.notifications,
    interrupts: slot.interrupts,
    bytesRead: server.bytesRead,
    bytesWritten: server.bytesWritten,
  }));
}
