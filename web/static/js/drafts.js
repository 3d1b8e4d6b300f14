// Nothing typed is lost: forms with data-draft are kept in this browser at once and on the server soon.
import { FORMS, formOf, hidden, pairsOf, show, showElsewhere, showOffer, shown, subjectOf } from "./draft_forms.js";
import { count, seenOf, stateOf, states } from "./draft_states.js";
import * as store from "./draft_store.js";

/** @typedef {import("./draft_store.js").Kept} Kept */
const PAUSE = 1500;
const RETRY = 15_000;
const LIMIT = 10_000;
/** What a browser still sends of a page that is going. */
const MOST_KEPT_ALIVE = 60_000;
/** Where forms stand. */
const PLACES = "[data-typing]";
const person = document.body.dataset.person ?? "";

/** Subjects of which neither the server nor this browser could keep what was typed. @type {Set<string>} */
const nowhere = new Set();
/** Forms that a swap is changing, by their subject. @type {Set<string>} */
const changing = new Set();
/** Forms of which a swap is changing a part. @type {Set<string>} */
const looked = new Set();
/** Forms that were looked at: another one of the same subject was rendered since. @type {WeakSet<HTMLFormElement>} */
const known = new WeakSet();

/** @param {string} subject @param {string} said */
function say(subject, said) {
  const place = shown(subject)?.querySelector("[data-draft-saved]");
  if (place && place.textContent !== said) place.textContent = said;
}

/** @param {string} subject */
function sayUnsaved(subject) {
  const place = shown(subject)?.querySelector("[data-draft-saved]");
  if (!(place instanceof HTMLElement)) return;
  say(subject, (nowhere.has(subject) ? place.dataset.nowhere : place.dataset.here) ?? "");
}

/**
 * Posts what is kept of a form; nothing if the server cannot be reached.
 * @param {string} path @param {string} subject @param {Kept} kept
 */
async function post(path, subject, kept) {
  const body = new URLSearchParams(kept.pairs);
  body.append("draft", subject);
  body.append("counter", String(kept.counter));
  // What is on its way may arrive without its answer: it is ours all the same.
  const state = stateOf(subject);
  body.append("known", seenOf(state));
  state.seen.add(kept.counter);
  // Another person may have signed in from another tab: theirs is not the place for this one's text.
  body.append("person", person);
  const form = shown(subject);
  const seen = form && hidden(form, "seen");
  if (seen) body.append("seen", seen.value);
  try {
    const headers = { "HX-Request": "true" };
    const keepalive = body.toString().length < MOST_KEPT_ALIVE;
    return await fetch(path, { method: "POST", body, headers, keepalive, signal: AbortSignal.timeout(LIMIT) });
  } catch {
    return null;
  }
}

/** @param {Kept} kept */
function isBlank(kept) {
  return kept.pairs.every(([, value]) => value.trim() === "");
}

/** @param {string} subject @param {Kept} kept */
function settle(subject, kept) {
  nowhere.delete(subject);
  if (isBlank(kept) && !kept.other) store.remove(person, subject);
  else store.write(person, subject, { ...kept, saved: true });
}

/** Saves what is kept of a subject, once. @param {string} subject */
function save(subject) {
  const state = stateOf(subject);
  const kept = state.kept;
  if (!kept) return;
  window.clearTimeout(state.timer);
  if (state.saving?.kept === kept) return state.saving.done;
  const done = put(subject, kept).finally(() => {
    if (state.saving?.kept === kept) state.saving = null;
  });
  state.saving = { kept, done };
  return done;
}

/** @param {string} subject @param {Kept} kept */
async function put(subject, kept) {
  const state = stateOf(subject);
  const blank = isBlank(kept);
  const response = await post(blank ? "/drafts/discard" : "/drafts", subject, kept);
  const answer = response?.ok && !blank ? await response.json().catch(() => null) : null;
  // Something newer was typed meanwhile, or it was sent: what comes late says nothing.
  if (state.kept !== kept) return;
  if (response?.ok && (blank || answer?.saved)) {
    state.kept = null;
    settle(subject, kept);
    say(subject, blank ? "" : answer.said);
    show(shown(subject), "[data-draft-discard]", !blank);
    return;
  }
  sayUnsaved(subject);
  // It is saved when somebody has signed in again, or when more is typed.
  if (response?.status === 401) {
    document.dispatchEvent(new CustomEvent("signed-out"));
    return;
  }
  if (answer?.elsewhere) {
    state.elsewhere = { ...answer.elsewhere, counter: answer.counter };
    showElsewhere(shown(subject), state.elsewhere);
    return;
  }
  // Another browser's clock is ahead: what is typed now is newer all the same.
  if (answer) state.counter = Math.max(state.counter, answer.counter);
  state.timer = window.setTimeout(() => again(subject), answer ? PAUSE : RETRY);
}

