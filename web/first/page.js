// The first page: every camera's analysed picture with what was found in it, from the interface in docs/api.md.
import { describe, draw } from "./draw.js";

const kRemembered = 30;       // frames of a camera whose observations are kept until their picture is there
const kFirstRetryMs = 500, kLongestRetryMs = 8000;
const kScoresShown = 6;
const kFew = 4;               // more values than that are written smaller
const kTones = {
  live: "good", ok: "good", still: "good", connecting: "", ended: "", late: "warn", uncertain: "warn", unknown: "warn", frozen: "warn",
  dark: "warn", covered: "warn", blurred: "warn", moved: "warn", broken: "bad", gone: "bad",
};
const kBlind = new Set(["gone", "broken", "connecting"]);  // healths in which nothing that was seen holds any more

const $ = (selector, root = document) => root.querySelector(selector);
const cameras = new Map();  // name → Card
let connected = false, goneSince = null, retryMs = kFirstRetryMs, overlay = true, clockAheadMs = 0;
let unfindable = "";  // why no camera can be found on the network
let refused = "";  // why the changed configuration is not at work

const timeOf = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

function agoOf(at) {
  const s = Math.max(0, Math.round((Date.now() + clockAheadMs - Date.parse(at)) / 1000));
  if (s < 2) return "now";
  if (s < 120) return `${s} s ago`;
  return s < 7200 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function pill(element, word) {
  set(element, word);
  element.dataset.tone = kTones[word] ?? "";
}

function shownValue(value, output) {
  if (value === null) return "not a number";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  return value.toLocaleString([], { minimumFractionDigits: output?.decimals ?? 0, maximumFractionDigits: output?.decimals ?? 3 });
}

/** One camera on the page. */
class Card {
  constructor(name) {
    this.name = name;
    this.health = { health: "connecting", reason: "" };
    this.frames = new Map();  // seq → task → observation
    this.latest = new Map();  // task → observation
    this.tasks = new Map();   // task → its elements
    this.picture = null;      // { seq, bitmap }
    this.tag = "";
    this.asking = false;
    this.visible = true;
    this.element = $("#card").content.firstElementChild.cloneNode(true);
    this.element.dataset.camera = name;
    set($("h2", this.element), name);
    this.canvas = $("canvas", this.element);
    $(".enlarge", this.element).addEventListener("click", () => this.enlarge());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    new IntersectionObserver(([entry]) => {
      this.visible = entry.isIntersecting;
      this.ask();
    }).observe(this.element);
  }

  /** Takes the whole width, or no longer. Its row may be another then: the page scrolls along, so that the card stays. */
  enlarge(wide = !this.element.classList.contains("wide")) {
    if (wide === this.element.classList.contains("wide")) return;
    const top = () => this.element.getBoundingClientRect().top;
    const before = top();
    this.element.classList.toggle("wide", wide);
    const button = $(".enlarge", this.element);
    button.setAttribute("aria-pressed", String(wide));
    set(button, wide ? "shrink" : "enlarge");
    scrollBy({ top: top() - before, behavior: "instant" });
  }

  /** What /api/cameras says of it. */
  describe(info) {
    this.info = info;
    this.health = info.health;
    set($(".source", this.element), info.source);
    const list = $(".tasks", this.element);
    list.replaceChildren();
    this.tasks.clear();
    for (const task of info.tasks) {
      const element = $("#task").content.firstElementChild.cloneNode(true);
      element.dataset.task = task.name;
      set($("h3", element), task.name);
      set($(".model", element), task.model);
      list.append(element);
      this.tasks.set(task.name, { info: task, element });
      if (task.latest) this.observe(task.latest);
    }
    for (const task of this.latest.keys()) if (!this.tasks.has(task)) this.latest.delete(task);
    this.show();
    this.ask();
  }

  observe(seen) {
    if (seen.seq < Math.max(0, ...this.frames.keys())) this.frames.clear();  // the camera began anew, and counts anew
    this.latest.set(seen.task, seen);
    if (!this.frames.has(seen.seq)) this.frames.set(seen.seq, new Map());
    this.frames.get(seen.seq).set(seen.task, seen);
    while (this.frames.size > kRemembered) this.frames.delete(this.frames.keys().next().value);
    this.showTask(seen.task);
    if (this.picture?.seq === seen.seq) this.draw();
    if (this.picture?.seq !== seen.seq) this.ask();
  }

  /** Fetches the picture that was analysed last, one at a time, and only while somebody can see it. */
  async ask() {
    if (this.asking || !this.visible || document.hidden || !connected) return;
    this.asking = true;
    try {
      const headers = this.tag ? { "If-None-Match": this.tag } : {};
      const answer = await fetch(`/api/cameras/${encodeURIComponent(this.name)}/latest.jpg`, { headers, cache: "no-store" });
      if (answer.ok) {
        const seq = Number(answer.headers.get("X-Perch-Seq"));
        const bitmap = await createImageBitmap(await answer.blob());
        this.picture?.bitmap.close();
        this.tag = answer.headers.get("ETag") ?? "";
        this.picture = { seq, bitmap, at: answer.headers.get("X-Perch-At") };
        this.blank = "";
        $(".view", this.element).hidden = false;
      } else if (answer.status !== 304) {
        const none = answer.status === 404;  // yet; but where something was seen all the same, it is no picture
        this.blank = none ? "" : (await answer.json()).error ?? "";
        $(".view", this.element).hidden = none && this.latest.size > 0;
      }
      this.show();
    } catch {
      // The connection says by itself when the daemon is gone.
    } finally {
      this.asking = false;
    }
  }

  looks() {
    const frame = this.picture && this.frames.get(this.picture.seq);
    if (!frame) return [];
    return [...frame].map(([task, seen]) => ({ seen, regions: this.tasks.get(task)?.info.regions ?? [] }));
  }

  draw() {
    const looks = this.looks();
    draw(this.canvas, this.picture?.bitmap ?? null, overlay ? looks : looks.map(({ seen }) => ({ seen: { size: seen.size }, regions: [] })));
    const found = describe(looks);
    this.canvas.setAttribute("aria-label", this.picture ? `${this.name}, ${timeOf(this.picture.at)}${found ? `: ${found}` : ""}` : this.name);
    this.canvas.dataset.seq = this.picture?.seq ?? "";
  }

  /** Why nothing that was seen holds any more; empty while it does. */
  blind() {
    if (!connected) return "the daemon does not answer";
    return kBlind.has(this.health.health) ? this.health.reason || this.health.health : "";
  }

  show() {
    const blind = this.blind();
    pill($(".health", this.element), connected ? this.health.health : "unknown");
    const why = $(":scope > .why", this.element);
    why.hidden = !connected || !this.health.reason;
    set(why, this.health.reason ?? "");
    this.element.classList.toggle("stale", blind !== "");
    set($(".blank", this.element), this.picture ? "" : this.blank || "no picture has come yet");
    if (this.picture) $(".view", this.element).style.aspectRatio = `${this.picture.bitmap.width} / ${this.picture.bitmap.height}`;
    for (const task of this.tasks.keys()) this.showTask(task);
    this.draw();
    this.showTime();
  }

  showTask(name) {
    const task = this.tasks.get(name);
    if (!task) return;
    const seen = this.latest.get(name), blind = this.blind();
    const status = blind ? "unknown" : seen?.status ?? "";
    const reason = blind ? "" : seen?.reason ?? "";  // the camera or the page says why nobody sees anything
    const mark = $(".status", task.element), why = $(".why", task.element);
    pill(mark, status || "waiting");
    mark.title = reason;
    set(why, reason);
    why.hidden = reason === "" || status === "ok" || status === "still";  // a line that comes and goes shifts all below it
    const unknown = status === "unknown";
    task.element.toggleAttribute("data-unknown", unknown);
    const list = $("dl", task.element), rows = [];
    for (const [key, value] of Object.entries(seen && !unknown ? seen.values : {})) {
      const output = task.info.outputs.find((each) => each.name === key);
      rows.push([key, shownValue(value, output), output?.unit ?? ""]);
    }
    if (rows.length === 0 && unknown) rows.push(["", "unknown", ""]);
    list.toggleAttribute("data-many", rows.length > kFew);
    while (list.children.length > rows.length) list.lastElementChild.remove();
    rows.forEach(([key, value, unit], i) => {
      let row = list.children[i];
      if (!row) {
        row = document.createElement("div");
        row.append(document.createElement("dt"), document.createElement("dd"));
        $("dd", row).append(document.createElement("span"), document.createElement("small"));
        list.append(row);
      }
      set($("dt", row), key);
      set($("span", row), value);
      set($("small", row), unit);
      row.dataset.value = key;
    });
    this.showScores($(".scores", task.element), unknown ? [] : seen?.scores ?? []);
  }

  showScores(place, all) {
    const best = all.length === 1 ? Object.entries(all[0].p).sort((a, b) => b[1] - a[1]).slice(0, kScoresShown) : [];
    place.replaceChildren(...best.map(([label, p]) => {
      const row = document.createElement("div"), word = document.createElement("span"), bar = document.createElement("meter");
      const number = document.createElement("span");
      set(word, label);
      bar.value = p;
      bar.setAttribute("aria-label", label);
      set(number, `${(p * 100).toFixed(0)} %`);
      row.append(word, bar, number);
      return row;
    }));
  }

  showTime() {
    const time = $("time", this.element);
    if (!this.picture?.at) return set(time, "");
    time.dateTime = this.picture.at;
    set(time, `${timeOf(this.picture.at)} · ${agoOf(this.picture.at)}`);
  }
}

function showConnection() {
  const link = $("#link");
  link.dataset.state = connected ? "live" : goneSince ? "gone" : "connecting";
  set(link, connected ? "live" : goneSince ? "not connected" : "connecting");
  showProblem();
  for (const card of cameras.values()) card.show();
}

function showProblem() {
  const silent = connected || !goneSince ? "" : `Perch has not answered since ${timeOf(goneSince)}. Trying again …`;
  const text = silent || [refused && `The changed configuration is not at work: ${refused}`,
                          unfindable && `No camera can be found: ${unfindable}`].filter(Boolean).join("\n");
  $("#problem").hidden = text === "";
  set($("#problem"), text);
}

let learning = false, learnAgain = false;
const heard = new Map();  // the last message of each kind that came while an answer was awaited, by camera and task

/**
 * Asks what there is, once at a time, so that no older answer comes after a newer one. An answer may be older than what was
 * told meanwhile, which therefore counts once more after it.
 */
async function learn() {
  learnAgain = true;
  if (learning) return;
  learning = true;
  while (learnAgain && connected) {
    learnAgain = false;
    heard.clear();
    try {
      await learnOnce();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, kFirstRetryMs));
      learnAgain = true;
    }
  }
  learning = false;
}

