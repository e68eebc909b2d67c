// The list is patched line by line, so that new mails appear without a flicker and without
// moving the focus; a mail's own HTML only ever lives in the sandboxed frame.

const REFRESH_MS = 2000;
const PAGE = 50;
// What the API gives at most; older mails are found by searching.
const LIMIT_MAX = 500;
const at = (id) => document.getElementById(id);
const list = at("list");
const views = ["html", "text", "headers"];
const state = { to: "", limit: PAGE, tag: "", chosen: "", timer: 0 };

const size = (bytes) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB`
    : `${(bytes / 1048576).toFixed(1)} MB`;

function moment(iso, long) {
  const date = new Date(iso);
  if (long) return date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
  return date.toLocaleString([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

// Drawn by the style sheet: not every machine has a letter for a paper clip.
function clip(has) {
  const element = make("span", has ? "clip" : "", "");
  if (has) element.append(make("span", "unseen", "with attachments"));
  return element;
}

function line(mail) {
  const item = document.createElement("li");
  item.dataset.id = mail.id;
  const link = document.createElement("a");
  link.href = `#${mail.id}`;
  const time = make("time", "", moment(mail.received_at));
  time.dateTime = mail.received_at;
  link.append(make("span", "to", mail.to.join(", ")), time,
    make("span", "subject", mail.subject || "(no subject)"),
    clip(mail.has_attachments));
  item.append(link);
  return item;
}

function patch(mails) {
  const lines = new Map([...list.children].map((item) => [item.dataset.id, item]));
  let place = list.firstElementChild;
  for (const mail of mails) {
    const item = lines.get(mail.id) ?? line(mail);
    lines.delete(mail.id);
    if (item === place) place = place.nextElementSibling;
    else list.insertBefore(item, place);
  }
  for (const gone of lines.values()) gone.remove();
  mark();
}

function mark() {
  for (const item of list.children) {
    const link = item.firstElementChild;
    if (item.dataset.id === state.chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function say(text) {
  // Said again only when it differs, or a screen reader would repeat it every two seconds.
  if (at("count").textContent !== text) at("count").textContent = text;
}

async function refresh() {
  clearTimeout(state.timer);
  const asked = state.to;
  try {
    const query = new URLSearchParams({ to: asked, limit: state.limit });
    const headers = state.tag ? { "If-None-Match": state.tag } : {};
    const answer = await fetch(`api/mails?${query}`, { headers, cache: "no-store" });
    if (asked !== state.to) return;
    if (answer.status === 200) {
      const found = await answer.json();
      state.tag = answer.headers.get("ETag") ?? "";
      patch(found.items);
      at("more").hidden = found.next === null || state.limit >= LIMIT_MAX;
      say(found.total === 1 ? "1 mail" : found.total ? `${found.total} mails`
        : asked ? `No mail to “${asked}”` : "No mail yet. It appears here as it arrives.");
    } else if (answer.status !== 304) throw new Error(answer.statusText);
  } catch {
    say("The inbox cannot be reached; trying again.");
    state.tag = "";
  }
  state.timer = setTimeout(refresh, document.hidden ? REFRESH_MS * 5 : REFRESH_MS);
}

function restart() {
  state.tag = "";
  refresh();
}

function show(view) {
  for (const name of views) {
    at(`view-${name}`).hidden = name !== view;
    at(`tab-${name}`).setAttribute("aria-selected", String(name === view));
    at(`tab-${name}`).tabIndex = name === view ? 0 : -1;
  }
}

function fact(name, value, className = "") {
  return value ? [make("dt", className, name), make("dd", className, value)] : [];
}

function attachment(mail, file) {
  const item = document.createElement("li");
  const link = make("a", "", file.name);
  link.href = `api/mails/${mail.id}/attachments/${file.number}`;
  link.target = "_blank";
  link.rel = "noopener";
  link.append(make("small", "", size(file.size_bytes)));
  item.append(link);
  return item;
}

async function open(id) {
  const answer = await fetch(`api/mails/${encodeURIComponent(id)}`);
  if (state.chosen !== id) return;
  if (!answer.ok) {
    at("hint").textContent = "This mail is no longer here.";
    close();
    return;
  }
  const mail = await answer.json();
  at("subject").textContent = mail.subject || "(no subject)";
  at("facts").replaceChildren(...fact("From", mail.from || mail.sender, "roomy"),
    ...fact("To", mail.to.join(", ")), ...fact("Received", moment(mail.received_at, true)),
    ...fact("Size", size(mail.size_bytes), "roomy"));
  at("attachments").replaceChildren(...mail.attachments.map((file) => attachment(mail, file)));
  at("raw").href = `api/mails/${mail.id}/raw`;
  at("view-text").textContent = mail.text || "This mail has no plain text.";
  at("view-headers").textContent = mail.headers.map((h) => `${h.name}: ${h.value}`).join("\n");
  at("tab-html").disabled = !mail.html;
  // Replaced, not navigated: the frame's history must not catch the back button.
  at("view-html").contentWindow.location.replace(mail.html ? `mails/${mail.id}/body` : "about:blank");
  show(mail.html ? "html" : "text");
  at("reading").hidden = false;
  at("hint").hidden = true;
  document.body.classList.add("reading");
  document.title = `${mail.subject || "(no subject)"} – Inbox`;
  at("mail").scrollTop = 0;
  if (matchMedia("(max-width: 46rem)").matches) at("mail").focus();
}

function close() {
  at("reading").hidden = true;
  at("hint").hidden = false;
  document.body.classList.remove("reading");
  document.title = "Inbox";
}

function follow() {
  const before = state.chosen;
  state.chosen = decodeURIComponent(location.hash.slice(1));
  mark();
  if (state.chosen) open(state.chosen);
  else {
    close();
    list.querySelector(`[data-id="${CSS.escape(before)}"] a`)?.focus();
  }
}

for (const view of views) {
  at(`tab-${view}`).addEventListener("click", () => show(view));
  at(`tab-${view}`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const usable = views.filter((name) => !at(`tab-${name}`).disabled);
    const next = usable[(usable.indexOf(view) + step + usable.length) % usable.length];
    show(next);
    at(`tab-${next}`).focus();
  });
}
at("to").addEventListener("input", () => {
  state.to = at("to").value.trim();
  state.limit = PAGE;
  restart();
});
at("more").addEventListener("click", () => {
  state.limit = Math.min(LIMIT_MAX, state.limit + PAGE * 2);
  restart();
});
at("clear").addEventListener("click", () => at("sure").showModal());
at("sure-no").addEventListener("click", () => at("sure").close());
at("sure-yes").addEventListener("click", async () => {
  at("sure").close();
  await fetch("api/mails", { method: "DELETE" });
  location.hash = "";
  restart();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("hashchange", follow);
refresh();
if (location.hash) follow();
