// A chosen file is put as text into the field that its input names, where it can be looked at and sent.

document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.fills) return;
  const field = document.getElementById(input.dataset.fills);
  const file = input.files?.[0];
  if (field instanceof HTMLTextAreaElement && file) field.value = await file.text();
});
