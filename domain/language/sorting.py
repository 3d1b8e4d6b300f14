"""Sorts a case by the words with which it was raised: rules as data, each result with its reasons.

Words are looked for as they are written, without regard to case and width: no expressions. What is
said for and against each category is added up; severity and urgency are those of the first row that
fits, which may ask for what was found before.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.language.categories import CATEGORY

Conditions = Mapping[str, frozenset[str]]

SEVERITY: Final = "severity"
URGENCY: Final = "urgency"
GRADES: Final = (SEVERITY, URGENCY)


@dataclass(frozen=True)
class Clue:
    """Words that speak for a category, or against it where the weight is below zero.

    Each of its words counts once, however often it is said. `when` must hold as well.
    """

    category: str
    words: tuple[str, ...]
    weight: int = 1
    when: Conditions = field(default_factory=dict)


@dataclass(frozen=True)
class Grade:
    """A severity or urgency: that of cases of which one of the words is said, and `when` holds.

    Without words it fits whatever is said.
    """

    value: str
    words: tuple[str, ...] = ()
    when: Conditions = field(default_factory=dict)


@dataclass(frozen=True)
class Sorting:
    """How cases of a kind are sorted by their words.

    Args:
        clues: for categories.
        severities: of which the first that fits counts; none says nothing of it.
        urgencies: likewise, knowing the severity.
        decides: whether an accepted case is classified by it, where something speaks for a
            category; else it is only proposed.
    """

    clues: tuple[Clue, ...] = ()
    severities: tuple[Grade, ...] = ()
    urgencies: tuple[Grade, ...] = ()
    decides: bool = False


NO_SORTING: Final = Sorting()


@dataclass(frozen=True)
class Reason:
    """Why a field has a value: the words that were found for it, those that weigh most first."""

    field: str
    value: str
    words: tuple[str, ...]


def sort_words(sorting: Sorting, words: str, asked: Mapping[str, str | None]) -> list[Reason]:
    """Return what the words make of a case; a category only if something speaks for one."""
    text = folded(words)
    known = dict(asked)
    reasons = []
    if (category := _category(sorting.clues, text, known)) is not None:
        reasons.append(category)
        known[CATEGORY] = category.value
    for name, rows in zip(GRADES, (sorting.severities, sorting.urgencies), strict=True):
        if (grade := _grade(name, rows, text, known)) is not None:
            reasons.append(grade)
            known[name] = grade.value
    return reasons


def folded(text: str) -> str:
    """Return a text as words are looked for in it: lower case, of one width."""
    return unicodedata.normalize("NFKC", text).lower()


def _category(clues: Sequence[Clue], text: str, known: Mapping[str, str | None]) -> Reason | None:
    """Return the category for which most is said; of equals the one that is said first."""
    scores: dict[str, int] = {}
    said: dict[str, list[tuple[int, int, str]]] = {}
    for clue in clues:
        for place, word in _found(clue.words, text) if _holds(clue.when, known) else ():
            scores[clue.category] = scores.get(clue.category, 0) + clue.weight
            if clue.weight > 0:
                said.setdefault(clue.category, []).append((-clue.weight, place, word))
    for_it = {each: score for each, score in scores.items() if score > 0}
    if not for_it:
        return None
    best = min(for_it, key=lambda each: (-for_it[each], min(place for _, place, _ in said[each])))
    words = dict.fromkeys(word for *_, word in sorted(said[best]))
    return Reason(CATEGORY, best, tuple(words))


def _grade(
    name: str, rows: Sequence[Grade], text: str, known: Mapping[str, str | None]
) -> Reason | None:
    for row in rows:
        found = [word for _, word in _found(row.words, text)]
        if (found or not row.words) and _holds(row.when, known):
            return Reason(name, row.value, tuple(found))
    return None


def _found(words: Sequence[str], text: str) -> Iterator[tuple[int, str]]:
    places = ((text.find(word), word) for word in words)
    return ((place, word) for place, word in places if place >= 0)


def _holds(when: Conditions, known: Mapping[str, str | None]) -> bool:
    return all(known.get(name) in values for name, values in when.items())
