// A swap never leaves the focus nowhere: it goes back to the same element, or to what stands in its place.
// Whoever has left a field by themselves is not brought back: their next key would be typed into it.

const FOCUSABLE = "a[href], button:not(:disabled), input:not([type=hidden], :disabled), textarea, select, summary, [tabindex='0']";
const WRITTEN_IN = "input:not([type=hidden]), textarea, select";
/** By what a person asks for something; a page asks by other events. */
const ASKED_BY = ["click", "submit", "change"];
const OPENED = "banjie-opened";

/** The element that has the focus: its own id, or which one it is of what has an id around it, the innermost first.
 * @typedef {{id: string, index: number}} Place
 */
/** @type {Place[]} */
let places = [];
let isSwapping = false;

/** @param {Element} around */
function focusablesOf(around) {
  return [...around.querySelectorAll(FOCUSABLE)].filter((each) => each instanceof HTMLElement && each.checkVisibility());
}

/** @param {Element} element @returns {Place[]} */
function placesOf(element) {
  const found = element.id ? [{ id: element.id, index: -1 }] : [];
  for (let around = element.parentElement?.closest("[id]"); around; around = around.parentElement?.closest("[id]")) {
    found.push({ id: around.id, index: focusablesOf(around).indexOf(element) });
  }
  return found;
}

/** @param {Place} place */
function elementAt(place) {
  const there = document.getElementById(place.id);
  if (!there || place.index < 0) return there;
  const inside = focusablesOf(there);
  const instead = there.dataset.focusInstead ?? "";
  if (inside.length || !instead) return inside[place.index] ?? inside.at(-1);
  return document.querySelector(`#${CSS.escape(instead)} :is(${FOCUSABLE})`);
}

function restore() {
  for (const place of places) {
    const element = elementAt(place);
    if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    if (document.activeElement !== document.body) return;
  }
}

document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLElement && event.target !== document.body) places = placesOf(event.target);
});

document.addEventListener("focusout", (event) => {
  const left = event.target;
  // A button that waits for its answer is disabled, and another window has the focus for a while: nobody left.
  const isLeft = document.hasFocus() && left instanceof HTMLElement && !left.matches(":disabled");
  if (isLeft && !isSwapping) places = [];
});

document.addEventListener("htmx:before:swap", () => {
  isSwapping = true;
});

document.addEventListener("htmx:finally:swap", () => {
  isSwapping = false;
});

/**
 * Whether what a swap brings may have the focus: not if the person is somewhere that has nothing to do with it.
 * @param {Element} wanted @param {any} ctx
 */
function mayHave(wanted, ctx) {
  const here = document.activeElement;
  if (!here || here === document.body) return true;
  const isAskedFor = ASKED_BY.includes(ctx?.sourceEvent?.type);
  const isOfForm = ctx?.sourceElement?.contains(here) || wanted.closest("form")?.contains(here);
  return isAskedFor && (!here.matches(WRITTEN_IN) || isOfForm);
}

document.addEventListener("htmx:after:swap", (event) => {
  const wanted = document.querySelector("[data-focus]");
  if (wanted instanceof HTMLElement) {
    wanted.removeAttribute("data-focus");
    if (mayHave(wanted, /** @type {CustomEvent} */ (event).detail?.ctx)) wanted.focus();
  } else if (document.activeElement === document.body && places.length) {
    restore();
  }
});

// Back in the list, the row that was opened has the focus again.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-open]") : null;
  if (link) window.sessionStorage.setItem(OPENED, link.id);
});

window.addEventListener("pageshow", (event) => {
  const [visit] = performance.getEntriesByType("navigation");
  const isBack = event.persisted || (visit instanceof PerformanceNavigationTiming && visit.type === "back_forward");
  const opened = isBack && document.getElementById(window.sessionStorage.getItem(OPENED) ?? "");
  if (opened && document.activeElement === document.body) opened.focus({ preventScroll: true });
});
