// Messages that wait to be sent: how many seconds are left to call one back, and then what became of it.

const STEP = 250;
const LATER = 1500;
const LONGEST = 60_000;

/** When each message is due, by this page's own clock. @type {Map<string, number>} */
const due = new Map();
let asked = 0;
let pause = LATER;

/** @param {HTMLElement} form */
function secondsOf(form) {
  const at = due.get(form.id) ?? performance.now() + Number(form.dataset.left) * 1000;
  due.set(form.id, at);
  return (at - performance.now()) / 1000;
}

function ask() {
  asked = performance.now();
  pause = Math.min(pause * 2, LONGEST);
  document.dispatchEvent(new CustomEvent("parts-asked"));
}

function tick() {
  const forms = [...document.querySelectorAll("form[data-left]")].filter((each) => each instanceof HTMLElement);
  if (!forms.length) pause = LATER;
  for (const form of forms) {
    const left = secondsOf(form);
    const place = form.querySelector("[data-countdown]");
    const said = left > 0 ? String(Math.ceil(left)) : "";
    if (place && place.textContent !== said) place.textContent = said;
  }
  const isLate = forms.some((form) => secondsOf(form) * 1000 < -LATER);
  if (isLate && !document.hidden && performance.now() - asked > pause) ask();
}

// Too late: the page says so, and shows what became of it.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const form = ctx.sourceElement;
  if (form instanceof HTMLElement && form.matches("form[data-left]") && ctx.response.status >= 400) ask();
});

window.setInterval(tick, STEP);