/** @param {string} subject */
function again(subject) {
  const form = shown(subject);
  if (form) touched(form);
  else save(subject);
}

/** Keeps a form here, and has it saved soon. @param {HTMLFormElement} form */
function touched(form) {
  const subject = subjectOf(form);
  const state = stateOf(subject);
  const counter = count(form);
  /** @type {Kept} */
  const kept = { counter, at: Date.now(), pairs: pairsOf(form), saved: false };
  state.text = JSON.stringify(kept.pairs);
  if (state.offered) kept.other = state.offered;
  state.kept = kept;
  if (store.write(person, subject, kept)) nowhere.delete(subject);
  else nowhere.add(subject);
  window.clearTimeout(state.timer);
  state.timer = window.setTimeout(() => save(subject), PAUSE);
}

/** Stops what would save a form that is being sent. @param {string} subject */
function stop(subject) {
  const state = stateOf(subject);
  window.clearTimeout(state.timer);
  state.kept = null;
}

/** Offers what this browser kept and the form does not have. @param {HTMLFormElement} form */
function offer(form) {
  const subject = subjectOf(form);
  const state = stateOf(subject);
  const rendered = Number(hidden(form, "counter")?.value ?? 0);
  state.counter = Math.max(state.counter, rendered);
  const isNew = !known.has(form);
  known.add(form);
  const text = JSON.stringify(pairsOf(form));
  if (isNew) {
    for (const each of (hidden(form, "known")?.value ?? "").split(" ").filter(Boolean)) state.seen.add(Number(each));
    if (state.elsewhere && state.seen.has(state.elsewhere.counter)) state.elsewhere = null;
    showElsewhere(form, state.elsewhere);
  }
  // It could not be saved before the form was fetched anew: nothing that is typed now may take its place.
  if (isNew && state.kept && JSON.stringify(state.kept.pairs) !== text) {
    state.offered ??= state.kept;
    stop(subject);
  }
  if (isNew) state.offered = store.unlike(state.offered, text);
  if (state.offered) showOffer(form, state.offered);
  if (state.kept || state.offered) return;
  state.text = text;
  const found = store.read(person, subject);
  const kept = found && found.counter <= rendered ? found.other : found;
  if (!kept || isBlank(kept) || JSON.stringify(kept.pairs) === state.text) {
    if (found && found.counter <= rendered) store.remove(person, subject);
    else if (found) store.write(person, subject, found);
    return;
  }
  state.offered = kept;
  showOffer(form, kept);
}

/** Has the server render the form anew, with the draft that it has by now. @param {HTMLFormElement} form */
function renew(form) {
  const path = form.dataset.fresh ?? window.location.pathname + window.location.search;
  const target = `#${form.id}`;
  htmx.ajax("GET", path, { target, swap: "outerHTML", select: target });
}

/** @param {HTMLFormElement} form */
async function take(form) {
  const subject = subjectOf(form);
  const state = stateOf(subject);
  if (!state.offered) return;
  window.clearTimeout(state.timer);
  const kept = { ...state.offered, counter: count(form), at: Date.now(), saved: false };
  state.kept = kept;
  state.offered = null;
  await save(subject);
  if (state.kept) {
    state.offered = kept;
    return;
  }
  // What was kept before it stays, to be offered after it.
  if (!kept.other) store.remove(person, subject);
  renew(form);
}

/** @param {HTMLFormElement} form */
function dropOffer(form) {
  const subject = subjectOf(form);
  const state = stateOf(subject);
  state.offered = store.unlike(state.offered?.other ?? null, JSON.stringify(pairsOf(form)));
  store.remove(person, subject);
  if (state.offered) {
    store.write(person, subject, state.offered);
    showOffer(form, state.offered);
  } else {
    show(form, "[data-draft-offer]", false);
  }
  if (state.kept) touched(form);
}

/** What was written elsewhere comes into the form; what is here is offered there. @param {HTMLFormElement} form */
function takeElsewhere(form) {
  const subject = subjectOf(form);
  const state = stateOf(subject);
  if (state.kept) {
    // What was offered before is offered after it; tabs share what the browser keeps, and the other one may
    // have written there since.
    state.offered = { ...state.kept, other: state.offered ?? undefined };
    store.write(person, subject, state.offered);
  }
  stop(subject);
  state.elsewhere = null;
  renew(form);
}

/** What is here takes the place of what was written elsewhere. @param {HTMLFormElement} form */
function keepThis(form) {
  const state = stateOf(subjectOf(form));
  if (state.elsewhere) state.seen.add(state.elsewhere.counter);
  state.elsewhere = null;
  showElsewhere(form, null);
  touched(form);
  save(subjectOf(form));
}

