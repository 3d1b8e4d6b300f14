"""Into which categories a case may be sorted: those of its policy, or else the kind's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.engine.case import Case
from domain.language.categories import Category, find_category

OfPolicy = Callable[[Case], Sequence[Category] | None]


def _none_chosen(_case: Case) -> None:
    return None


@dataclass(frozen=True)
class Categories:
    """The categories of a kind.

    Args:
        built_in: the kind's own, which its rules name.
        of_policy: those that a case's policy has instead; None if it says nothing of the kind.
    """

    built_in: tuple[Category, ...] = ()
    of_policy: OfPolicy = _none_chosen

    def of(self, case: Case) -> Sequence[Category]:
        """Return the categories into which a case may be sorted."""
        chosen = self.of_policy(case)
        return self.built_in if chosen is None else chosen

    def own(self, case: Case, code: str | None) -> str | None:
        """Return the kind's own category as which its rules take one of the case's."""
        found = find_category(self.of(case), code)
        return found.own if found else code


NO_CATEGORIES: Final = Categories()
