import type { CacheProfile } from "./file-system.js";

const DAY = 86_400;

/** Nobody but the guest changes the store: it may keep everything. */
export const exclusiveProfile: CacheProfile = {
  entrySeconds: DAY,
  attributeSeconds: DAY,
  negativeSeconds: DAY,
  keepCache: true,
  invalidateOnChange: false,
  timeGranularity: 1,
};

/** Others change the store too: what they do is seen within two seconds. */
export const sharedProfile: CacheProfile = {
  entrySeconds: 1,
  attributeSeconds: 1,
  negativeSeconds: 1,
  keepCache: false,
  invalidateOnChange: true,
  timeGranularity: 1,
};
