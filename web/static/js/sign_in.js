// The pages of signing in: a link's token, a password typed twice, a page that keeps nobody signed in.

/** @param {string} selector */
function reveal(selector) {
  for (const each of document.querySelectorAll(selector)) {
    if (each instanceof HTMLElement) each.hidden = false;
  }
}

if (!window.isSecureContext) reveal("[data-insecure]");

// The token stands behind the #, which no server is sent; it leaves the address before it is posted.
function openLink() {
  const link = document.querySelector("form[data-link]");
  const token = window.location.hash.slice(1);
  if (!(link instanceof HTMLFormElement) || !token) return;
  const field = link.elements.namedItem("token");
  if (field instanceof HTMLInputElement) field.value = token;
  for (const each of document.querySelectorAll("[data-incomplete]")) each.remove();
  window.history.replaceState(null, "", window.location.pathname);
  link.hidden = false;
  link.requestSubmit();
}

openLink();
window.addEventListener("hashchange", openLink);

for (const form of document.querySelectorAll("form[data-repeat]")) {
  const first = form.querySelector("[data-new-password]");
  const second = form.querySelector("[data-repeated]");
  if (!(form instanceof HTMLFormElement && first instanceof HTMLInputElement && second instanceof HTMLInputElement)) continue;
  form.addEventListener("input", () => {
    second.setCustomValidity(first.value === second.value ? "" : form.dataset.repeat ?? "");
  });
}
