// What is typed while a form is on its way is not lost. A note or a message goes on in the form that comes back; a form
// that goes with its answer takes nothing until then, and looks so.

const COMPOSERS = ".composer form";
const TEXTS = "textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";

/** @typedef {HTMLTextAreaElement | HTMLInputElement} TextField */

/** What stood in the texts of a form when it was sent. @type {WeakMap<HTMLFormElement, Map<string, string>>} */
const sent = new WeakMap();
/** What stands in them when the answer is there, where it is something else. @type {{id: string, name: string, before: string, now: string}[]} */
let ahead = [];

/** @param {Event} event */
function formOf(event) {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const form = ctx?.sourceElement;
  return form instanceof HTMLFormElement && ctx.request.method !== "GET" ? form : null;
}

/** @param {HTMLFormElement} form @returns {TextField[]} */
function textsOf(form) {
  return [...form.querySelectorAll(TEXTS)].filter(
    (field) => field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement,
  );
}

/** @param {HTMLFormElement} form @param {boolean} isOnItsWay */
function hold(form, isOnItsWay) {
  form.toggleAttribute("data-on-its-way", isOnItsWay);
  for (const field of textsOf(form)) {
    if (isOnItsWay && !field.readOnly) {
      field.readOnly = true;
      field.dataset.held = "";
    } else if (!isOnItsWay && "held" in field.dataset) {
      field.readOnly = false;
      delete field.dataset.held;
    }
  }
}

/** @param {TextField} field @param {string} before @param {string} now */
function goOn(field, before, now) {
  // The answer changed nothing.
  if (field.value === now) return;
  const rest = now.startsWith(before) ? now.slice(before.length).trimStart() : now;
  // It came back as it was sent, with what is wrong with it; or empty, since it was taken.
  if (field.value === before) field.value = now;
  else if (rest) field.value = field.value ? `${field.value}\n${rest}` : rest;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("htmx:before:request", (event) => {
  const form = formOf(event);
  if (form?.matches(COMPOSERS)) sent.set(form, new Map(textsOf(form).map((field) => [field.name, field.value])));
  else if (form) hold(form, true);
});

document.addEventListener("htmx:finally:request", (event) => {
  const form = formOf(event);
  if (form) hold(form, false);
});

document.addEventListener("htmx:before:swap", (event) => {
  const form = formOf(event);
  const before = form && sent.get(form);
  if (!form || !before) return;
  sent.delete(form);
  ahead = textsOf(form)
    .map(({ name, value }) => ({ id: form.id, name, before: before.get(name) ?? "", now: value }))
    .filter(({ before, now }) => before !== now);
});

document.addEventListener("htmx:after:swap", () => {
  for (const { id, name, before, now } of ahead) {
    const field = document.querySelector(`#${CSS.escape(id)} [name="${CSS.escape(name)}"]`);
    if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) goOn(field, before, now);
  }
  ahead = [];
});

// A choice is not made anew either while what was chosen is on its way.
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("form[data-on-its-way] :is(input, select, label)")) {
    event.preventDefault();
  }
}, true);
