// What was recorded here and has not reached the service yet? Kept in the browser until it has, sent once.
// Every entry carries its own Idempotency-Key, so a repeated sending has no second effect.
const DATABASE = "visits";
const STORE = "queue";

/** Opens the store; an entry is {key, who, url, body, etag, label, made, state, detail, result}. */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, mode === "readwrite" ? { durability: "strict" } : {});
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const put = (entry) => inStore("readwrite", (store) => store.put(entry));
const remove = (key) => inStore("readwrite", (store) => store.delete(key));

/** Everything this person recorded and that has not arrived, or was refused; oldest first. */
async function waiting(who) {
  const all = await inStore("readonly", (store) => store.getAll());
  return all.filter((entry) => entry.who === who).sort((a, b) => a.made.localeCompare(b.made));
}

/** Keeps one result on disk before anything is sent. */
async function keep(who, { url, body, etag, label }) {
  const entry = { key: crypto.randomUUID(), who, url, body, etag, label, made: new Date().toISOString(), state: "waiting" };
  await put(entry);
  return entry;
}

/** Sends one entry; returns what became of it: sent, arrived, refused (with the reason), sign-in or waiting. */
async function send(entry, token) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": entry.key, "X-Form-Token": token };
  if (entry.etag) headers["If-Match"] = `"${entry.etag}"`;
  let answer;
  try {
    answer = await fetch(entry.url, { method: "POST", headers, body: JSON.stringify(entry.body), credentials: "same-origin" });
  } catch {
    return { state: "waiting" };
  }
  if (answer.ok) return { state: "sent", result: await answer.json().catch(() => null) };
  if (answer.status === 401 || answer.status === 403) return { state: "sign-in" };
  if (answer.status === 409) {
    const type = await typeOf(answer.clone());
    if (type.endsWith(":key_running")) return { state: "waiting" };
    if (type.endsWith(":key_lost")) return { state: "arrived" }; // carried out once; only its answer is gone
  }
  if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return { state: "waiting" };
  const problem = await answer.json().catch(() => ({}));
  const faults = (problem.errors || []).map((fault) => fault.detail).join("; ");
  return { state: "refused", detail: faults || problem.detail || String(answer.status) };
}

/** Which problem an answer tells. */
async function typeOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  return String(problem.type || "");
}

/** Sends what waits, one after the other and in one tab at a time; tells `report` of each end. */
async function flush(who, token, report) {
  const work = async () => {
    for (const entry of await waiting(who)) {
      if (entry.state === "refused") continue;
      const end = await send(entry, token);
      if (end.state === "sent" || end.state === "arrived") await remove(entry.key);
      else if (end.state === "refused") await put({ ...entry, state: "refused", detail: end.detail });
      report(entry, end);
      if (end.state === "waiting" || end.state === "sign-in") return;
    }
  };
  if (navigator.locks) await navigator.locks.request("visits-queue", work);
  else await work();
}

export { flush, keep, remove, waiting };
