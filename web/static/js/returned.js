// A form that is left comes back as it was left: by the browser's back button, or when the page is loaded again.
// What was typed is kept in this tab, under a name that the entry of its history has, for the person who typed it.

const FORMS = "form[data-returns]";
const PREFIX = "returned ";
const MOST = 20;
const person = document.body.dataset.person ?? "";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */
/** @typedef {{name: string, value: string, checked: boolean}} Left */

/** @param {HTMLFormElement} form @returns {Field[]} */
function fieldsOf(form) {
  return [...form.elements].filter((each) => each.matches("input:not([type=hidden], [type=file]), select, textarea"))
    .map((each) => /** @type {Field} */ (each));
}

/** @returns {HTMLFormElement[]} */
function forms() {
  return [...document.querySelectorAll(FORMS)].filter((each) => each instanceof HTMLFormElement);
}

/** The name under which this entry of the history keeps something. */
function key() {
  const state = history.state ?? {};
  if (typeof state.returned === "string") return state.returned;
  const named = `${PREFIX}${Date.now()} ${Math.random()}`;
  history.replaceState({ ...state, returned: named }, "");
  return named;
}

function keptKeys() {
  return Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX)).sort();
}

/** @param {Field} field @returns {Left} */
function left(field) {
  return { name: field.name, value: field.value, checked: field instanceof HTMLInputElement && field.checked };
}

function keep() {
  const shown = forms();
  if (!shown.length) return;
  try {
    const kept = shown.map((form) => [form.id, fieldsOf(form).map(left)]);
    sessionStorage.setItem(key(), JSON.stringify({ person, forms: Object.fromEntries(kept) }));
    keptKeys().slice(0, -MOST).forEach((each) => sessionStorage.removeItem(each));
  } catch {
    // Where nothing can be kept, nothing is.
  }
}

/** @param {HTMLFormElement} form @param {Left[]} kept */
function fill(form, kept) {
  const fields = fieldsOf(form);
  if (fields.map((each) => each.name).join() !== kept.map((each) => each.name).join()) return;
  fields.forEach((field, place) => {
    const { value, checked } = kept[place] ?? left(field);
    field.value = value;
    if (field instanceof HTMLInputElement) field.checked = checked;
  });
}

function restore() {
  if (!forms().length) return;
  try {
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null");
    if (kept?.person !== person) return;
    for (const form of forms()) if (kept.forms[form.id]) fill(form, kept.forms[form.id]);
  } catch {
    // A browser that keeps nothing shows the form as the server has it.
  }
}

restore();
document.addEventListener("change", keep);
window.addEventListener("pagehide", keep);
document.addEventListener("submit", keep, true);
// Whoever signs out leaves nothing behind in this tab.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement) || !event.target.dataset.unsaved) return;
  window.removeEventListener("pagehide", keep);
  keptKeys().forEach((each) => sessionStorage.removeItem(each));
});
