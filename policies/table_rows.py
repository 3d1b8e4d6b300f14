"""Rows of tables as documents write them, and the tables that they become."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from domain.language.decision_table import DecisionTable, Input, Row
from policies.calendar_document import Document
from policies.document_text import Lines, Path

T = TypeVar("T")
R = TypeVar("R", bound="ConditionedRow")


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Values = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_as_list)]
"""The values of an input that fit: one, or a list of them."""


class ConditionedRow(Document):
    """A row of a table: it fits where each of its conditions (`when`) holds; none is always."""

    when: Mapping[str, Values] = {}

    def conditions(self) -> Mapping[str, frozenset[str]]:
        """Return the conditions as tables know them."""
        return {name: frozenset(values) for name, values in self.when.items()}


def table_of(
    inputs: tuple[Input, ...],
    path: Path,
    rows: Sequence[R],
    decides: Callable[[R], T],
    lines: Lines,
) -> DecisionTable[T]:
    """Return the table of the rows of a part of the document."""
    built = (
        Row(decides(row), row.conditions(), lines.of((*path, number)))
        for number, row in enumerate(rows)
    )
    return DecisionTable(inputs, tuple(built))
