// A chosen file is put as text into the field that its input names, where it can be looked at and sent.

/** @param {File} file @returns {Promise<string | null>} The text of a file; null if it is none in UTF-8. */
async function textOf(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.fills) return;
  const field = document.getElementById(input.dataset.fills);
  const file = input.files?.[0];
  if (!(field instanceof HTMLTextAreaElement) || !file) return;
  const text = await textOf(file);
  const trouble = document.querySelector(`[data-unreadable="${CSS.escape(field.id)}"]`);
  if (trouble instanceof HTMLElement) {
    trouble.textContent = text === null ? trouble.dataset.says ?? "" : "";
    trouble.classList.toggle("d-block", text === null);
  }
  input.setAttribute("aria-invalid", String(text === null));
  field.value = text ?? "";
});
