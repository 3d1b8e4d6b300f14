// Who asks for a form that is open already gets into it, where they were: it is not fetched over what is typed.

const FIELDS = "input:not([type=hidden]), textarea, select, button[type=submit]";

/** Where somebody was last in a form. @type {WeakMap<HTMLFormElement, Element>} */
const last = new WeakMap();

document.addEventListener("focusin", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  if (form && event.target instanceof Element && event.target.matches(FIELDS)) last.set(form, event.target);
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const path = event.target.closest("a[hx-get]")?.getAttribute("hx-get");
  const form = path ? document.querySelector(`form[data-fresh="${CSS.escape(path)}"]`) : null;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const before = last.get(form);
  const field = before && form.contains(before) ? before : form.querySelector(FIELDS);
  if (field instanceof HTMLElement) field.focus();
}, true);
