// A filter that is chosen is applied: the address has it, so that the browser's back button undoes it.

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof HTMLSelectElement && target.hasAttribute("data-submit")) {
    target.form?.requestSubmit();
  }
});

// Back, the list is that of the address; so are its filters, also where the browser kept the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[method=get][autocomplete=off]")) {
    if (form instanceof HTMLFormElement) form.reset();
  }
});

// What was left empty does not stand in the address.
document.addEventListener("formdata", (event) => {
  if (!(event.target instanceof HTMLFormElement) || event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// One box chooses all rows of the page.
document.addEventListener("change", (event) => {
  const target = event.target;
  if (!(target instanceof HTMLInputElement) || !target.hasAttribute("data-choose-all")) return;
  for (const box of document.querySelectorAll("input.row-choice")) {
    if (box instanceof HTMLInputElement) box.checked = target.checked;
  }
});
