// What this page knows of each form whose draft is kept.
import { hidden, subjectOf } from "./draft_forms.js";

/** @typedef {import("./draft_forms.js").Elsewhere} Elsewhere */
/** @typedef {import("./draft_store.js").Kept} Kept */
/**
 * What is known of a subject: the last counter, what the form had in it when it was last looked at,
 * what is to be saved, the timer that will, and what this browser kept before and offers.
 * `seen` has the counters of the drafts that this page showed or wrote: another one, `elsewhere`, is replaced only
 * when the person says so.
 * @typedef {{counter: number, text: string, kept: Kept | null, timer: number, offered: Kept | null,
 *   saving: {kept: Kept, done: Promise<void>} | null, seen: Set<number>, elsewhere: Elsewhere | null}} State
 */

const MOST_SEEN = 50;

/** @type {Map<string, State>} */
export const states = new Map();

/** @param {string} subject @returns {State} */
export function stateOf(subject) {
  const state = states.get(subject);
  if (state) return state;
  /** @type {State} */
  const begun = { counter: 0, text: "", kept: null, timer: 0, offered: null, saving: null, seen: new Set(), elsewhere: null };
  states.set(subject, begun);
  return begun;
}

/**
 * The next counter: a later change has a higher one, in whichever tab or browser it is made.
 * @param {HTMLFormElement} form
 */
export function count(form) {
  const state = stateOf(subjectOf(form));
  state.counter = Math.max(state.counter + 1, Date.now());
  const field = hidden(form, "counter");
  if (field) field.value = String(state.counter);
  const seen = hidden(form, "known");
  if (seen) seen.value = seenOf(state);
  return state.counter;
}

/** @param {State} state */
export function seenOf(state) {
  return [...state.seen].slice(-MOST_SEEN).join(" ");
}
