/**
 * Makes the page work offline, where the build has a service worker (scripts/service-worker-plugin.mjs). It belongs to the page, not to
 * the client: a site that embeds the client gets none.
 */
export function workOffline(): void {
  if (!import.meta.env.PROD) return;
  // Refused in some private windows, and on hosts without the file: the page works as ever, online.
  navigator.serviceWorker
    ?.register("./service-worker.js")
    .catch((error: unknown) => console.debug("No service worker:", error));
}
