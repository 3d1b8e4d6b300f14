"""How a policy's document has cases sorted by their words, and what is wrong with that."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from cases import CURRENT
from cases.common.classification import Severity, Urgency
from domain.language.categories import CATEGORY
from domain.language.decision_table import Input
from domain.language.sorting import SEVERITY, Clue, Grade, Sorting, folded
from policies.calendar_document import Document
from policies.category_document import CategoriesDocument, codes_under
from policies.document_text import DocumentFault, Lines, Path, fault_at
from policies.inputs import CHANNEL, PRODUCT, PRODUCT_LINE, TIER
from policies.table_rows import ConditionedRow

MAX_WORD = 40


def _no_zero(weight: int) -> int:
    if not weight:
        raise PydanticCustomError("no_weight", "a clue weighs something")
    return weight


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORD)]
Words = Annotated[tuple[Word, ...], Field(max_length=500)]
Weight = Annotated[int, Field(strict=True, ge=-20, le=20), AfterValidator(_no_zero)]


class _Row(ConditionedRow):
    """A row that fits where one of its words is said, and each condition of `when` holds."""

    words: Words = ()

    @property
    def folded_words(self) -> tuple[str, ...]:
        """The words as they are looked for."""
        return tuple(dict.fromkeys(folded(each) for each in self.words))


class ClueDocument(_Row):
    """Words that speak for a category, each with this weight; below zero they speak against it."""

    category: str
    words: Annotated[Words, Field(min_length=1)]
    weight: Weight = 1

    def build(self) -> Clue:
        """Return it as the kinds know it."""
        return Clue(self.category, self.folded_words, self.weight, self.conditions())


class SeverityDocument(_Row):
    """The severity of cases of which this is said; without words, of all that `when` fits."""

    severity: Severity

    def build(self) -> Grade:
        """Return it as the kinds know it."""
        return Grade(self.severity.value, self.folded_words, self.conditions())


class UrgencyDocument(_Row):
    """The urgency of such cases."""

    urgency: Urgency

    def build(self) -> Grade:
        """Return it as the kinds know it."""
        return Grade(self.urgency.value, self.folded_words, self.conditions())


class SortingDocument(Document):
    """How cases of a kind are sorted by the words with which they are raised.

    Args:
        clues: for and against categories; the one for which most is said is proposed.
        severity: rows, of which the first that fits counts; they may ask for the category.
        urgency: likewise; they may ask for the severity, too.
        decides: whether an accepted case is classified so, and not only proposed to be.
    """

    clues: Annotated[tuple[ClueDocument, ...], Field(min_length=1)]
    severity: tuple[SeverityDocument, ...] = ()
    urgency: tuple[UrgencyDocument, ...] = ()
    decides: bool = False

    def build(self) -> Sorting:
        """Return it as the kinds know it."""
        return Sorting(
            tuple(each.build() for each in self.clues),
            tuple(each.build() for each in self.severity),
            tuple(each.build() for each in self.urgency),
            self.decides,
        )


SortingsDocument = Mapping[str, SortingDocument]
"""By kind; one that is not named is sorted as the kind itself says."""

Part = Literal["clues", "severity", "urgency"]


def sorting_faults(
    document: SortingsDocument, categories: CategoriesDocument, lines: Lines
) -> Iterator[DocumentFault]:
    """Yield what is wrong with how the kinds are sorted."""
    for kind, sorting in document.items():
        path: Path = ("classification", kind)
        if kind not in CURRENT:
            yield _fault(path, "unknown_kind", lines, kinds=sorted(CURRENT))
            continue
        known = codes_under(categories, kind)
        for number, clue in enumerate(sorting.clues):
            if clue.category not in known:
                where = (*path, "clues", number, CATEGORY)
                yield _fault(where, "no_such_category", lines, known=[*known])
        if sorting.severity and SEVERITY not in CURRENT[kind].forms["classify"].model_fields:
            yield _fault((*path, SEVERITY), "no_severity", lines)
        yield from _conditions(path, sorting, known, lines)


def _conditions(
    path: Path, sorting: SortingDocument, known: Sequence[str], lines: Lines
) -> Iterator[DocumentFault]:
    """Yield conditions that ask for what is not known yet, or cannot be."""
    category = Input(CATEGORY, frozenset(known))
    severity = Input(SEVERITY, frozenset(each.value for each in Severity))
    start = (CHANNEL, TIER, PRODUCT_LINE, PRODUCT)
    parts: Mapping[Part, tuple[Sequence[_Row], Sequence[Input]]] = {
        "clues": (sorting.clues, start),
        "severity": (sorting.severity, (*start, category)),
        "urgency": (sorting.urgency, (*start, category, severity)),
    }
    for part, (rows, inputs) in parts.items():
        by_name = {each.name: each for each in inputs}
        for number, row in enumerate(rows):
            for name, values in row.when.items():
                where = (*path, part, number, "when", name)
                if name not in by_name:
                    asks = {"name": name, "known": sorted(by_name)}
                    yield _fault(where, "table_unknown_input", lines, **asks)
                elif wrong := _wrong(by_name[name], values):
                    allowed = sorted(by_name[name].values or ())
                    asks = {"name": name, "value": wrong, "known": allowed}
                    yield _fault(where, "table_unknown_value", lines, **asks)


def _wrong(asked: Input, values: Sequence[str]) -> str | None:
    """Return a value that an input cannot have."""
    if asked.values is None:
        return None
    return next((each for each in values if each not in asked.values), None)


def _fault(path: Path, code: str, lines: Lines, **params: Any) -> DocumentFault:
    return fault_at(path, code, lines, params)
