import type { ShareStatistics } from "../../client/index.js";
import { bytesInWords } from "../amount.js";

/** "3 requests (2 LOOKUP, 1 READ), 0 interrupts; 1.2 kB read, 0 bytes written": the most frequent first. */
export function statisticsInWords(statistics: ShareStatistics): string {
  const { requests, interrupts, bytesRead, bytesWritten } = statistics;
  const operations = Object.entries(requests).sort(([, a], [, b]) => b - a);
  const total = operations.reduce((sum, [, count]) => sum + count, 0);
  const each = operations.map(([operation, count]) => `${count} ${operation}`).join(", ");
  const of = total === 0 ? "" : ` (${each})`;
  const moved = `${bytesInWords(bytesRead)} read, ${bytesInWords(bytesWritten)} written`;
  return `${total} requests of Linux${of}, ${interrupts} interrupts; ${moved}.`;
}
