// A button that folds a part of the page; only what the styles of a small screen hide is folded.

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-toggle]") : null;
  if (!(button instanceof HTMLElement)) return;
  const isOpen = document.getElementById(button.dataset.toggle ?? "")?.classList.toggle("is-open") ?? false;
  button.setAttribute("aria-expanded", String(isOpen));
});
