// Forms whose drafts are kept: their subject, what is typed in them, what they show of it.

/**
 * A draft that another tab or browser wrote: when, in words, its text, its counter.
 * @typedef {{said: string, text: string, counter: number}} Elsewhere
 */

export const FORMS = "form[data-draft]";

/** @param {Element | null | undefined} element @returns {HTMLFormElement | null} */
export function formOf(element) {
  const form = element?.closest(FORMS);
  return form instanceof HTMLFormElement ? form : null;
}

/** @param {HTMLFormElement} form */
export function subjectOf(form) {
  return form.dataset.draft ?? "";
}

/** @param {string} subject */
export function shown(subject) {
  return formOf(document.querySelector(`form[data-draft="${CSS.escape(subject)}"]`));
}

/** @param {HTMLFormElement} form @returns {[string, string][]} */
export function pairsOf(form) {
  /** @type {[string, string][]} */
  const pairs = [];
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith("/") && typeof value === "string") pairs.push([name, value]);
  }
  return pairs;
}

/** @param {HTMLFormElement} form @param {string} name */
export function hidden(form, name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field : null;
}

/** @param {HTMLFormElement | null} form @param {string} what @param {boolean} isShown */
export function show(form, what, isShown) {
  const element = form?.querySelector(what);
  if (element instanceof HTMLElement) element.hidden = !isShown;
}

/** @param {HTMLFormElement} form @param {import("./draft_store.js").Kept} kept */
export function showOffer(form, kept) {
  const begins = form.querySelector("[data-draft-begins]");
  const longest = kept.pairs.map(([, value]) => value).reduce((one, two) => (two.length > one.length ? two : one), "");
  if (begins) begins.textContent = longest.length > 40 ? `${longest.slice(0, 40)}…` : longest;
  show(form, "[data-draft-offer]", true);
}

/** Offers what was written elsewhere; nothing to offer hides it. @param {HTMLFormElement | null} form @param {Elsewhere | null} other */
export function showElsewhere(form, other) {
  const said = form?.querySelector("[data-draft-elsewhere-said]");
  const text = form?.querySelector("[data-draft-elsewhere-text]");
  if (said) said.textContent = other?.said ?? "";
  if (text) text.textContent = other?.text ?? "";
  show(form, "[data-draft-elsewhere]", other !== null);
}
