// Drafts that this browser keeps: each person's own, by the form's subject; the newest 50, for 30 days.

const PREFIX = "draft";
const MOST = 50;
const LONGEST = 30 * 24 * 3600 * 1000;

/**
 * What is kept of a form. `saved` says whether the server has it; `other` is what was kept before and
 * nobody has taken or dropped yet, or what another tab has typed and the server does not have.
 * @typedef {{counter: number, at: number, pairs: [string, string][], saved: boolean, tab?: string, other?: Kept}} Kept
 */

/** What tells this page from others in the same browser. */
const TAB = `${Date.now()} ${Math.random()}`;

/** @param {string} person @param {string} subject */
function keyOf(person, subject) {
  return `${PREFIX} ${person} ${subject}`;
}

/** @param {string} key @returns {Kept | null} */
function at(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    return kept && Array.isArray(kept.pairs) ? kept : null;
  } catch {
    return null;
  }
}

/** @returns {string[]} */
function allKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX} `));
  } catch {
    return [];
  }
}

/** @param {string} person */
function keysOf(person) {
  return allKeys().filter((key) => key.startsWith(`${PREFIX} ${person} `));
}

/** @param {string} person @param {string} subject */
export function read(person, subject) {
  return at(keyOf(person, subject));
}

/** @param {Kept} one @param {Kept} another */
function isSame(one, another) {
  return JSON.stringify(one.pairs) === JSON.stringify(another.pairs);
}

/**
 * The first of what is kept, and of what was kept before it, that is not this text.
 * @param {Kept | null} kept @param {string} text @returns {Kept | null}
 */
export function unlike(kept, text) {
  let each = kept;
  while (each && JSON.stringify(each.pairs) === text) each = each.other ?? null;
  return each;
}

/**
 * Keeps a draft, and says whether it could.
 * @param {string} person @param {string} subject @param {Kept} kept
 */
export function write(person, subject, kept) {
  try {
    const there = read(person, subject);
    const isAnother = there && there.tab !== TAB && !there.saved && !isSame(there, kept);
    const other = kept.other ?? (isAnother ? { ...there, other: undefined } : there?.other);
    const isNews = other && !isSame(other, kept);
    localStorage.setItem(keyOf(person, subject), JSON.stringify({ ...kept, tab: TAB, other: isNews ? other : undefined }));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} key */
function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Where nothing can be kept, nothing is.
  }
}

/** @param {string} person @param {string} subject */
export function remove(person, subject) {
  drop(keyOf(person, subject));
}

/** @param {string} person */
export function removeAll(person) {
  keysOf(person).forEach(drop);
}

/** Whether this browser alone has something that the person typed. @param {string} person */
export function hasUnsaved(person) {
  return keysOf(person).some((key) => at(key)?.saved === false);
}

/** Drops what is too old, whosever it is, and of the person's what is too much. @param {string} person */
export function tidy(person) {
  const since = Date.now() - LONGEST;
  for (const key of allKeys()) if ((at(key)?.at ?? 0) < since) drop(key);
  const newest = keysOf(person).sort((one, two) => (at(two)?.at ?? 0) - (at(one)?.at ?? 0));
  newest.slice(MOST).forEach(drop);
}
