// Says "typed" of a field once something is really written there: not while an input method composes.
// Live searches wait for it, as in hx-trigger="typed changed delay:250ms".

/** @param {EventTarget | null} target */
function say(target) {
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) {
    target.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
  }
}

document.addEventListener("input", (event) => {
  if (!(event instanceof InputEvent && event.isComposing)) say(event.target);
});
document.addEventListener("compositionend", (event) => say(event.target));
