// A swap never leaves the focus nowhere: it goes back to the same element, or to what replaced it.
// Whoever has left a field by themselves is not brought back: their next key would be typed into it.

let focused = "";
let isSwapping = false;

document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLElement && event.target.id) focused = event.target.id;
});

document.addEventListener("focusout", (event) => {
  const left = event.target;
  // A button that waits for its answer is disabled, and another window has the focus for a while: nobody left.
  const isLeft = document.hasFocus() && left instanceof HTMLElement && !left.matches(":disabled");
  if (isLeft && !isSwapping) focused = "";
});

document.addEventListener("htmx:before:swap", () => {
  isSwapping = true;
});

document.addEventListener("htmx:finally:swap", () => {
  isSwapping = false;
});

document.addEventListener("htmx:after:swap", () => {
  const wanted = document.querySelector("[data-focus]");
  if (wanted instanceof HTMLElement) {
    wanted.removeAttribute("data-focus");
    wanted.focus();
  } else if (document.activeElement === document.body && focused) {
    (document.getElementById(focused) ?? document.getElementById("main"))?.focus();
  }
});
