/// <reference types="vite/client" />
/** Once everything is there, the service worker keeps it; where a browser has none, the page just wants its host. */
export const stayForOffline = async (): Promise<void> => {
  if (import.meta.env.MODE !== 'production' || !('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('./sw.js').catch(() => undefined);
};
