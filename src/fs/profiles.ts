import type { Store } from "../storage/store.js";
import type { CacheProfile } from "./file-system.js";

const DAY = 86_400;

export function profileOf(store: Store): CacheProfile {
  if (!store.exclusive) return { ...sharedProfile, readsTakeTime: store.readsAhead !== true };
  // What nobody writes is a browser's blob, and read by a promise.
  return { ...exclusiveProfile, readsTakeTime: store.readOnly };
}

/** Nobody but the guest changes the store: it may keep everything. */
const exclusiveProfile: CacheProfile = {
  entrySeconds: DAY,
  attributeSeconds: DAY,
  negativeSeconds: DAY,
  keepCache: true,
  invalidateOnChange: false,
  readsTakeTime: false,
  timeGranularity: 1,
};

/** Others change the store too: what they do is seen within two seconds. */
const sharedProfile: CacheProfile = {
  entrySeconds: 1,
  attributeSeconds: 1,
  negativeSeconds: 1,
  keepCache: false,
  invalidateOnChange: true,
  readsTakeTime: true,
  timeGranularity: 1,
};