/** @param {HTMLFormElement} form @param {HTMLElement} button */
async function discard(form, button) {
  if (!window.confirm(button.dataset.sure)) return;
  const subject = subjectOf(form);
  stop(subject);
  const response = await post("/drafts/discard", subject, { counter: count(form), at: 0, pairs: [], saved: false });
  if (!response?.ok) {
    touched(form);
    return;
  }
  nowhere.delete(subject);
  store.remove(person, subject);
  renew(form);
}

function begin() {
  for (const form of document.querySelectorAll(FORMS)) {
    if (form instanceof HTMLFormElement) offer(form);
  }
}

/** @param {HTMLFormElement} form */
function isChanged(form) {
  return JSON.stringify(pairsOf(form)) !== stateOf(subjectOf(form)).text;
}

/** @param {Event} event */
function written(event) {
  const form = event.target instanceof Element ? formOf(event.target) : null;
  if (form && isChanged(form)) touched(form);
}

/** Saves at once what waits to be saved: the page, or a form of it, may be going. */
function flush() {
  return Promise.all([...states.keys()].map(save));
}

/** @type {Record<string, (form: HTMLFormElement, button: HTMLElement) => unknown>} */
const BUTTONS = {
  "[data-draft-take]": take,
  "[data-draft-drop]": dropOffer,
  "[data-draft-discard]": discard,
  "[data-draft-theirs]": takeElsewhere,
  "[data-draft-mine]": keepThis,
};

if (person) {
  store.tidy(person);
  document.addEventListener("typed", written);
  document.addEventListener("change", written);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    for (const [selector, act] of Object.entries(BUTTONS)) {
      const button = event.target.closest(selector);
      const form = formOf(button);
      if (form && button instanceof HTMLElement) act(form, button);
    }
  });
  // Before anything reads the form: what is sent has the highest counter.
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : null;
    if (form?.matches(FORMS)) {
      stop(subjectOf(form));
      count(form);
    } else if (form?.dataset.unsaved) {
      leave(event, form);
    }
  }, true);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) flush();
  });
  document.addEventListener("signed-in", flush);
  window.addEventListener("online", flush);
  window.addEventListener("beforeunload", (event) => {
    if (nowhere.size) event.preventDefault();
  });
  // What a person asks for may be a form, or take the place of one: it comes when what was typed is saved.
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    if (ctx.request.method !== "GET" || ![...states.values()].some((state) => state.kept)) return;
    const target = typeof ctx.target === "string" ? document.querySelector(ctx.target) : ctx.target;
    if (!(target instanceof Element) || !target.closest(`${PLACES}, ${FORMS}`)) return;
    const ask = ctx.fetch;
    ctx.fetch = async (/** @type {unknown[]} */ ...request) => {
      await flush();
      return ask(...request);
    };
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    const form = ctx.sourceElement;
    if (!(form instanceof HTMLFormElement && form.matches(FORMS))) return;
    const subject = subjectOf(form);
    if (ctx.response.status < 300) {
      sent(subject);
      return;
    }
    touched(form);
    changing.add(subject);
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    const form = ctx?.sourceElement;
    if (form instanceof HTMLFormElement && form.matches(FORMS) && form.isConnected) touched(form);
  });
  // A row that is added, a customer who is taken: the form is another one without a key being pressed.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    const target = typeof ctx.target === "string" ? document.querySelector(ctx.target) : ctx.target;
    const form = target instanceof Element ? formOf(target) : null;
    if (form && target !== form) looked.add(subjectOf(form));
    else if (form && formOf(ctx.sourceElement?.parentElement)) changing.add(subjectOf(form));
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const subject of changing) again(subject);
    changing.clear();
    // What is found is shown in a form, too: only what changes its fields is kept.
    for (const subject of looked) {
      const form = shown(subject);
      if (form && isChanged(form)) touched(form);
    }
    looked.clear();
    begin();
  });
  begin();
}

/** @param {string} subject */
function sent(subject) {
  stop(subject);
  changing.delete(subject);
  nowhere.delete(subject);
  stateOf(subject).offered = null;
  store.remove(person, subject);
}

/**
 * Whoever signs out leaves nothing behind in this browser; what only it has is asked about.
 * @param {Event} event @param {HTMLFormElement} form
 */
function leave(event, form) {
  if (store.hasUnsaved(person) && !window.confirm(form.dataset.unsaved)) {
    event.preventDefault();
    return;
  }
  for (const subject of states.keys()) stop(subject);
  store.removeAll(person);
  nowhere.clear();
}
