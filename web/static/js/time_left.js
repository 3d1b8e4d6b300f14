// The time that is left goes down while one looks, and what is over goes up: said as the server says it.

const TICK = 1000;
const DAY = 86_400;
const HOUR = 3600;
const MINUTE = 60;

/** How lengths of time are said here. @type {Record<string, string>} */
const patterns = JSON.parse(document.body.dataset.lengths ?? "{}");

/** What a page said was left, and when by this page's own clock. @type {WeakMap<HTMLElement, {said: string, at: number}>} */
const known = new WeakMap();

/** @param {string} name @param {Record<string, number | string>} values */
function say(name, values) {
  return (patterns[name] ?? "").replace(/%\((\w+)\)[ds]/g, (_all, each) => String(values[each]));
}

/** In the two largest units. @param {number} seconds */
function lengthOf(seconds) {
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (days) return say(hours ? "dayHours" : "days", { days, hours });
  if (hours) return say(minutes ? "hourMinutes" : "hours", { hours, minutes });
  if (minutes) return say("minutes", { minutes });
  return say("seconds", { seconds: Math.floor(seconds) });
}

/** @param {HTMLElement} place */
function leftAt(place) {
  const said = place.dataset.timeLeft ?? "";
  let from = known.get(place);
  if (from?.said !== said) {
    from = { said, at: performance.now() };
    known.set(place, from);
  }
  return Number(said) - (performance.now() - from.at) / 1000;
}

function tick() {
  for (const place of document.querySelectorAll("[data-time-left]")) {
    if (!(place instanceof HTMLElement)) continue;
    const left = leftAt(place);
    const text = say(left > 0 ? "left" : "over", { length: lengthOf(Math.abs(left)) });
    if (!document.hidden && place.textContent !== text) place.textContent = text;
  }
}

if (patterns.left) {
  tick();
  window.setInterval(tick, TICK);
}
