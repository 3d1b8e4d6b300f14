// A session that ends in mid-work: the log-in comes over the page, and what was being sent is sent once more.

/** What the person sent and nobody took: the element, and the button of a form. @type {Map<Element, HTMLElement | null>} */
const waiting = new Map();

/** Whether the person left the dialog: then only what they send themselves opens it again. */
let isLeft = false;

/** @returns {HTMLDialogElement | null} */
function openDialog() {
  return document.querySelector("#sign-in-again dialog[open]");
}

/** @param {Element} element @param {HTMLElement | null} button */
function send(element, button) {
  if (!element.isConnected) return;
  if (element instanceof HTMLFormElement) element.requestSubmit(button?.isConnected ? button : null);
  else if (element instanceof HTMLElement) element.click();
}

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.response.status !== 401) return;
  // What a page asks for by itself it asks again; forms and what was clicked are remembered.
  const kind = ctx.sourceEvent?.type;
  const isSent = kind === "submit" || kind === "click";
  if (isSent) waiting.set(ctx.sourceElement, ctx.request.submitter ?? null);
  // Somebody is typing in the dialog: no second one takes its place.
  if (openDialog() || (isLeft && !isSent)) event.preventDefault();
});

document.addEventListener("htmx:after:swap", () => {
  const name = document.querySelector("#sign-in-again [name=staff]");
  const person = document.body.dataset.person;
  if (!(name instanceof HTMLInputElement) || name.value || !person) return;
  name.value = person;
  const password = document.querySelector("#sign-in-again [name=password]");
  if (password instanceof HTMLElement) password.focus();
});

// Whoever leaves the dialog sends again by themselves.
document.addEventListener("close", (event) => {
  if (!(event.target instanceof Element && event.target.closest("#sign-in-again"))) return;
  waiting.clear();
  isLeft = true;
}, true);

document.addEventListener("signed-in", (event) => {
  const { person } = /** @type {CustomEvent} */ (event).detail;
  const taken = [...waiting];
  waiting.clear();
  openDialog()?.close();
  isLeft = false;
  document.getElementById("sign-in-again")?.replaceChildren();
  // The page is another's: what they may see and do on it is not what it shows.
  if (person !== document.body.dataset.person) {
    window.location.reload();
    return;
  }
  for (const [element, button] of taken) send(element, button);
});
