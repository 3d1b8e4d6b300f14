// Says to colleagues that a case is open here, and whether somebody writes; shows who else is there.

const BEAT_MS = 5000;
const WRITING_MS = 15_000;

const form = document.getElementById("presence");
let typedAt = 0;
let saying = "false";
/** Others may have been told that somebody writes here. */
let isTold = false;
/** Nobody is signed in, or the case is not theirs to see. */
let stopped = false;

function isWriting() {
  return Date.now() - typedAt < WRITING_MS && typedAt > 0;
}

function beat() {
  if (!form || stopped || document.hidden) return;
  const writing = form.querySelector("[name=writing]");
  isTold ||= isWriting();
  if (isWriting()) saying = "true";
  else saying = isTold ? "stopped" : "false";
  if (writing instanceof HTMLInputElement) writing.value = saying;
  htmx.trigger(form, "presence:beat");
}

function goOn() {
  stopped = false;
  beat();
}

/** @param {Event} event */
function noteTyping(event) {
  if (!(event.target instanceof Element) || !event.target.closest("[data-typing]")) return;
  const wrote = isWriting();
  typedAt = Date.now();
  if (!wrote) beat();
}

/** Whoever has sent what they wrote writes no more. @param {any} ctx */
function noteSent({ request, sourceElement }) {
  const isSent = sourceElement instanceof HTMLFormElement && request.method !== "GET";
  if (!isSent || !sourceElement.closest("[data-typing]")) return;
  typedAt = 0;
  if (isTold) beat();
}

if (form) {
  document.addEventListener("input", noteTyping);
  // htmx listens once it has looked at the page.
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target === document.body) window.setTimeout(beat);
  });
  window.setInterval(beat, BEAT_MS);
  // Others came, went, or began to write: the answer to the next beat says who.
  document.getElementById("live")?.addEventListener("presence", (event) => {
    const { number } = JSON.parse(/** @type {CustomEvent} */ (event).detail.data);
    if (number === form.dataset.presence) beat();
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    if (ctx.response.status >= 300) return;
    if (ctx.sourceElement !== form) noteSent(ctx);
    else if (saying === "stopped") isTold = false;
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    if (ctx.sourceElement === form && ctx.response.status < 500) stopped = true;
  });
  document.addEventListener("case-gone", () => { stopped = true; });
  document.addEventListener("signed-in", goOn);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) goOn();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) goOn();
  });
  // Whoever leaves does not wait for the answer.
  window.addEventListener("pagehide", () => {
    if (stopped) return;
    const address = `/cases/${form.dataset.presence}/presence`;
    fetch(address, { method: "DELETE", keepalive: true, headers: { Unattended: "1" } }).catch(() => undefined);
  });
}
