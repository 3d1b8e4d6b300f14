// A swap never leaves the focus nowhere: it goes back to the same element, or to what replaced it.

let focused = "";

document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLElement && event.target.id) focused = event.target.id;
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
