// Single keys as shortcuts: silent in fields, while an input method composes, and when turned off.

const FIELDS = "input, textarea, select, [contenteditable]";

/**
 * Whether a key belongs to an input method: Safari ends a composition before the key that ended it.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** @param {KeyboardEvent} event */
function isMeant(event) {
  const target = event.target;
  const typing = target instanceof Element && target.closest(FIELDS) !== null;
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  return !typing && !modified && !isComposing(event) && document.querySelector("dialog[open]") === null;
}

/**
 * Moves along the rows of the list; the row's link has the focus.
 * @param {number} step
 */
function moveBy(step) {
  const rows = [...document.querySelectorAll("[data-row] a[data-open]")];
  const here = rows.findIndex((row) => row === document.activeElement);
  const next = rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step];
  if (next instanceof HTMLElement) next.focus();
}

/** @type {Record<string, () => void>} */
const MOVES = { j: () => moveBy(1), k: () => moveBy(-1) };

/**
 * Escape leaves a field; what is typed stays, and single keys are shortcuts again.
 * @param {KeyboardEvent} event
 */
function leaveField(event) {
  const field = event.target;
  if (event.key === "Escape" && !isComposing(event) && field instanceof HTMLElement && field.matches(FIELDS)) {
    field.blur();
  }
}

document.addEventListener("keydown", (event) => {
  leaveField(event);
  if (document.body.dataset.shortcuts === "off" || !isMeant(event)) return;
  if (event.key === "?") {
    const dialog = document.getElementById("shortcuts");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    event.preventDefault();
    return;
  }
  // The row that has the focus comes first: its own button, then the page's, then the list's moves.
  const row = document.activeElement?.closest("[data-row]");
  const selector = `[data-shortcut~="${CSS.escape(event.key)}"]`;
  const target = row?.querySelector(selector) ?? document.querySelector(selector);
  if (!(target instanceof HTMLElement)) {
    const move = MOVES[event.key];
    if (!move) return;
    move();
    event.preventDefault();
    return;
  }
  event.preventDefault();
  if (target.matches(FIELDS)) target.focus();
  else target.click();
});
