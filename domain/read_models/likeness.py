"""How likely it is that two cases are about the same: what they share, weighed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

SIMILAR: Final = 0.4
"""From this share of common pieces on, two texts are called similar."""
ENOUGH: Final = 50
"""From so many points on, of a hundred, a case is a possible duplicate."""
HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PIECES: Final = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")


class Shared(StrEnum):
    """What two cases have in common."""

    CUSTOMER = auto()
    ORDER = auto()
    SERIAL = auto()
    PRODUCT = auto()
    WORDS = auto()
    TIME = auto()


POINTS: Final = {
    Shared.CUSTOMER: 35,
    Shared.ORDER: 25,
    Shared.SERIAL: 25,
    Shared.PRODUCT: 10,
    Shared.WORDS: 25,
    Shared.TIME: 15,
}
"""What each counts (ours); what is similar in words counts by how similar it is."""


@dataclass(frozen=True)
class Likeness:
    """How alike two cases are, of a hundred at most, and what they share, the weightiest first."""

    score: int
    shared: tuple[Shared, ...]

    @property
    def enough(self) -> bool:
        """Whether they may well be about the same."""
        return self.score >= ENOUGH


def likeness(shared: Collection[Shared], ours: str, theirs: str) -> Likeness:
    """Return how alike two cases are.

    It weighs the person (merged records count as one), the order, a unit's serial number, the
    product, the words of both, spelt as they are searched, and when they were raised. No single
    fact is enough: a customer has many cases, an order many parcels. Person and order are, order
    and unit are, so are a person's words that are mostly the same, and, as the least likely, two
    cases of a person that were raised one soon after the other, whatever the words.
    """
    alike = similarity(ours, theirs)
    facts = {each for each in shared if each is not Shared.WORDS}
    score = sum(POINTS[each] for each in facts) + alike * POINTS[Shared.WORDS]
    told = facts | ({Shared.WORDS} if alike >= SIMILAR else set())
    return Likeness(min(round(score), 100), tuple(each for each in POINTS if each in told))


def similarity(ours: str, theirs: str) -> float:
    """Return the share of pieces that two texts have in common, from 0 to 1."""
    one, other = pieces(ours), pieces(theirs)
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def pieces(text: str) -> frozenset[str]:
    """Return the words of a text; of Chinese, which has no blanks, each two characters in a row."""
    found: set[str] = set()
    for run in PIECES.findall(text):
        is_han = re.match(f"[{HAN}]", run) is not None
        pairs = (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        found |= {*pairs} if is_han else {run}
    return frozenset(found)
