// What somebody has opened to read stays open when its part of the page comes anew.

/** @type {Set<string>} */
const opened = new Set();

document.addEventListener("toggle", (event) => {
  const shown = event.target;
  if (!(shown instanceof HTMLDetailsElement) || !shown.isConnected || !("keptOpen" in shown.dataset)) return;
  if (shown.open) opened.add(shown.id);
  else opened.delete(shown.id);
}, true);

document.addEventListener("htmx:after:swap", () => {
  for (const shown of document.querySelectorAll("details[data-kept-open]")) {
    if (shown instanceof HTMLDetailsElement && opened.has(shown.id)) shown.open = true;
  }
});
