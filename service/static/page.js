// What does a page do beyond its forms and links? It keeps results while the link is away, and the last list readable.
// Everything here also works without this script, by the forms themselves.

const { flush, keep, remove, waiting } = await import(`./queue.js${new URL(import.meta.url).search}`);

const RETRY_SECONDS = 30;
const NOON_IN_JAKARTA = "05:00:00Z"; // stands for a day of which nobody told the hour
const AHEAD_OF_UTC = 9 * 3600e3; // the easternmost zone of Indonesia
const STAMP = "X-Kept-At"; // when the worker kept a page
const READER = "reader"; // whose pages are kept on this device
const OWN_FIELDS = ["form_token", "version", "visited_on"]; // those that the API does not take
const page = document.body.dataset; // who, token and every sentence this script shows
const panel = document.getElementById("queue");
const queues = Boolean(page.who && panel && window.indexedDB);

if ("serviceWorker" in navigator && page.who) navigator.serviceWorker.register("/worker.js");

async function forgetPages() {
  if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
}

/** Pages that another person opened on this device are not this one's to read. */
async function keepOneReader() {
  if (!page.who || localStorage.getItem(READER) === page.who) return;
  if (localStorage.getItem(READER)) await forgetPages();
  localStorage.setItem(READER, page.who);
}

/** A page that came as the answer to a form passes the worker by; it is asked to keep it as well. */
async function keepThisPage() {
  if (!page.who || !navigator.serviceWorker || !window.caches) return;
  const address = location.href.split("#")[0];
  const kept = await caches.match(address, { ignoreVary: true });
  if (kept && Number(kept.headers.get(STAMP)) > performance.timeOrigin) return;
  const files = performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.includes("/static/"));
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ keep: address, files });
}

/** The latest day that has begun somewhere in Indonesia, as a date field holds it. */
function today() {
  return new Date(Date.now() + AHEAD_OF_UTC).toISOString().slice(0, 10);
}

/** The instant that stands for a day: now where its noon is still to come. */
function instantOf(day) {
  const noon = new Date(`${day}T${NOON_IN_JAKARTA}`);
  return (day === today() && noon > Date.now() ? new Date() : noon).toISOString();
}

/** The fields of a form as the API wants them: empty ones left away, numbers as numbers, the day as an instant. */
function bodyOf(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    if (OWN_FIELDS.includes(name) || value.trim() === "") continue;
    body[name] = name === "severity" ? Number(value) : value.trim();
  }
  if (body.outcome !== "harm_found") for (const name of ["category", "severity"]) delete body[name];
  if (body.outcome !== "not_reached") delete body.reason_code;
  body.visited_at = instantOf(form.elements.visited_on.value);
  return body;
}

