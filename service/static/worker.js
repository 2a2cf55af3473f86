// What can be read without a link? The pages last seen, until they are too old or somebody signs out.
"use strict";

const PAGES = "pages-1";
const FILES = "files-1";
const KEPT_HOURS = 96;
const STAMP = "X-Kept-At";
const READABLE = /^\/($|lists(\/|$)|areas$)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

async function tidy() {
  for (const name of await caches.keys()) if (name !== PAGES && name !== FILES) await caches.delete(name);
}

/** A page asks to be kept with its files; where the link is away just then, it asks again when it is opened. */
self.addEventListener("message", (event) => {
  const { keep, files } = event.data || {};
  if (!keep || new URL(keep).origin !== self.location.origin || !READABLE.test(new URL(keep).pathname)) return;
  const work = async () => {
    for (const name of files) await file(new Request(name));
    const fresh = await fetch(keep);
    if (fresh.ok && fresh.url === keep) await keepPage(keep, fresh);
  };
  event.waitUntil(work().catch(() => null));
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && READABLE.test(url.pathname)) event.respondWith(page(request));
});

/** Static files carry their content in the address, so the kept one is the right one. */
async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request, { ignoreVary: true });
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) {
    await files.delete(request, { ignoreSearch: true, ignoreVary: true });
    await files.put(request, fresh.clone());
  }
  return fresh;
}

/** The network first; where it fails, the page as it was last seen, if that is not too long ago. */
async function page(request) {
  try {
    const fresh = await fetch(request);
    const arrived = new URL(fresh.url || request.url);
    const html = (fresh.headers.get("Content-Type") || "").includes("text/html");
    if (fresh.ok && html && READABLE.test(arrived.pathname)) {
      await keepPage(request.url, fresh.clone());
      if (arrived.href !== request.url) await keepPage(arrived.href, fresh.clone());
    }
    return fresh;
  } catch (error) {
    const kept = await (await caches.open(PAGES)).match(request.url, { ignoreVary: true });
    if (!kept) throw error;
    if (Date.now() - Number(kept.headers.get(STAMP)) < KEPT_HOURS * 3600e3) return kept;
    await (await caches.open(PAGES)).delete(request.url);
    throw error;
  }
}

async function keepPage(address, answer) {
  const headers = new Headers(answer.headers);
  headers.set(STAMP, String(Date.now()));
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  await (await caches.open(PAGES)).put(address, new Response(await answer.blob(), { status: answer.status, headers }));
}
