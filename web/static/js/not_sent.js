// What a person sent or asked for and no server took: the page says so until something gets through again.

const PLACE = "#trouble";
const OUTAGE = "[data-outage]";

/** @param {any} ctx */
function isAttended(ctx) {
  const headers = Object.keys(ctx?.request?.headers ?? {}).map((name) => name.toLowerCase());
  return ctx !== undefined && !headers.includes("unattended") && ctx.sourceElement?.id !== "live";
}

/** @param {string} template */
function say(template) {
  const said = document.getElementById(template);
  const place = document.querySelector(PLACE);
  if (!(said instanceof HTMLTemplateElement) || !place) return;
  place.replaceChildren(said.content.cloneNode(true));
  place.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:error", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  // Something in the page itself went wrong, or it was given up for something newer.
  if (!isAttended(ctx) || ctx.response) return;
  if (ctx.request.method === "GET") say("not-loaded");
  else say(ctx.request.signal?.aborted ? "not-answered" : "not-sent");
});

// A server that is not ours answers, or ours has nothing to say: nobody else tells the person.
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (isAttended(ctx) && ctx.response.status >= 500 && !ctx.text.includes(PLACE)) say("not-answered");
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (isAttended(ctx) && ctx.response.status < 500) document.querySelector(`${PLACE} ${OUTAGE}`)?.remove();
});

// A form that the browser sends by itself would go, and what is typed with it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || navigator.onLine || form.hasAttribute("hx-post")) return;
  if (form.hasAttribute("hx-get")) return;
  event.preventDefault();
  say(form.method === "get" ? "not-loaded" : "not-sent");
});