function say(entry, text, ...others) {
  const line = document.createElement("p");
  line.className = "told";
  line.dataset.entry = entry.key;
  line.append(text.replace("{label}", entry.label));
  for (const other of others.filter(Boolean)) line.append(" ", other);
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

function rowLink(entry) {
  const link = document.createElement("a");
  link.href = `/lists/${encodeURIComponent(entry.body.list_id)}/rows/${entry.body.rank}`;
  link.textContent = page.openRow;
  return link;
}

/** Shows what became of an entry; one that arrived can be taken back for some seconds. */
function report(entry, end) {
  document.querySelectorAll(`[data-entry="${entry.key}"]`).forEach((line) => line.remove());
  const forget = async () => {
    await remove(entry.key);
    line.remove();
    mark(entry, page.statusOpen);
  };
  let line;
  if (end.state === "sent") {
    const undoes = end.result?.inspection_id && buttonOf(page.undo, () => undo(entry, end.result, line));
    line = say(entry, page.sent, undoes);
    mark(entry, page.statusVisited);
    setTimeout(() => line.querySelector("button")?.remove(), page.undoSeconds * 1000);
  } else if (end.state === "arrived") {
    line = say(entry, page.arrived, rowLink(entry));
    mark(entry, page.statusVisited);
  } else if (end.state === "refused") {
    line = say(entry, `${page.refused} ${end.detail}`, rowLink(entry), buttonOf(page.discard, forget));
  } else {
    line = say(entry, end.state === "sign-in" ? page.signIn : page.kept, buttonOf(page.undo, forget));
    mark(entry, page.statusKept);
  }
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
  const open = text === page.statusOpen;
  document.querySelectorAll(`[data-row="${entry.body.list_id}/${entry.body.rank}"]`).forEach((row) => {
    const place = row.querySelector(".status");
    if (place) place.textContent = text;
    row.querySelectorAll("[data-record]").forEach((link) => link.toggleAttribute("hidden", !open));
  });
  document.querySelectorAll(`form[data-queue][data-list="${entry.body.list_id}"][data-rank="${entry.body.rank}"]`).forEach((form) => {
    if (!form.closest("dialog")) form.toggleAttribute("hidden", !open);
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.queue || !queues) return;
  event.preventDefault();
  const body = { ...bodyOf(form), list_id: form.dataset.list, rank: Number(form.dataset.rank) };
  const { queue: url, version: etag, label } = form.dataset;
  const entry = await keep(page.who, { url, body, etag, label }).catch(() => null);
  if (!entry) { // nothing can be kept on this device, so it goes the way of every form
    if (form.hasAttribute("action")) form.submit();
    return;
  }
  form.closest("dialog")?.close();
  form.reset();
  report(entry, { state: "waiting" });
  panel.scrollIntoView({ block: "nearest" });
  await flush(page.who, page.token, report);
});

/** "Record" opens the one form of the page over the list; without a dialog the link leads to the row's own page. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-record]");
  const dialog = document.getElementById("record");
  if (!link || !queues || !dialog?.showModal) return;
  event.preventDefault();
  const form = dialog.querySelector("form");
  form.reset();
  Object.assign(form.dataset, { list: link.dataset.list, rank: link.dataset.rank, version: link.dataset.version, label: link.dataset.label });
  form.elements.visited_on.max = form.elements.visited_on.value = today();
  dialog.querySelector(".whose").textContent = link.dataset.label;
  dialog.showModal();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

/** Signing out forgets the kept pages; results that have not arrived are named first, and stay for this person. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("forget" in form.dataset) || form.dataset.ready) return;
  event.preventDefault();
  const left = queues ? await waiting(page.who) : [];
  if (left.length && !confirm(page.unsent.replace("{count}", left.length))) return;
  await forgetPages();
  localStorage.removeItem(READER);
  form.dataset.ready = "yes";
  form.submit();
});

/** A page read without a link says how old it is. */
async function sayAge(notice) {
  const kept = window.caches && (await caches.match(location.href.split("#")[0], { ignoreVary: true }));
  if (!kept) return;
  const minutes = Math.round((Date.now() - Number(kept.headers.get(STAMP))) / 60e3);
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const [, length, unit] = [[1440, 1440, "day"], [60, 60, "hour"], [0, 1, "minute"]].find(([from]) => minutes >= from);
  const age = notice.querySelector("span") || notice.appendChild(document.createElement("span"));
  age.textContent = ` ${page.lastOpened.replace("{age}", format.format(-Math.round(minutes / length), unit))}`;
}

/** What was just done can be taken back for some seconds; after them the form would only be refused. */
function endUndo() {
  const form = document.querySelector("form[data-seconds]");
  if (form) setTimeout(() => form.remove(), form.dataset.seconds * 1000);
}

async function start() {
  if (!queues) return;
  const away = await fetch("/health/live", { cache: "no-store" }).then((answer) => !answer.ok, () => true);
  const notice = document.getElementById("away");
  notice?.toggleAttribute("hidden", !away);
  if (away && notice) await sayAge(notice);
  for (const entry of await waiting(page.who)) {
    report(entry, entry.state === "refused" ? entry : { state: "waiting" });
  }
  if (!away) await flush(page.who, page.token, report);
}

/** Tries again while something waits. */
async function again() {
  if (document.visibilityState !== "visible" || !queues) return;
  const left = await waiting(page.who);
  if (left.some((entry) => entry.state === "waiting")) await flush(page.who, page.token, report);
}

window.addEventListener("online", start);
window.addEventListener("offline", start);
setInterval(again, RETRY_SECONDS * 1000);
endUndo();
await keepOneReader();
await start();
await keepThisPage();
