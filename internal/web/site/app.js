// Keeps the page true while it is open: on each event it fetches the page again
// and puts in what is different. Without it the page refreshes itself.
"use strict";

const byId = (id) => document.getElementById(id);
let version = Number(document.body.dataset.version);
let records = Number(document.body.dataset.records);
let sentence = byId("verdict").textContent;
const server = new Map(); // what the server sent for each part; times on the page move on

for (const part of document.querySelectorAll("[data-part]")) server.set(part.id, part.innerHTML);

// relative and rough say what words.go says.
function rough(s) {
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.floor((s + 30) / 60)} min`;
  if (s < 172800) return `${Math.floor((s + 1800) / 3600)} h`;
  return `${Math.floor((s + 43200) / 86400)} days`;
}

function relative(at) {
  const s = (at - Date.now()) / 1000;
  if (Math.abs(s) < 5) return "just now";
  const r = rough(Math.floor(Math.abs(s)));
  return s < 0 ? `${r} ago` : `in ${r}`;
}

function tick() {
  for (const t of document.querySelectorAll("time[datetime]:not([data-fixed])")) {
    const text = relative(Date.parse(t.dateTime));
    if (t.textContent !== text) t.textContent = text;
  }
}

function put(old, fresh) {
  if (fresh.hasAttribute("data-unchanged") || server.get(old.id) === fresh.innerHTML) return;
  server.set(old.id, fresh.innerHTML);
  const opened = new Map([...old.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
  const focus = old.contains(document.activeElement) && document.activeElement.closest("[id]");
  old.className = fresh.className;
  old.replaceChildren(...fresh.childNodes);
  for (const d of old.querySelectorAll("details[id]")) if (opened.has(d.id)) d.open = opened.get(d.id);
  if (focus && focus !== old) {
    const again = byId(focus.id);
    (again?.querySelector("summary, a, button") || again)?.focus();
  }
}

let fetching = false, again = false;

async function refresh() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const url = new URL(location.href);
    url.searchParams.set("have", records);
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (answer.redirected) { location.href = "login"; return; }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    version = Number(fresh.body.dataset.version);
    records = Number(fresh.body.dataset.records);
    document.title = fresh.title;
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.getElementById(part.id);
      if (other) put(part, other);
    }
    const part = fresh.getElementById("records-part");
    if (!part.hasAttribute("data-unchanged")) {
      byId("records-part").toggleAttribute("data-paged", part.hasAttribute("data-paged"));
      byId("found").textContent = fresh.getElementById("found").textContent;
    }
    const now = byId("verdict").textContent;
    if (now !== sentence) byId("announce").textContent = sentence = now;
    narrow();
    tick();
  } catch { /* the stream says when the server is back */ } finally {
    fetching = false;
    if (again) { again = false; refresh(); }
  }
}

// A beat comes every 25 s (events.go). Who hears nothing for longer, or cannot
// connect for a while, shows an old page, and says so.
const silence = 60e3, patience = 6e3;
let heard = Date.now(), lost = 0;

function word() {
  heard = Date.now();
  lost = 0;
  gone();
}

function gone() {
  const is = Date.now() - heard > silence || lost > 0 && Date.now() - lost > patience;
  if (is === document.body.classList.contains("stale")) return;
  const since = byId("gone-since"), at = new Date(heard);
  since.dateTime = at.toISOString();
  since.textContent = new Date(heard + document.body.dataset.offset * 1e3).toISOString().slice(11, 16); // as all times of the page
  byId("gone").hidden = !is;
  document.body.classList.toggle("stale", is);
}

function live(on) {
  byId("live").hidden = false;
  byId("live").classList.toggle("off", !on);
  byId("live-text").textContent = on ? "live" : "reconnecting";
}

function listen() {
  const stream = new EventSource("api/v1/events");
  stream.onopen = () => { live(true); word(); };
  stream.onerror = () => {
    live(false);
    lost ||= Date.now();
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { refresh(); listen(); }, 5000);
  };
  stream.addEventListener("beat", word);
  stream.addEventListener("change", (e) => {
    word();
    if (JSON.parse(e.data).version !== version) refresh();
  });
}

// seek asks the server, where the names are more than a page holds.
let seeking = 0;
function seek(want) {
  clearTimeout(seeking);
  seeking = setTimeout(() => {
    const url = new URL(location.href);
    url.searchParams.delete("page");
    if (want) url.searchParams.set("q", want); else url.searchParams.delete("q");
    history.replaceState(null, "", url);
    byId("q").defaultValue = want;
    records = 0; // those that are there are others
    refresh();
  }, 200);
}

// narrow shows the names that have what is typed, before anything is sent.
function narrow() {
  const field = byId("q");
  if (!field || field.value === field.defaultValue) return;
  const want = field.value.trim().toLowerCase();
  if (byId("records-part").hasAttribute("data-paged") || new URLSearchParams(location.search).has("q")) { seek(want); return; }
  let found = 0;
  for (const zone of document.querySelectorAll(".zone")) {
    let here = 0;
    for (const name of zone.querySelectorAll("tbody")) {
      const has = name.textContent.toLowerCase().includes(want);
      name.hidden = !has;
      if (has) here++;
    }
    zone.hidden = here === 0;
    if (want) zone.open = here > 0 && found < 200;
    found += here;
  }
  byId("found").textContent = want ? (found === 1 ? "1 name" : `${found} names`) : "";
}

function sayDone(round) {
  const changed = (parts, one, many) => {
    const n = parts.reduce((sum, p) => sum + p.done.filter((d) => d.ok).length, 0);
    return n === 0 ? [] : [n === 1 ? `1 ${one}` : `${n} ${many}`];
  };
  if (round.outcome === "failed") return "Done, and something is not as it should be.";
  const what = [...changed(round.zones, "record", "records"), ...changed(round.lists, "list item", "list items")];
  return what.length === 0 ? "Done: everything was right already." : `Done: ${what.join(" and ")} changed.`;
}

async function sync(e) {
  e.preventDefault();
  const button = byId("sync").querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  const began = Date.now();
  const say = (text) => { byId("sync-said").textContent = text; };
  button.setAttribute("aria-disabled", "true");
  byId("sync-text").textContent = "Syncing…";
  say("Looking at the addresses and the records.");
  const clock = setInterval(() => { byId("sync-text").textContent = `Syncing… ${Math.round((Date.now() - began) / 1000)} s`; }, 1000);
  try {
    const answer = await fetch("api/v1/sync?wait=true", { method: "POST" });
    const body = await answer.json();
    if (answer.status === 401) location.href = "login";
    say(answer.ok ? sayDone(body) : body.detail);
  } catch {
    say("The server did not answer.");
  } finally {
    clearInterval(clock);
    button.setAttribute("aria-disabled", "false");
    byId("sync-text").textContent = "Sync now";
    refresh();
  }
}

byId("sync")?.addEventListener("submit", sync);
byId("q")?.addEventListener("input", narrow);
tick();
setInterval(() => { tick(); gone(); }, 5000);
listen();
