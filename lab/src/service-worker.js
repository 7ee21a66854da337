/* global CACHE, FILES, caches, self */
// Keeps the whole page, so that it works without a network; CACHE and FILES are written before this by the build.
self.addEventListener('install', (event) => {
  const keep = async () => {
    await (await caches.open(CACHE)).addAll(FILES);
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith('ntm-lab-') && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  const answer = async () => (await (await caches.open(CACHE)).match(event.request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(event.request);
  event.respondWith(answer());
});
