// The service worker: it keeps what the pages need, so that they open without a
// network, and never stands between a page and the gateway.
"use strict";

// Below which path everything is, without a slash at its end; "" is the whole host.
const base = "{{.Base}}";
const cacheName = "{{.Cache}}";
const ours = "cartline" + base + "-"; // begins the names of our caches; others share the host
const pages = {{.Pages}};
const shop = {{.Shop}};
const resources = {{.ResourcesToCache}};

// What is always for the server, below the base: answers that change, and sockets.
const live = /^\/(api\/.*|echo|events\/io|healthz|readyz)$/;

// The name of a file that never changes has its hash before the extension.
const hashed = /^\/web\/.+\.[0-9A-Za-z_-]{8,}\.[0-9a-z]+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(cacheName);
      const wanted = [...new Set([...pages, ...shop, ...resources])];
      // One by one: cache.addAll would keep nothing if one were missing.
      const kept = await Promise.allSettled(wanted.map((path) => keep(cache, path)));
      kept.forEach((outcome, i) => {
        if (outcome.status === "rejected") {
          console.warn("not kept for offline use:", wanted[i], outcome.reason);
        }
      });
      await self.skipWaiting();
    })()
  );
});

// below returns a path as it is below the base, or null if it is beside.
function below(url) {
  return url.pathname.startsWith(base + "/") ? url.pathname.slice(base.length) : null;
}

// keep fetches what the browser's own cache may have in an older version, except
// for files that never change.
async function keep(cache, path) {
  await cache.add(new Request(path, { cache: hashed.test(path.slice(base.length)) ? "default" : "no-cache" }));
}

// Pages that were open before there was a worker are not claimed: go-app would
// take that for an update and tell visitors of a new version on their first visit.
self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith(ours) && name !== cacheName).map((name) => caches.delete(name)));
    })()
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  const path = below(url);
  if (request.method !== "GET" || url.origin !== self.location.origin || path === null || live.test(path)) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(request, url));
  } else if (hashed.test(path)) {
    event.respondWith(file(request));
  } else {
    event.respondWith(other(request));
  }
});

// page answers with the network's page, or without a network with the one that
// was kept, with its own content security policy. The shop's pages change, so the
// copy of one is replaced whenever it is seen; from one that isn't kept, a product's,
// it goes to the shop's front.
async function page(request, url) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok && url.search === "" && shop.includes(url.pathname)) {
      // The page need not wait for it, nor fail with it.
      cache.put(url.pathname, response.clone()).catch((failure) => console.warn("not kept:", request.url, failure));
    }
    return response;
  } catch (failure) {
    if (url.pathname.startsWith(shop[0] + "/") && !shop.includes(url.pathname) && (await cache.match(shop[0]))) {
      return Response.redirect(shop[0]);
    }
    const kept = ([...pages, ...shop].includes(url.pathname) && (await cache.match(url.pathname))) || (await cache.match(base + "/"));
    if (kept) {
      return kept;
    }
    throw failure;
  }
}

// file answers with a file that never changes, once fetched for good.
async function file(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) {
    return kept;
  }
  const response = await fetch(request);
  if (response.ok) {
    // The page need not wait for it, nor fail with it.
    cache.put(request, response.clone()).catch((failure) => console.warn("not kept:", request.url, failure));
  }
  return response;
}

// other answers from the network, or without one with what was kept.
async function other(request) {
  try {
    return await fetch(request);
  } catch (failure) {
    const cache = await caches.open(cacheName);
    const kept = await cache.match(request);
    if (kept) {
      return kept;
    }
    throw failure;
  }
}
