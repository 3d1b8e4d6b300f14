// A session that ends in mid-work: a strip says so. The log-in comes over the page when the person sends something or
// asks for it, never by itself: the next key would be typed into the password. What was being sent is sent once more.
import { openModal } from "./dialogs.js";

const PLACE = "#sign-in-again";
const STRIP = "#signed-out";
const TYPED_IN = "textarea, select, input:not([type=hidden])";

/** What the person sent and nobody took: the element, and the button of a form. @type {Map<Element, HTMLElement | null>} */
const waiting = new Map();

/** Nobody is signed in: the page asks for nothing by itself, since nothing would be answered. */
let isSignedOut = false;
/** The answer that brings the dialog is being shown. */
let isOpening = false;
let isComposing = false;

/** How often the person wrote or went to a field; how often until each form was written in, and each request was made. */
let moves = 0;
/** @type {WeakMap<Element, number>} */
const written = new WeakMap();
/** @type {WeakMap<object, number>} */
const asked = new WeakMap();

/** @returns {HTMLDialogElement | null} */
function dialog() {
  return document.querySelector(`${PLACE} dialog`);
}

/** @param {boolean} isShown */
function showStrip(isShown) {
  const strip = document.querySelector(`${STRIP} > *`);
  if (strip instanceof HTMLElement) strip.hidden = !isShown;
}

function end() {
  isSignedOut = true;
  if (!dialog()?.open) showStrip(true);
}

/** @param {Element} element @param {HTMLElement | null} button */
function send(element, button) {
  if (!element.isConnected) return;
  if (element instanceof HTMLFormElement) element.requestSubmit(button?.isConnected ? button : null);
  else if (element instanceof HTMLElement) element.click();
}

/** Whether the person did something that a request comes from: not what the page asks for by itself. @param {any} ctx */
function isSent(ctx) {
  return ctx.sourceEvent?.type === "submit" || ctx.sourceEvent?.type === "click";
}

/** @param {Event} event */
function noteMove(event) {
  const field = event.target;
  if (!(field instanceof Element) || !field.matches(TYPED_IN)) return;
  moves += 1;
  const form = event.type === "focusin" ? null : field.closest("form");
  if (!form) return;
  written.set(form, moves);
  // Whoever goes on writing in it sends it when it is done.
  waiting.delete(form);
}

for (const name of ["input", "focusin"]) document.addEventListener(name, noteMove);
document.addEventListener("compositionstart", (event) => {
  isComposing = true;
  noteMove(event);
});
document.addEventListener("compositionend", () => {
  isComposing = false;
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  asked.set(ctx, moves);
  // The stream of the page knows by itself when it is refused.
  if (isSignedOut && !isSent(ctx) && ctx.sourceElement?.id !== "live") event.preventDefault();
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  // The answer of the log-in itself is told of by its event.
  if (ctx.response.status >= 300 || ctx.sourceElement?.closest(`${PLACE}, ${STRIP}`)) return;
  // Somebody signed in in another tab: what was being sent here is theirs to send again.
  isSignedOut = false;
  waiting.clear();
  showStrip(false);
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.response.status !== 401) return;
  const before = asked.get(ctx) ?? moves;
  const element = ctx.sourceElement;
  // Whoever has written on meanwhile is in the middle of something.
  const isChanged = (written.get(element) ?? 0) > before;
  if (isSent(ctx) && !isChanged && !element.closest(STRIP)) waiting.set(element, ctx.request.submitter ?? null);
  isOpening = isSent(ctx) && !isComposing && moves === before && !dialog()?.open;
  isSignedOut = true;
  if (isOpening) return;
  ctx.text = "";
  end();
});

document.addEventListener("htmx:after:swap", () => {
  const shown = dialog();
  if (!isOpening || !shown) return;
  isOpening = false;
  showStrip(false);
  openModal(shown);
  const name = shown.querySelector("[name=staff]");
  const password = shown.querySelector("[name=password]");
  if (name instanceof HTMLInputElement) name.value = document.body.dataset.person ?? "";
  if (password instanceof HTMLElement) password.focus();
});

// What is saved by other means than htmx was refused.
document.addEventListener("signed-out", end);

// Before others ask: the session goes on; or, back in this tab, somebody may have signed in in another one.
document.addEventListener("signed-in", () => {
  isSignedOut = false;
}, true);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) isSignedOut = false;
}, true);

// Whoever leaves the dialog sends again by themselves.
document.addEventListener("close", (event) => {
  if (!(event.target instanceof Element && event.target.closest(PLACE))) return;
  waiting.clear();
  if (isSignedOut) showStrip(true);
}, true);

document.addEventListener("signed-in", (event) => {
  const { person } = /** @type {CustomEvent} */ (event).detail;
  const taken = [...waiting];
  waiting.clear();
  showStrip(false);
  dialog()?.close();
  document.querySelector(PLACE)?.replaceChildren();
  // The page is another's: what they may see and do on it is not what it shows.
  if (person !== document.body.dataset.person) {
    window.location.reload();
    return;
  }
  for (const [element, button] of taken) send(element, button);
});
