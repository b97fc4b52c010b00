/** First message of the Worker, beside Comlink's: it holds the lock that it was named after, and lives while it does. */
export const WORKER_HOLDS_ITS_LOCK = "v86-virtiofs:locked";
