// What does a page do beyond its forms and links? It keeps results while the link is away, and the last list readable.
// Everything here also works without this script, by the forms themselves.
"use strict";

import { flush, keep, remove, waiting } from "./queue.js";

const UNDO_SECONDS = 10;
const RETRY_SECONDS = 30;
const page = document.body.dataset; // who, token and every sentence this script shows
const panel = document.getElementById("queue");

if ("serviceWorker" in navigator && page.who) navigator.serviceWorker.register("/worker.js");

/** The fields of a form as the API wants them: empty ones left away, numbers as numbers. */
function bodyOf(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    const field = form.elements[name];
    const type = (field instanceof RadioNodeList ? field[0] : field).dataset.type;
    if (name.startsWith("_") || value === "") continue;
    body[name] = type === "number" ? Number(value) : value;
  }
  return body;
}

function told(entry, text, button) {
  const line = document.createElement("p");
  line.className = "told";
  line.append(text.replace("{label}", entry.label));
  if (button) line.append(" ", button);
  panel.append(line);
  panel.hidden = false;
  return line;
}

function buttonOf(text, work) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = text;
  button.addEventListener("click", work, { once: true });
  return button;
}

/** Shows what became of an entry; one that arrived can be taken back for some seconds. */
function report(entry, end) {
  document.querySelectorAll(`[data-entry="${entry.key}"]`).forEach((line) => line.remove());
  let line;
  if (end.state === "sent") {
    line = told(entry, page.sent, end.result?.inspection_id && buttonOf(page.undo, () => undo(entry, end.result, line)));
    mark(entry, page.statusVisited);
    setTimeout(() => line.remove(), UNDO_SECONDS * 1000);
  } else if (end.state === "refused") {
    line = told(entry, `${page.refused} ${end.detail}`, buttonOf(page.discard, () => remove(entry.key).then(() => line.remove())));
  } else {
    line = told(entry, end.state === "sign-in" ? page.signIn : page.kept, buttonOf(page.undo, () => remove(entry.key).then(() => line.remove())));
  }
  line.dataset.entry = entry.key;
}

async function undo(entry, result, line) {
  const answer = await fetch(`${entry.url}/${encodeURIComponent(result.inspection_id)}`, {
    method: "DELETE",
    headers: { "X-Form-Token": page.token, "Idempotency-Key": crypto.randomUUID() },
  }).catch(() => null);
  line.textContent = answer?.ok ? page.undone : page.notUndone;
  if (answer?.ok) mark(entry, page.statusOpen);
}

/** Says on the row itself where its visit stands, until the page is loaded anew. */
function mark(entry, text) {
  document.querySelectorAll(`[data-row="${entry.body.list_id}/${entry.body.rank}"] .status`).forEach((place) => {
    place.textContent = text;
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.queue || !page.who || !window.indexedDB) return;
  event.preventDefault();
  const body = { ...bodyOf(form), list_id: form.dataset.list, rank: Number(form.dataset.rank) };
  const entry = await keep(page.who, { url: form.dataset.queue, body, etag: form.dataset.version, label: form.dataset.label });
  form.closest("dialog")?.close();
  form.reset();
  mark(entry, page.statusKept);
  await flush(page.who, page.token, report);
});

/** "Record" opens the one form of the page over the list; without a dialog the link leads to the row's own page. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-record]");
  const dialog = document.getElementById("record");
  if (!link || !dialog?.showModal) return;
  event.preventDefault();
  const form = dialog.querySelector("form");
  Object.assign(form.dataset, { list: link.dataset.list, rank: link.dataset.rank, version: link.dataset.version, label: link.dataset.label });
  dialog.querySelector(".whose").textContent = link.dataset.label;
  dialog.showModal();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

/** Signing out forgets the kept pages; results that have not arrived are named first. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("forget" in form.dataset) || form.dataset.ready) return;
  event.preventDefault();
  const left = page.who ? await waiting(page.who) : [];
  if (left.length && !confirm(page.unsent.replace("{count}", left.length))) return;
  if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
  form.dataset.ready = "yes";
  form.submit();
});

async function start() {
  if (!page.who || !panel || !window.indexedDB) return;
  const away = await fetch("/health/live", { cache: "no-store" }).then((answer) => !answer.ok, () => true);
  document.getElementById("away")?.toggleAttribute("hidden", !away);
  for (const entry of await waiting(page.who)) {
    report(entry, entry.state === "refused" ? entry : { state: "waiting" });
    mark(entry, page.statusKept);
  }
  if (!away) await flush(page.who, page.token, report);
}

window.addEventListener("online", start);
setInterval(() => document.visibilityState === "visible" && waiting(page.who).then((left) => left.some((e) => e.state === "waiting") && flush(page.who, page.token, report)), RETRY_SECONDS * 1000);
start();
