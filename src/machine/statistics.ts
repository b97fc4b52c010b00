import type { ShareStatistics } from "../client/types.js";
import { statisticsOf as deviceStatistics } from "../device/statistics.js";
import type { ActiveShare } from "./active-share.js";

/** What the device of a share has done so far. */
export function statisticsOf({ tag, served, slot }: ActiveShare): ShareStatistics {
  return deviceStatistics(tag, served, slot.interrupts);
}