async function learnOnce() {
  const [all, found, info] = await Promise.all(["/api/cameras", "/api/discovered", "/api/info"].map(async (path) => {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok) throw new Error(path);
    return answer.json();
  }));
  set($("#device"), info.device);
  set($("#version"), `perch ${info.version}`);
  document.title = `Perch · ${info.device}`;
  clockAheadMs = Date.parse(info.at) - Date.now();
  const names = new Set(all.cameras.map((each) => each.name));
  for (const [name, card] of cameras) {
    if (names.has(name)) continue;
    card.element.remove();
    cameras.delete(name);
  }
  for (const each of all.cameras) {
    let card = cameras.get(each.name);
    if (!card) {
      card = new Card(each.name);
      cameras.set(each.name, card);
      const next = [...$("#cameras").children].find((other) => other.dataset.camera > each.name);
      $("#cameras").insertBefore(card.element, next ?? null);
    }
    card.describe(each);
  }
  for (const message of heard.values()) apply(message);
  $("#empty").hidden = all.cameras.length > 0;
  showFound(found);
  refused = info.config.problem;
  showProblem();
}

function showFound(found) {
  const waiting = found.discovered.filter((each) => each.state !== "camera" && !each.gone);
  unfindable = found.trouble;
  $("#found").hidden = waiting.length === 0;
  $("#found ul").replaceChildren(...waiting.map((each) => {
    const item = document.createElement("li");
    set(item, `${each.instance} (${each.addresses[0]}, port ${each.port}): ${each.state}`);
    return item;
  }));
}

