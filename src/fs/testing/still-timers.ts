import type { Timers } from "../../posix/timers.js";

/** Time stands still: nothing times out. */
export const stillTimers: Timers = { now: () => 0, setTimeout: () => undefined, clearTimeout: () => {} };
