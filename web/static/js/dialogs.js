// Dialogs open over the page and give the focus back; alerts can be dismissed.

/** @param {HTMLDialogElement} dialog */
export function openModal(dialog) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    // Whoever is somewhere else by now stays there.
    if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
  }, { once: true });
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  const opener = target.closest("[data-dialog]");
  if (opener instanceof HTMLElement) {
    const dialog = document.getElementById(opener.dataset.dialog ?? "");
    if (dialog instanceof HTMLDialogElement) openModal(dialog);
  }
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  if (target.closest("[data-dismiss]")) target.closest(".alert")?.remove();
});