function hear(message) {
  if (message.type === "hello" || message.type === "cameras") return void learn();
  if (message.type !== "observation" && message.type !== "health") return;
  const key = JSON.stringify([message.type, message.camera, message.task]);
  heard.delete(key);  // so that it is the last
  if (learning) heard.set(key, message);
  apply(message);
}

function apply(message) {
  const card = cameras.get(message.camera);
  if (!card) return;
  if (message.type === "observation") card.observe(message);
  if (message.type === "health") {
    card.health = message;
    card.show();
  }
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
  socket.addEventListener("open", () => {
    connected = true;
    goneSince = null;
    retryMs = kFirstRetryMs;
    for (const card of cameras.values()) card.tag = "";  // another run of the daemon counts its frames anew
    showConnection();
  });
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    connected = false;
    goneSince ??= Date.now();
    showConnection();
    setTimeout(connect, retryMs);
    retryMs = Math.min(kLongestRetryMs, retryMs * 2);
  });
}

function showOverlay(on) {
  overlay = $("#overlay").checked = on;
  for (const card of cameras.values()) card.draw();
}

$("#overlay").addEventListener("change", (event) => showOverlay(event.target.checked));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input[type=text], textarea")) return;
  if (event.key === "o") showOverlay(!overlay);
  if (event.key === "Escape") for (const card of cameras.values()) card.enlarge(false);
});
document.addEventListener("visibilitychange", () => {
  for (const card of cameras.values()) card.ask();
});
setInterval(() => {
  for (const card of cameras.values()) card.showTime();
}, 1000);
setInterval(() => {
  if (connected && !document.hidden) fetch("/api/discovered").then((a) => a.json())
    .then((found) => { showFound(found); showProblem(); }).catch(() => {});
}, 5000);
connect();
