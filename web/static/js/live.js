// The live stream of a page: open while the tab is visible; it tells parts of the page that they are out of date.

/** How long to wait after a first try, and at most, when the stream cannot be opened. */
const FIRST_MS = 1000;
const MOST_MS = 60_000;
/** What of a case is shown in parts that nobody types into. */
const OF_CASE = ["case", "comment", "note", "message"];

const live = document.getElementById("live");
const shown = document.getElementById("case");
/** What was heard last; the next stream goes on behind it. */
let position = "";
let tries = 0;
/** It is open, or asked for; until it is closed or refused. */
let isOpen = false;
let timer = 0;
/** Nobody is signed in: it is of no use to ask again by itself. */
let refused = false;
/** How far the person has seen the case, by the strip they have dismissed. */
let kept = "";
/** News wait while something is being pressed: it would move away from under the pointer. */
let isPressed = false;
let isWaiting = false;

function open() {
  window.clearTimeout(timer);
  if (!live || isOpen || document.hidden || refused) return;
  htmx.trigger(live, "live:open");
  // Nobody may have listened yet; whoever did has asked by then.
  timer = window.setTimeout(open, FIRST_MS);
}

function openLater() {
  isOpen = false;
  const wait = Math.min(FIRST_MS * 2 ** tries, MOST_MS) * (0.7 + 0.6 * Math.random());
  tries += 1;
  window.clearTimeout(timer);
  timer = window.setTimeout(open, wait);
}

function openNow() {
  refused = false;
  tries = 0;
  open();
}

/** @param {Event} event */
function isOurs(event) {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  return live !== null && ctx?.sourceElement === live;
}

document.addEventListener("htmx:config:request", (event) => {
  if (!isOurs(event)) return;
  isOpen = true;
  if (position) /** @type {CustomEvent} */ (event).detail.ctx.request.headers["Last-Event-ID"] = position;
});
document.addEventListener("htmx:response:error", (event) => {
  if (!isOurs(event)) return;
  refused = /** @type {CustomEvent} */ (event).detail.ctx.response.status === 401;
  if (refused) isOpen = false;
  else openLater();
});
document.addEventListener("htmx:error", (event) => {
  if (isOurs(event)) openLater();
});
document.addEventListener("signed-in", openNow);
// htmx listens once it has looked at the page.
document.addEventListener("htmx:after:process", (event) => {
  if (event.target === document.body) window.setTimeout(open);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) openNow();
});

if (live) {
  live.addEventListener("htmx:sse:before:connection", (event) => {
    if (document.hidden || refused) /** @type {CustomEvent} */ (event).detail.connection.cancelled = true;
  });
  live.addEventListener("htmx:sse:after:connection", (event) => {
    tries = 0;
    // The tab was hidden while the answer was on its way.
    if (document.hidden) /** @type {CustomEvent} */ (event).detail.connection.abortController.abort();
  });
  // A stream that is refused when it is opened again would be asked for for ever: the first request says why.
  live.addEventListener("htmx:sse:error", (event) => {
    refused = /** @type {CustomEvent} */ (event).detail.status === 401;
  });
  live.addEventListener("htmx:sse:close", () => {
    refused = false;
    openLater();
  });
  live.addEventListener("htmx:sse:before:message", (event) => {
    position = /** @type {CustomEvent} */ (event).detail.message.id || position;
  });
  for (const name of [...OF_CASE, "gone"]) live.addEventListener(name, hear);
  live.addEventListener("reload", () => offer("reload-offer", "notices"));
}

/**
 * Shows what a template says, once.
 * @param {string} template @param {string} place
 */
function offer(template, place) {
  const said = document.getElementById(template);
  if (said instanceof HTMLTemplateElement) document.getElementById(place)?.replaceChildren(said.content.cloneNode(true));
}

/** @param {Event} event */
function hear(event) {
  const { number, version } = JSON.parse(/** @type {CustomEvent} */ (event).detail.data);
  if (!shown || number !== shown.dataset.case) return;
  if (event.type === "gone") {
    // Whoever gave it away by what they did is told so already.
    if (!document.getElementById("case-left")) offer("case-gone", "case-news");
    shown.dispatchEvent(new CustomEvent("case-gone", { bubbles: true }));
    return;
  }
  const newest = Number(document.getElementById("case-head")?.dataset.version);
  if (event.type === "case" && version <= newest) return;
  if (isPressed) isWaiting = true;
  else renew();
}

/** Has the parts that nobody types into come anew. */
function renew() {
  const seen = document.querySelector("#case-live [name=seen]");
  const count = document.querySelector("#case-live [name=shown]");
  if (seen instanceof HTMLInputElement) seen.value = seenWhileWriting();
  if (count instanceof HTMLInputElement) count.value = String(document.querySelectorAll("#timeline .timeline-item").length);
  shown?.dispatchEvent(new CustomEvent("case-changed", { bubbles: true }));
}

document.addEventListener("parts-asked", renew);

document.addEventListener("pointerdown", () => {
  isPressed = true;
}, true);
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    isPressed = false;
    // After the click that follows.
    if (isWaiting) window.setTimeout(renew);
    isWaiting = false;
  }, true);
}

/** How far the case was seen by whoever has a form open or has written something; nothing if nobody has. */
function seenWhileWriting() {
  const form = document.querySelector("#step form");
  const texts = [...document.querySelectorAll(".composer textarea")];
  const wrote = texts.some((text) => text instanceof HTMLTextAreaElement && text.value !== "");
  const field = form?.querySelector("[name=seen]") ?? (wrote ? document.querySelector(".composer [name=seen]") : null);
  const seen = field instanceof HTMLInputElement ? field.value : "";
  return seen && isFurther(kept, seen) ? kept : seen;
}

/**
 * Whether somebody saw as much of the case, or more: it begins with the version, then its newest entry.
 * @param {string} one @param {string} other
 */
function isFurther(one, other) {
  const [version = NaN, seq = NaN] = one.split(" ").map(Number);
  const [least = NaN, first = NaN] = other.split(" ").map(Number);
  return version >= least && seq >= first;
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-dismiss]")) return;
  const strip = event.target.closest("[data-changed]");
  if (strip instanceof HTMLElement) kept = strip.dataset.changed ?? "";
}, true);

// The answer was made for a timeline that showed other entries than the one that is here now.
document.addEventListener("htmx:after:swap", (event) => {
  const text = /** @type {CustomEvent} */ (event).detail?.ctx?.text ?? "";
  const [head, timeline] = [document.getElementById("case-head"), document.getElementById("timeline")];
  if (text.includes('id="case-head"') && head?.dataset.timeline !== timeline?.dataset.show) renew();
});

// News may take away what was pressed before its answer comes. An answer that is made of parts is shown all the same.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.swap === "none" && !ctx.target?.isConnected) ctx.target = document.body;
});
