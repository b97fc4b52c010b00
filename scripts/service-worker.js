// The page's service worker: it opens offline, and from the browser's own copy. scripts/service-worker-plugin.mjs puts before this:
//   BUILD = { version, files }: what the page needs until the shell and later, relative to this file; "./" is the page itself.
//
// A file's name has the hash of its content, but for the page. So the page is taken from the network while there is one, every other
// file from whichever cache has it. A new build's worker fills a cache of its own and waits until no page of the one before is open:
// those find what they load later in theirs.
/* global BUILD */

const scope = new URL("./", self.location.href).href;
const OURS = `v86-virtiofs ${scope} `;
const cacheName = OURS + BUILD.version;

self.addEventListener("install", (event) => event.waitUntil(fill()));
// The page that brought it is served by it, too: what that loads later may be gone from the host by then.
self.addEventListener("activate", (event) => event.waitUntil(removeOthers().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  const path = url.href.startsWith(scope) ? url.pathname.slice(new URL(scope).pathname.length) : undefined;
  if (path === undefined) return;
  if (request.mode === "navigate") {
    if (path === "" || path === "index.html") event.respondWith(pageFor(request));
  } else if (BUILD.files.includes(path) || /^(assets\/|guest\/snapshot-)/.test(path)) {
    event.respondWith(cached(request));
  }
});

async function fill() {
  const cache = await caches.open(cacheName);
  await Promise.all(
    BUILD.files.map(async (file) => {
      const url = new URL(file, scope).href;
      // Of the build before, where the name says that it is the same; the page is looked for anew.
      const known = /-[\w-]{8,}\.\w+$/.test(file) ? await caches.match(url) : undefined;
      const response = known ?? (await fetch(url, { cache: "no-cache" }));
      if (!response.ok) throw new Error(`${file}: the server answered ${response.status}`);
      await cache.put(url, response);
    }),
  );
}

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(OURS) && name !== cacheName).map((name) => caches.delete(name)),
  );
}

async function pageFor(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(scope);
    if (page) return page;
    throw error;
  }
}

async function cached(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}
